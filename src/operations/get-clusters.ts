import type { UserSpecs } from '../spec/complete.ts';
import type { AddonObject, Cluster, SSHCredential } from '../spec/types.ts';
import { readAddons } from './addons.ts';
import type { Operator } from './operator.ts';
import { readSshCredentials } from './ssh-public-keys.ts';
import { readSpecs } from './stored-clusters.ts';

/** Stored clusters, or the one that is named. Those that cannot be read are warned of and left out. Throws CLUSTER_NOT_FOUND. */
export async function getClusters(operator: Operator, name?: string): Promise<Cluster[]> {
  if (name !== undefined) return [(await operator.store.getCluster(name)).value];
  const { clusters, problems } = await operator.store.listClusters();
  for (const { error } of problems) operator.onEvent({ type: 'warning', message: error.message });
  return clusters;
}

/** One cluster's specs. Throws CLUSTER_NOT_FOUND. */
export function getSpecs(operator: Operator, name: string): Promise<UserSpecs> {
  return readSpecs(operator, name);
}

/** Everything that is stored of one cluster and may stand in a file. Throws CLUSTER_NOT_FOUND. */
export async function getAll(operator: Operator, name: string): Promise<UserSpecs & { sshCredentials: SSHCredential[]; addons: AddonObject[] }> {
  const [specs, sshCredentials, addons] = await Promise.all([readSpecs(operator, name), readSshCredentials(operator, name), readAddons(operator, name)]);
  return { ...specs, sshCredentials, addons };
}
