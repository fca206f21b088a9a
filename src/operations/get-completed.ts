import type { CompletedCluster } from '../spec/types.ts';
import { clusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { readSpecs } from './stored-clusters.ts';

/** The cluster with everything filled in, and where each value came from. */
export async function getCompleted(operator: Operator, name: string): Promise<CompletedCluster> {
  return (await clusterContext(operator, await readSpecs(operator, name))).completed;
}
