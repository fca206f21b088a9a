import { KopsError } from '../lib/errors.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { requireValid } from '../spec/findings.ts';
import { validateChange } from '../spec/rules/change.ts';
import { type Cluster, clusterLabel, type InstanceGroup, isAddon, type SpecObject, type SSHCredential } from '../spec/types.ts';
import { putAddons } from './addons.ts';
import { clusterNameOf, requireGroup } from './edit-objects.ts';
import type { Operator } from './operator.ts';
import { assigned, storeNewCluster } from './store-new-cluster.ts';
import { isStored, readSpecs } from './stored-clusters.ts';

/** What happened to each object of a file: `Replaced cluster/demo.k8s.local`. */
export interface StoredObject {
  verb: 'Created' | 'Replaced';
  object: SpecObject;
  cluster: string;
}

/** `replace -f`: objects that exist take the file's content; `force` also makes what is missing. Each cluster is checked as a whole before anything of it is stored. */
export async function replaceObjects(operator: Operator, objects: readonly SpecObject[], options: { force: boolean }): Promise<StoredObject[]> {
  const results: StoredObject[] = [];
  for (const [name, own] of byCluster(objects)) {
    const isNew = clusterOf(own) !== undefined && !(await isStored(operator, name));
    if (isNew && !options.force) throw nothingToReplace(name, operator.store.objects.url);
    results.push(...(isNew ? await createOne(operator, name, own) : await replaceOne(operator, name, own, options)));
  }
  return results;
}

/** `create -f`: nothing of it may exist yet. */
export async function createObjects(operator: Operator, objects: readonly SpecObject[]): Promise<StoredObject[]> {
  const results: StoredObject[] = [];
  for (const [name, own] of byCluster(objects)) {
    const whole = clusterOf(own) !== undefined;
    results.push(...(whole ? await createOne(operator, name, own) : await addToCluster(operator, name, own)));
  }
  return results;
}

async function createOne(operator: Operator, name: string, own: readonly SpecObject[]): Promise<StoredObject[]> {
  const cluster = clusterOf(own);
  if (!cluster) throw new KopsError(`cluster ${name} is not in the file`, { code: 'NO_CLUSTER', exit: 'invalid', object: name });
  await storeNewCluster(operator, { cluster, instanceGroups: groupsOf(own) }, { sshKeys: sshKeysOf(own), addons: own.filter(isAddon) });
  return own.map((object) => ({ verb: 'Created', object, cluster: name }));
}

async function addToCluster(operator: Operator, name: string, own: readonly SpecObject[]): Promise<StoredObject[]> {
  const stored = await readSpecs(operator, name);
  const wished = groupsOf(own);
  const made = await assigned(operator, { cluster: stored.cluster, instanceGroups: merged(stored, wished) });
  for (const group of wished) await operator.store.putInstanceGroup(name, requireGroup(made, group.metadata.name), 'create');
  for (const key of sshKeysOf(own)) await operator.store.files(name).putSshKey(key);
  await putAddons(operator, name, own.filter(isAddon), 'create');
  return own.map((object) => ({ verb: 'Created', object, cluster: name }));
}

async function replaceOne(operator: Operator, name: string, own: readonly SpecObject[], options: { force: boolean }): Promise<StoredObject[]> {
  const stored = await readSpecs(operator, name);
  const cluster = clusterOf(own);
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
  for (const object of own.filter(isSshCredential)) {
    await operator.store.files(name).putSshKey(object.spec.publicKey);
    results.push({ verb: 'Replaced', object, cluster: name });
  }
  const addons = own.filter(isAddon);
  const verbs = await putAddons(operator, name, addons, options.force ? 'force' : 'replace');
  return [...results, ...addons.map((object, i): StoredObject => ({ verb: verbs[i] ?? 'Created', object, cluster: name }))];
}

function nothingToReplace(name: string, url: string): KopsError {
  return new KopsError(`cluster "${name}" not found in ${url}`, {
    code: 'CLUSTER_NOT_FOUND',
    exit: 'notFound',
    object: name,
    suggestions: ['kops-ts replace -f FILE --force also makes what does not exist yet.', 'kops-ts get clusters'],
  });
}

function merged(stored: UserSpecs, groups: readonly InstanceGroup[]): InstanceGroup[] {
  const names = new Set(groups.map((group) => group.metadata.name));
  return [...stored.instanceGroups.filter((group) => !names.has(group.metadata.name)), ...groups];
}

/** Objects of each cluster. Addons need not say whose they are where the file is about one cluster. */
export function byCluster(objects: readonly SpecObject[]): Map<string, SpecObject[]> {
  const clusters = new Map<string, SpecObject[]>();
  for (const object of objects) if (!isAddon(object) || object.metadata.labels?.[clusterLabel]) add(clusters, clusterNameOf(object), object);
  const [only, ...others] = clusters.keys();
  for (const object of objects.filter(isAddon)) {
    if (object.metadata.labels?.[clusterLabel]) continue;
    add(clusters, only !== undefined && others.length === 0 ? only : clusterNameOf(object), object);
  }
  return clusters;
}

function add(clusters: Map<string, SpecObject[]>, name: string, object: SpecObject): void {
  clusters.set(name, [...(clusters.get(name) ?? []), object]);
}

function clusterOf(objects: readonly SpecObject[]): Cluster | undefined {
  return objects.find((object): object is Cluster => !isAddon(object) && object.kind === 'Cluster');
}

function groupsOf(objects: readonly SpecObject[]): InstanceGroup[] {
  return objects.filter((object): object is InstanceGroup => !isAddon(object) && object.kind === 'InstanceGroup');
}

function isSshCredential(object: SpecObject): object is SSHCredential {
  return !isAddon(object) && object.kind === 'SSHCredential';
}

function sshKeysOf(objects: readonly SpecObject[]): string[] {
  return objects.filter(isSshCredential).map((object) => object.spec.publicKey);
}
