import { type Clock, timestamp } from '../lib/clock.ts';
import { isKopsError, type KopsError } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import type { Keyset } from '../pki/keyset.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { type Cluster, clusterLabel, type InstanceGroup } from '../spec/types.ts';
import { type ClusterFiles, clusterFiles, isKnownFile } from './cluster-files.ts';
import { acquireLock, type Lock } from './lock.ts';
import type { ObjectStore } from './object-store.ts';
import { clusterExists, clusterNotFound, unknownFiles } from './state-errors.ts';
import { type Expectation, encodeKopsObject, mapBounded, readKopsObject, type Stored, writeObject } from './typed-objects.ts';

/** A stored object that cannot be read: named, left alone, and no obstacle to the others. */
export interface StateProblem {
  cluster: string;
  error: KopsError;
}

/** What the user asked for, with the versions that were read. */
export interface StoredSpecs {
  cluster: Cluster;
  /** Sorted by name. */
  instanceGroups: InstanceGroup[];
  etags: { cluster: string; instanceGroups: Record<string, string> };
}

/** Clusters in kops' layout: a store that kops wrote can be read, and the other way round. */
export interface ClusterStore {
  readonly objects: ObjectStore;
  /** Sorted by name. */
  list(): Promise<{ clusters: Cluster[]; problems: StateProblem[] }>;
  /** Throws CLUSTER_NOT_FOUND (with the nearest name) or STATE_CORRUPT: half a cluster must not look like a whole one. */
  get(name: string): Promise<StoredSpecs>;
  /**
   * Under the cluster's lock, `config` last: a creation that was interrupted has not happened. Throws CLUSTER_EXISTS.
   * Resolves to what was stored, with its creation time.
   */
  create(specs: UserSpecs, keysets: readonly Keyset[]): Promise<StoredSpecs>;
  /** Over the version with this etag; throws STATE_CONFLICT when there is another one by now. */
  putCluster(cluster: Cluster, etag: string): Promise<Stored<Cluster>>;
  /** Throws STATE_EXISTS or STATE_CONFLICT when the expectation does not hold. */
  putInstanceGroup(cluster: string, group: InstanceGroup, expectation: Expectation): Promise<Stored<InstanceGroup>>;
  /** Gone already is success. */
  deleteInstanceGroup(cluster: string, name: string): Promise<void>;
  /** Removes everything of a cluster, `config` last: interrupted, it can be repeated. Throws STATE_UNKNOWN_FILES before anything is removed, unless `unknownToo`. */
  remove(name: string, options?: { unknownToo?: boolean }): Promise<void>;
  /** All key sets of a cluster by name. */
  keysets(cluster: string): Promise<Record<string, Keyset>>;
  /** Notes what an update applied: kops' `cluster-completed.spec`. */
  putCompleted(completed: { cluster: Cluster }): Promise<void>;
  /** Secrets, SSH keys and the other objects of a cluster. */
  files(cluster: string): ClusterFiles;
  /** Holds the cluster's lock while `use` runs; see acquireLock for what it throws. */
  withLock<T>(cluster: string, operation: string, use: (lock: Lock) => Promise<T>, options?: { timeoutMs?: number }): Promise<T>;
}

export interface ClusterStoreSource {
  clock: Clock;
  random: Random;
  signal?: AbortSignal;
}

export function createClusterStore(objects: ObjectStore, source: ClusterStoreSource): ClusterStore {
  return new ObjectClusterStore(objects, source);
}

class ObjectClusterStore implements ClusterStore {
  readonly objects: ObjectStore;
  private readonly source: ClusterStoreSource;

  constructor(objects: ObjectStore, source: ClusterStoreSource) {
    this.objects = objects;
    this.source = source;
  }

  async list(): Promise<{ clusters: Cluster[]; problems: StateProblem[] }> {
    const clusters: Cluster[] = [];
    const problems: StateProblem[] = [];
    const { prefixes } = await this.objects.list('', { delimiter: '/' });
    for (const one of await mapBounded(prefixes, (prefix) => this.readListed(prefix.slice(0, -1)))) {
      if (one && 'error' in one) problems.push(one);
      else if (one) clusters.push(one.value);
    }
    return { clusters, problems };
  }

  async get(name: string): Promise<StoredSpecs> {
    const [cluster, groups] = await Promise.all([readKopsObject(this.objects, configKey(name), 'Cluster', name), this.readGroups(name)]);
    if (cluster) return storedSpecs(cluster, groups);
    const { clusters } = await this.list();
    throw clusterNotFound(
      name,
      this.objects.url,
      clusters.map((other) => other.metadata.name),
    );
  }

  create(specs: UserSpecs, keysets: readonly Keyset[]): Promise<StoredSpecs> {
    const { name } = specs.cluster.metadata;
    return this.withLock(name, 'create cluster', async () => {
      if (await this.objects.get(configKey(name))) throw clusterExists(name);
      await this.removeLeftOvers(name, specs.instanceGroups);
      const files = this.files(name);
      await mapBounded(keysets, (keyset) => files.putKeyset(keyset));
      const groups = await mapBounded(specs.instanceGroups, (group) => this.putInstanceGroup(name, group, undefined));
      return storedSpecs(await this.createConfig(specs.cluster), groups);
    });
  }

