import type { ModelInput } from '../../../src/cloud/provider.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { awsContext, type ModelPart } from './context.ts';

/** In the order in which a cluster is understood: network, firewall, who may what, machines. */
const parts: readonly ModelPart[] = [];

/** Completed cluster → everything it needs on AWS. Pure; names, tags and rules are kops'. */
export function modelCluster(input: ModelInput): DesiredResource[] {
  const context = awsContext(input);
  return parts.flatMap((part) => part(context));
}
