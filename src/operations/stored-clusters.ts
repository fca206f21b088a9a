import type { Keyset } from '../pki/keyset.ts';
import type { UserSpecs } from '../spec/complete.ts';
import type { AddonObject } from '../spec/types.ts';
import { acquireLock, type Lock } from '../state/lock.ts';
import { clusterExists } from '../state/state-errors.ts';
import { lastWrite } from '../state/typed-objects.ts';
import type { Operator } from './operator.ts';

/** What the user asked for, with the versions that were read. */
export interface StoredSpecs extends UserSpecs {
  etags: { cluster: string; instanceGroups: Readonly<Record<string, string>> };
}

/** Throws CLUSTER_NOT_FOUND (with the nearest name) or STATE_CORRUPT. */
export async function readSpecs({ store }: Operator, name: string): Promise<StoredSpecs> {
  const [cluster, groups] = await Promise.all([store.getCluster(name), store.listInstanceGroups(name)]);
  return {
    cluster: cluster.value,
    instanceGroups: groups.map((group) => group.value),
    etags: { cluster: cluster.etag, instanceGroups: Object.fromEntries(groups.map((group) => [group.value.metadata.name, group.etag])) },
  };
}

/** All key sets of a cluster by name. */
export async function readKeysets({ store }: Operator, name: string): Promise<Record<string, Keyset>> {
  const files = store.files(name);
  const found = await Promise.all((await files.listKeysets()).map((keyset) => files.getKeyset(keyset)));
  return Object.fromEntries(found.flatMap((stored) => (stored ? [[stored.value.name, stored.value]] : [])));
}

/** What else a new cluster may come with. */
export interface ClusterExtras {
  sshKeys?: readonly string[];
  addons?: readonly AddonObject[];
  /** Stored only where Terraform knows the cloud. */
  terraform?: boolean;
  /** Stored only when it can be applied as it is. */
  apply?: boolean;
}

/** Stores a new cluster under its lock, `config` last: it is there wholly or not at all. Throws CLUSTER_EXISTS. */
export async function createSpecs(operator: Operator, specs: UserSpecs, keysets: readonly Keyset[], extras: ClusterExtras = {}): Promise<UserSpecs> {
  const { store } = operator;
  const { name } = specs.cluster.metadata;
  return withLock(operator, name, 'create cluster', async () => {
    await requireAbsent(operator, name);
    // Left over from a creation that was cut off before its end.
    await store.deleteCluster(name);
    const files = store.files(name);
    for (const keyset of keysets) await files.putKeyset(keyset);
    for (const key of extras.sshKeys ?? []) await files.putSshKey(key);
    if (extras.addons?.length) await files.putAddons(extras.addons, undefined);
    const groups = await Promise.all(specs.instanceGroups.map((group) => store.putInstanceGroup(name, group, undefined)));
    const cluster = await store.createCluster(specs.cluster);
    return { cluster: cluster.value, instanceGroups: groups.map((group) => group.value) };
  });
}

/** Before anything is looked up or reserved for it. A cluster that cannot be read exists, too. */
export async function requireAbsent(operator: Operator, name: string): Promise<void> {
  if (await isStored(operator, name)) throw clusterExists(name, await lastWrite(operator.store.objects, `${name}/config`));
}

export async function isStored({ store }: Operator, name: string): Promise<boolean> {
  return (await store.objects.get(`${name}/config`)) !== undefined;
}

/** Holds the cluster's lock while `use` runs; waits for it as long as the operator says. Throws CLUSTER_LOCKED naming the holder. */
export async function withLock<T>(operator: Operator, name: string, doing: string, use: (lock: Lock) => Promise<T>): Promise<T> {
  const lock = await acquireLock(operator.store.objects, name, doing, { ...operator.environment, timeoutMs: operator.lockTimeoutMs ?? 0 });
  try {
    return await use(lock);
  } finally {
    await lock.release();
  }
}
