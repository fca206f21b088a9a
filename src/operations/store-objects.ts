import { KopsError } from '../lib/errors.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { requireValid } from '../spec/findings.ts';
import { validateChange } from '../spec/rules/change.ts';
import type { Cluster, InstanceGroup, KopsObject, SSHCredential } from '../spec/types.ts';
import { clusterNameOf, requireGroup } from './edit-objects.ts';
import type { Operator } from './operator.ts';
import { assigned, storeNewCluster } from './store-new-cluster.ts';
import { isStored, readSpecs } from './stored-clusters.ts';

/** What happened to each object of a file: `Replaced Cluster/demo.k8s.local`. */
export interface StoredObject {
  verb: 'Created' | 'Replaced';
  object: KopsObject;
  cluster: string;
}

/** `replace -f`: objects that exist take the file's content; `force` also makes what is missing. Each cluster is checked as a whole before anything of it is stored. */
export async function replaceObjects(operator: Operator, objects: readonly KopsObject[], options: { force: boolean }): Promise<StoredObject[]> {
  const results: StoredObject[] = [];
  for (const [name, own] of byCluster(objects)) {
    const isNew = options.force && own.some((object) => object.kind === 'Cluster') && !(await isStored(operator, name));
    results.push(...(isNew ? await createOne(operator, name, own) : await replaceOne(operator, name, own, options)));
  }
  return results;
}

/** `create -f`: nothing of it may exist yet. */
export async function createObjects(operator: Operator, objects: readonly KopsObject[]): Promise<StoredObject[]> {
  const results: StoredObject[] = [];
  for (const [name, own] of byCluster(objects)) {
    const whole = own.some((object) => object.kind === 'Cluster');
    results.push(...(whole ? await createOne(operator, name, own) : await addToCluster(operator, name, own)));
  }
  return results;
}

async function createOne(operator: Operator, name: string, own: readonly KopsObject[]): Promise<StoredObject[]> {
  const cluster = own.find((object): object is Cluster => object.kind === 'Cluster');
  if (!cluster) throw new KopsError(`cluster ${name} is not in the file`, { code: 'NO_CLUSTER', exit: 'invalid', object: name });
  await storeNewCluster(operator, { cluster, instanceGroups: groupsOf(own) }, sshKeysOf(own));
  return own.map((object) => ({ verb: 'Created', object, cluster: name }));
}

async function addToCluster(operator: Operator, name: string, own: readonly KopsObject[]): Promise<StoredObject[]> {
  const stored = await readSpecs(operator, name);
  const wished = groupsOf(own);
  const made = await assigned(operator, { cluster: stored.cluster, instanceGroups: merged(stored, wished) });
  for (const group of wished) await operator.store.putInstanceGroup(name, requireGroup(made, group.metadata.name), 'create');
  for (const key of sshKeysOf(own)) await operator.store.files(name).putSshKey(key);
  return own.map((object) => ({ verb: 'Created', object, cluster: name }));
}

async function replaceOne(operator: Operator, name: string, own: readonly KopsObject[], options: { force: boolean }): Promise<StoredObject[]> {
  const stored = await readSpecs(operator, name);
  const cluster = own.find((object): object is Cluster => object.kind === 'Cluster');
  const groups = groupsOf(own);
  const { etags } = stored;
  for (const group of groups) if (!options.force) requireGroup(stored, group.metadata.name);
  const user = { cluster: cluster ?? stored.cluster, instanceGroups: merged(stored, groups) };
  requireValid(validateChange(stored, user));
  const made = await assigned(operator, user);
  if (cluster) await operator.store.putCluster(made.cluster, etags.cluster);
  const results: StoredObject[] = cluster ? [{ verb: 'Replaced', object: cluster, cluster: name }] : [];
  for (const group of groups) {
    const etag = etags.instanceGroups[group.metadata.name];
    await operator.store.putInstanceGroup(name, requireGroup(made, group.metadata.name), etag === undefined ? 'create' : { etag });
    results.push({ verb: etag === undefined ? 'Created' : 'Replaced', object: group, cluster: name });
  }
  for (const object of own.filter((one): one is SSHCredential => one.kind === 'SSHCredential')) {
    await operator.store.files(name).putSshKey(object.spec.publicKey);
    results.push({ verb: 'Replaced', object, cluster: name });
  }
  return results;
}

function merged(stored: UserSpecs, groups: readonly InstanceGroup[]): InstanceGroup[] {
  const names = new Set(groups.map((group) => group.metadata.name));
  return [...stored.instanceGroups.filter((group) => !names.has(group.metadata.name)), ...groups];
}

function byCluster(objects: readonly KopsObject[]): Map<string, KopsObject[]> {
  const clusters = new Map<string, KopsObject[]>();
  for (const object of objects) {
    const name = clusterNameOf(object);
    clusters.set(name, [...(clusters.get(name) ?? []), object]);
  }
  return clusters;
}

function groupsOf(objects: readonly KopsObject[]): InstanceGroup[] {
  return objects.filter((object): object is InstanceGroup => object.kind === 'InstanceGroup');
}

function sshKeysOf(objects: readonly KopsObject[]): string[] {
  return objects.flatMap((object) => (object.kind === 'SSHCredential' ? [object.spec.publicKey] : []));
}
