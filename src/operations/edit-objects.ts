import { KopsError } from '../lib/errors.ts';
import { deepEqual } from '../lib/json.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { requireValid } from '../spec/findings.ts';
import { validateChange } from '../spec/rules/change.ts';
import { type Cluster, clusterLabel, type InstanceGroup, isAddon, type KopsObject, type SpecObject } from '../spec/types.ts';
import { instanceGroupNotFound } from '../state/state-errors.ts';
import type { Operator } from './operator.ts';
import { assigned } from './store-new-cluster.ts';
import { readSpecs } from './stored-clusters.ts';

/** How an object is to change: pure; may ask a person. */
export type Change<T> = (object: T) => T | Promise<T>;

/** Changes the cluster's spec. The whole cluster is checked before anything is stored. Returns false when nothing changed. */
export async function editCluster(operator: Operator, name: string, change: Change<Cluster>): Promise<boolean> {
  const stored = await readSpecs(operator, name);
  const changed = await change(stored.cluster);
  if (deepEqual(changed, stored.cluster)) return false;
  const { cluster } = await assignedWith(operator, stored, changed);
  await operator.store.putCluster(cluster, stored.etags.cluster);
  return true;
}

/** Changes one instance group. Throws INSTANCE_GROUP_NOT_FOUND with the nearest name. */
export async function editInstanceGroup(operator: Operator, name: string, groupName: string, change: Change<InstanceGroup>): Promise<boolean> {
  const stored = await readSpecs(operator, name);
  const group = requireGroup(stored, groupName);
  const changed = await change(group);
  if (deepEqual(changed, group)) return false;
  const made = requireGroup(await assignedWith(operator, stored, changed), groupName);
  await operator.store.putInstanceGroup(name, made, { etag: stored.etags.instanceGroups[groupName] ?? '' });
  return true;
}

/** Throws what `editCluster` and `editInstanceGroup` would throw for the changed object; stores nothing. */
export async function checkChange(operator: Operator, name: string, changed: Cluster | InstanceGroup): Promise<void> {
  await assignedWith(operator, await readSpecs(operator, name), changed);
}

/** The specs with the change, checked as a whole; a subnet that is new keeps the block it gets now. */
async function assignedWith(operator: Operator, stored: UserSpecs, changed: Cluster | InstanceGroup): Promise<UserSpecs> {
  const before = changed.kind === 'Cluster' ? stored.cluster : stored.instanceGroups.find((group) => group.metadata.name === changed.metadata.name);
  if (before?.metadata.name !== changed.metadata.name) throw identityChanged(changed);
  const instanceGroups = stored.instanceGroups.map((group) => (changed.kind === 'InstanceGroup' && group === before ? changed : group));
  const user = { cluster: changed.kind === 'Cluster' ? changed : stored.cluster, instanceGroups };
  requireValid(validateChange(stored, user));
  return assigned(operator, user);
}

/** Throws INSTANCE_GROUP_NOT_FOUND with the nearest name. */
export function requireGroup({ cluster, instanceGroups }: UserSpecs, name: string): InstanceGroup {
  const found = instanceGroups.find((group) => group.metadata.name === name);
  if (found) return found;
  throw instanceGroupNotFound(
    name,
    cluster.metadata.name,
    instanceGroups.map((group) => group.metadata.name),
  );
}

/** The cluster an object of a file belongs to. */
export function clusterNameOf(object: SpecObject): string {
  if (!isAddon(object) && object.kind === 'Cluster') return object.metadata.name;
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