  putCluster(cluster: Cluster, etag: string): Promise<Stored<Cluster>> {
    return this.write(configKey(cluster.metadata.name), cluster, { etag });
  }

  putInstanceGroup(cluster: string, group: InstanceGroup, expectation: Expectation): Promise<Stored<InstanceGroup>> {
    const labelled: InstanceGroup = { ...group, metadata: { ...group.metadata, labels: { ...group.metadata.labels, [clusterLabel]: cluster } } };
    return this.write(instanceGroupKey(cluster, group.metadata.name), labelled, expectation);
  }

  deleteInstanceGroup(cluster: string, name: string): Promise<void> {
    return this.objects.delete(instanceGroupKey(cluster, name));
  }

  async remove(name: string, options: { unknownToo?: boolean } = {}): Promise<void> {
    const { keys } = await this.objects.list(`${name}/`);
    const unknown = keys.filter((key) => !isKnownFile(key.slice(name.length + 1)));
    if (unknown.length > 0 && !options.unknownToo) throw unknownFiles(name, unknown);
    const config = configKey(name);
    const others = keys.filter((key) => key !== config);
    await mapBounded(others, (key) => this.objects.delete(key));
    await this.objects.delete(config);
  }

  async keysets(cluster: string): Promise<Record<string, Keyset>> {
    const files = this.files(cluster);
    const found = await mapBounded(await files.listKeysets(), (name) => files.getKeyset(name));
    return Object.fromEntries(found.flatMap((stored) => (stored ? [[stored.value.name, stored.value]] : [])));
  }

  putCompleted(completed: { cluster: Cluster }): Promise<void> {
    return this.files(completed.cluster.metadata.name).putCompleted(completed.cluster);
  }

  files(cluster: string): ClusterFiles {
    return clusterFiles(this.objects, cluster);
  }

  async withLock<T>(cluster: string, operation: string, use: (lock: Lock) => Promise<T>, options: { timeoutMs?: number } = {}): Promise<T> {
    const lock = await acquireLock(this.objects, cluster, operation, { ...this.source, ...options });
    try {
      return await use(lock);
    } finally {
      await lock.release();
    }
  }

  private async readListed(name: string): Promise<Stored<Cluster> | StateProblem | undefined> {
    try {
      return await readKopsObject(this.objects, configKey(name), 'Cluster', name);
    } catch (error) {
      if (isKopsError(error, 'STATE_CORRUPT')) return { cluster: name, error };
      throw error;
    }
  }

  private async readGroups(cluster: string): Promise<Stored<InstanceGroup>[]> {
    const groups = await mapBounded(await this.groupNames(cluster), (name) => readKopsObject(this.objects, instanceGroupKey(cluster, name), 'InstanceGroup', name));
    return groups.filter((group) => group !== undefined);
  }

  private async groupNames(cluster: string): Promise<string[]> {
    const prefix = instanceGroupKey(cluster, '');
    const { keys } = await this.objects.list(prefix, { delimiter: '/' });
    return keys.map((key) => key.slice(prefix.length));
  }

  /** Instance groups of a creation that was interrupted and asked for others. */
  private async removeLeftOvers(cluster: string, groups: readonly InstanceGroup[]): Promise<void> {
    const wanted = new Set(groups.map((group) => group.metadata.name));
    const stale = (await this.groupNames(cluster)).filter((name) => !wanted.has(name));
    await mapBounded(stale, (name) => this.deleteInstanceGroup(cluster, name));
  }

  private async createConfig(cluster: Cluster): Promise<Stored<Cluster>> {
    try {
      return await this.write(configKey(cluster.metadata.name), cluster, 'create');
    } catch (error) {
      throw isKopsError(error, 'STATE_EXISTS') ? clusterExists(cluster.metadata.name) : error;
    }
  }

  private async write<T extends Cluster | InstanceGroup>(key: string, object: T, expectation: Expectation): Promise<Stored<T>> {
    const { clock } = this.source;
    const value: T = { ...object, metadata: { ...object.metadata, creationTimestamp: object.metadata.creationTimestamp ?? timestamp(clock) } };
    const { etag } = await writeObject(this.objects, key, encodeKopsObject(value), expectation);
    return { value, etag, modifiedMs: clock.now() };
  }
}

function storedSpecs(cluster: Stored<Cluster>, groups: readonly Stored<InstanceGroup>[]): StoredSpecs {
  return {
    cluster: cluster.value,
    instanceGroups: groups.map((group) => group.value),
    etags: { cluster: cluster.etag, instanceGroups: Object.fromEntries(groups.map((group) => [group.value.metadata.name, group.etag])) },
  };
}

function configKey(cluster: string): string {
  return `${cluster}/config`;
}

function instanceGroupKey(cluster: string, name: string): string {
  return `${cluster}/instancegroup/${name}`;
}
