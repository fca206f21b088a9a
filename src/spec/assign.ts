import { deepClone } from '../lib/json.ts';
import type { UserSpecs } from './complete.ts';
import { getPath, setPath } from './path.ts';
import type { CompletedCluster } from './types.ts';

const clusterPaths = [['networkCIDR'], ['nonMasqueradeCIDR']];
/** Clients have it in their kubeconfigs. */
const publicDnsPaths = [['masterPublicName']];
const providerOnlyPaths = [['podCIDR'], ['serviceClusterIPRange']];
const groupPaths = [['image'], ['machineType']];

/**
 * Copies into the user's own objects what must never move by itself once the cluster exists: address blocks, machine types, images.
 * A later version with other defaults then changes nothing of a cluster that stands.
 */
export function assignStable(user: UserSpecs, completed: CompletedCluster): UserSpecs {
  const cluster = deepClone(user.cluster);
  const fromProvider = providerOnlyPaths.filter(([name]) => completed.provenance.cluster[`spec.${name}`] === 'provider');
  const fromDns = cluster.spec.topology?.dns?.type === 'Public' ? publicDnsPaths : [];
  for (const path of [...clusterPaths, ...fromDns, ...fromProvider]) copy(completed.cluster.spec, cluster.spec, path);
  for (const [i] of (cluster.spec.subnets ?? []).entries()) copy(completed.cluster.spec, cluster.spec, ['subnets', i, 'cidr']);
  const instanceGroups = user.instanceGroups.map((group) => {
    const mine = deepClone(group);
    const full = completed.instanceGroups.find((other) => other.metadata.name === group.metadata.name);
    for (const path of groupPaths) copy(full?.spec, mine.spec, path);
    return mine;
  });
  return { cluster, instanceGroups };
}

function copy(from: unknown, to: Record<string, unknown>, path: readonly (string | number)[]): void {
  const value = getPath(from, path);
  if (value !== undefined && getPath(to, path) === undefined) setPath(to, path, value);
}
