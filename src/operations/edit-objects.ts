import { KopsError } from '../lib/errors.ts';
import { deepEqual } from '../lib/json.ts';
import { nearest } from '../lib/text.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { type Cluster, clusterLabel, type InstanceGroup, type KopsObject } from '../spec/types.ts';
import { clusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { readSpecs } from './stored-clusters.ts';

/** How an object is to change: pure; may ask a person. */
export type Change<T> = (object: T) => T | Promise<T>;

/** Changes the cluster's spec. The whole cluster is checked before anything is stored. Returns false when nothing changed. */
export async function editCluster(operator: Operator, name: string, change: Change<Cluster>): Promise<boolean> {
  const stored = await readSpecs(operator, name);
  const changed = await change(stored.cluster);
  if (deepEqual(changed, stored.cluster)) return false;
  await checkWith(operator, stored, changed);
  await operator.store.putCluster(changed, stored.etags.cluster);
  return true;
}

/** Changes one instance group. Throws INSTANCE_GROUP_NOT_FOUND with the nearest name. */
export async function editInstanceGroup(operator: Operator, name: string, groupName: string, change: Change<InstanceGroup>): Promise<boolean> {
  const stored = await readSpecs(operator, name);
  const group = requireGroup(stored, groupName);
  const changed = await change(group);
  if (deepEqual(changed, group)) return false;
  await checkWith(operator, stored, changed);
  await operator.store.putInstanceGroup(name, changed, { etag: stored.etags.instanceGroups[groupName] ?? '' });
  return true;
}

/** Throws what `editCluster` and `editInstanceGroup` would throw for the changed object; stores nothing. */
export async function checkChange(operator: Operator, name: string, changed: Cluster | InstanceGroup): Promise<void> {
  await checkWith(operator, await readSpecs(operator, name), changed);
}

async function checkWith(operator: Operator, stored: UserSpecs, changed: Cluster | InstanceGroup): Promise<void> {
  const before = changed.kind === 'Cluster' ? stored.cluster : stored.instanceGroups.find((group) => group.metadata.name === changed.metadata.name);
  if (before?.metadata.name !== changed.metadata.name) throw identityChanged(changed);
  const instanceGroups = stored.instanceGroups.map((group) => (changed.kind === 'InstanceGroup' && group === before ? changed : group));
  await clusterContext(operator, { cluster: changed.kind === 'Cluster' ? changed : stored.cluster, instanceGroups });
}

/** Throws INSTANCE_GROUP_NOT_FOUND with the nearest name. */
export function requireGroup({ cluster, instanceGroups }: UserSpecs, name: string): InstanceGroup {
  const found = instanceGroups.find((group) => group.metadata.name === name);
  if (found) return found;
  const near = nearest(
    name,
    instanceGroups.map((group) => group.metadata.name),
  );
  throw new KopsError(`InstanceGroup "${name}" not found in cluster ${cluster.metadata.name}`, {
    code: 'INSTANCE_GROUP_NOT_FOUND',
    exit: 'notFound',
    object: name,
    suggestions: [...(near === undefined ? [] : [`Did you mean ${near}?`]), `kops-ts get instancegroups --name ${cluster.metadata.name}`],
  });
}

/** The cluster an object of a file belongs to. */
export function clusterNameOf(object: KopsObject): string {
  if (object.kind === 'Cluster') return object.metadata.name;
  const label = object.metadata.labels?.[clusterLabel];
  if (label !== undefined) return label;
  throw new KopsError(`${object.kind}/${object.metadata.name} does not say which cluster it belongs to`, {
    code: 'NO_CLUSTER_LABEL',
    exit: 'invalid',
    object: object.metadata.name,
    suggestions: [`Give it the label ${clusterLabel}: NAME`],
  });
}

function identityChanged(changed: KopsObject): KopsError {
  return new KopsError(`there is no ${changed.kind}/${changed.metadata.name} to change: kind and name of an object stay`, {
    code: 'IDENTITY_CHANGED',
    exit: 'invalid',
    object: changed.metadata.name,
    suggestions: ['Make a new one with kops-ts create -f, then delete the old one.'],
  });
}
