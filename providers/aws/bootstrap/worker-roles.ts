import type { Facts } from '../../../src/cloud/provider.ts';
import type { CompletedCluster, InstanceGroup } from '../../../src/spec/types.ts';
import { iamName } from '../model/names.ts';

/** Names of the IAM roles that workers have: the cluster's own, or those in the instance profiles that groups bring along. */
export function workerRoles({ cluster, instanceGroups }: CompletedCluster, facts: Facts): string[] {
  const workers = instanceGroups.filter(({ spec }) => spec.role === 'Node');
  return [...new Set(workers.flatMap((group) => rolesOf(group, cluster.metadata.name, facts)))].sort();
}

function rolesOf({ spec }: InstanceGroup, clusterName: string, facts: Facts): string[] {
  const profile = (spec.iam as { profile?: string } | undefined)?.profile;
  if (profile === undefined) return [iamName('Node', clusterName)];
  // A spec may give it by its ARN.
  const name = profile.split('/').at(-1) ?? '';
  return facts.instanceProfiles?.[name]?.roles ?? [name];
}
