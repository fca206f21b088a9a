import { KopsError } from '../lib/errors.ts';
import { apiVersion, type Cluster, clusterLabel, type InstanceGroup, type InstanceGroupRole } from '../spec/types.ts';
import { type Change, requireGroup } from './edit-objects.ts';
import type { Operator } from './operator.ts';
import { assigned } from './store-new-cluster.ts';
import { readSpecs, type StoredSpecs } from './stored-clusters.ts';

export interface NewGroupOptions {
  role: InstanceGroupRole;
  /** Names of subnets; with none, `zones` tell. */
  subnets: readonly string[];
  zones?: readonly string[];
  /** A person's own changes before it is checked and stored. */
  change?: Change<InstanceGroup>;
  /** Makes and checks the group, stores nothing. */
  dryRun?: boolean;
}

/** A new instance group, checked with its cluster. Nothing runs yet. Throws INSTANCE_GROUP_EXISTS, SpecError with all findings. */
export async function createInstanceGroup(operator: Operator, cluster: string, name: string, options: NewGroupOptions): Promise<InstanceGroup> {
  const stored = await readSpecs(operator, cluster);
  if (stored.instanceGroups.some((group) => group.metadata.name === name)) throw exists(cluster, name);
  const wished = newGroup(stored.cluster, name, options);
  const group = await checked(operator, stored, options.change ? await options.change(wished) : wished);
  if (options.dryRun) return group;
  return (await operator.store.putInstanceGroup(cluster, group, 'create')).value;
}

/** Throws what `createInstanceGroup` would throw for this group; stores nothing. */
export async function checkNewGroup(operator: Operator, cluster: string, group: InstanceGroup): Promise<void> {
  await checked(operator, await readSpecs(operator, cluster), group);
}

async function checked(operator: Operator, stored: StoredSpecs, group: InstanceGroup): Promise<InstanceGroup> {
  const made = await assigned(operator, { cluster: stored.cluster, instanceGroups: [...stored.instanceGroups, group] });
  return requireGroup(made, group.metadata.name);
}

function newGroup(cluster: Cluster, name: string, { role, subnets, zones = [] }: NewGroupOptions): InstanceGroup {
  const size = role === 'Node' ? 2 : 1;
  return {
    apiVersion,
    kind: 'InstanceGroup',
    metadata: { labels: { [clusterLabel]: cluster.metadata.name }, name },
    spec: { maxSize: size, minSize: size, nodeLabels: { 'kops.k8s.io/instancegroup': name }, role, subnets: subnets.length > 0 ? [...subnets] : subnetsOf(cluster, zones) },
  };
}

function subnetsOf(cluster: Cluster, zones: readonly string[]): string[] {
  const all = (cluster.spec.subnets ?? []).filter((subnet) => subnet.type !== 'Utility');
  const found = all.filter((subnet) => zones.includes(subnet.zone ?? '')).map((subnet) => subnet.name);
  if (found.length > 0) return found;
  throw new KopsError('cannot create instance group without subnets; specify --subnet flag(s)', {
    code: 'NO_SUBNETS',
    exit: 'usage',
    object: cluster.metadata.name,
    suggestions: [`--subnet ${all.map((subnet) => subnet.name).join(',')}`],
  });
}

function exists(cluster: string, name: string): KopsError {
  return new KopsError(`instance group "${name}" already exists in cluster ${cluster}`, {
    code: 'INSTANCE_GROUP_EXISTS',
    exit: 'conflict',
    object: name,
    suggestions: [`kops-ts edit ig ${name} --name ${cluster}`],
  });
}
