import type { ModelInput } from '../../../src/cloud/provider.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { autoscalingGroups, lifecycleHooks } from './autoscaling.ts';
import { awsContext, type ModelPart } from './context.ts';
import { dns } from './dns.ts';
import { documents } from './documents.ts';
import { events } from './events.ts';
import { firewall } from './firewall.ts';
import { instanceRoles } from './iam.ts';
import { keyPairs } from './key-pair.ts';
import { launchTemplates } from './launch-template.ts';
import { loadBalancers } from './load-balancers.ts';
import { network } from './network.ts';
import { oidcProviders } from './oidc.ts';
import { routes } from './routes.ts';
import { serviceAccountRoles } from './service-accounts.ts';
import { subnets } from './subnets.ts';
import { etcdVolumes } from './volumes.ts';

/** In the order in which a cluster is understood: network, firewall, who may what, machines. */
const parts: readonly ModelPart[] = [
  network,
  subnets,
  routes,
  firewall,
  instanceRoles,
  oidcProviders,
  serviceAccountRoles,
  keyPairs,
  etcdVolumes,
  events,
  documents,
  loadBalancers,
  dns,
  launchTemplates,
  autoscalingGroups,
  lifecycleHooks,
];

/** Completed cluster → everything it needs on AWS. Pure; names, tags and rules are kops'. */
export function modelCluster(input: ModelInput): DesiredResource[] {
  const context = awsContext(input);
  return parts.flatMap((part) => part(context));
}
