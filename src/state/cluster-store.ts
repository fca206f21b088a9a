import { type Clock, timestamp } from '../lib/clock.ts';
import { isKopsError, type KopsError } from '../lib/errors.ts';
import { type Cluster, clusterLabel, type InstanceGroup } from '../spec/types.ts';
import { type ClusterFiles, clusterFiles, isKnownFile } from './cluster-files.ts';
import type { ObjectStore } from './object-store.ts';
import { clusterExists, clusterNotFound, instanceGroupNotFound, unknownFiles } from './state-errors.ts';
import { type Expectation, encodeKopsObject, lastWrite, mapBounded, readKopsObject, type Stored, writeObject } from './typed-objects.ts';

/** A stored object that cannot be read: named, left alone, and no obstacle to the others. */
export interface StateProblem {
  cluster: string;
  error: KopsError;
}

/** Clusters and their instance groups in kops' layout: a store that kops wrote can be read, and the other way round. */
export interface ClusterStore {
  readonly objects: ObjectStore;
  /** Sorted by name. */
  listClusters(): Promise<{ clusters: Cluster[]; problems: StateProblem[] }>;
  /** Throws CLUSTER_NOT_FOUND (with the nearest name) or STATE_CORRUPT. */
  getCluster(name: string): Promise<Stored<Cluster>>;
  /** Throws CLUSTER_EXISTS: of two that create the same cluster one wins. Resolves to what was stored, with its creation time. */
  createCluster(cluster: Cluster): Promise<Stored<Cluster>>;
  /** Over the version with this etag; throws STATE_CONFLICT when there is another one by now. */
  putCluster(cluster: Cluster, etag: string): Promise<Stored<Cluster>>;
  /** Removes everything of a cluster, `config` last: interrupted, it can be repeated. Throws STATE_UNKNOWN_FILES before anything is removed, unless `unknownToo`. */
  deleteCluster(name: string, options?: { unknownToo?: boolean }): Promise<void>;
  /** Sorted by name. One that cannot be read throws STATE_CORRUPT: half a cluster must not look like a whole one. */
  listInstanceGroups(cluster: string): Promise<Stored<InstanceGroup>[]>;
  /** Throws INSTANCE_GROUP_NOT_FOUND (with the nearest name) or STATE_CORRUPT. */
  getInstanceGroup(cluster: string, name: string): Promise<Stored<InstanceGroup>>;
  /** Throws STATE_EXISTS or STATE_CONFLICT when the expectation does not hold. */
  putInstanceGroup(cluster: string, group: InstanceGroup, expectation: Expectation): Promise<Stored<InstanceGroup>>;
  /** Gone already is success. */
  deleteInstanceGroup(cluster: string, name: string): Promise<void>;
  /** Key sets, secrets, SSH keys and what the last update wrote. */
  files(cluster: string): ClusterFiles;
}

export function createClusterStore(objects: ObjectStore, clock: Clock): ClusterStore {
  return new ObjectClusterStore(objects, clock);
}

class ObjectClusterStore implements ClusterStore {
  readonly objects: ObjectStore;
  private readonly clock: Clock;

  constructor(objects: ObjectStore, clock: Clock) {
    this.objects = objects;
    this.clock = clock;
  }

  async listClusters(): Promise<{ clusters: Cluster[]; problems: StateProblem[] }> {
    const clusters: Cluster[] = [];
    const problems: StateProblem[] = [];
    for (const one of await mapBounded(await this.folders(), (name) => this.readListed(name))) {
      if (one && 'error' in one) problems.push(one);
      else if (one) clusters.push(one.value);
    }
    return { clusters, problems };
  }

  async getCluster(name: string): Promise<Stored<Cluster>> {
    const stored = await readKopsObject(this.objects, configKey(name), 'Cluster', name);
    if (stored) return stored;
    throw clusterNotFound(name, this.objects.url, await this.folders());
  }

  async createCluster(cluster: Cluster): Promise<Stored<Cluster>> {
    try {
      return await this.write(configKey(cluster.metadata.name), cluster, 'create');
    } catch (error) {
      const { name } = cluster.metadata;
      throw isKopsError(error, 'STATE_EXISTS') ? clusterExists(name, await lastWrite(this.objects, configKey(name))) : error;
    }
  }

  putCluster(cluster: Cluster, etag: string): Promise<Stored<Cluster>> {
    return this.write(configKey(cluster.metadata.name), cluster, { etag });
  }

  async deleteCluster(name: string, options: { unknownToo?: boolean } = {}): Promise<void> {
    const { keys } = await this.objects.list(`${name}/`);
    const unknown = keys.filter((key) => !isKnownFile(key.slice(name.length + 1)));
    if (unknown.length > 0 && !options.unknownToo) throw unknownFiles(name, unknown);
    const config = configKey(name);
    const others = keys.filter((key) => key !== config);
    await mapBounded(others, (key) => this.objects.delete(key));
    await this.objects.delete(config);
  }

  async listInstanceGroups(cluster: string): Promise<Stored<InstanceGroup>[]> {
    const groups = await mapBounded(await this.groupNames(cluster), (name) => readKopsObject(this.objects, instanceGroupKey(cluster, name), 'InstanceGroup', name));
    return groups.filter((group) => group !== undefined);
  }

  async getInstanceGroup(cluster: string, name: string): Promise<Stored<InstanceGroup>> {
    const stored = await readKopsObject(this.objects, instanceGroupKey(cluster, name), 'InstanceGroup', name);
    if (stored) return stored;
    throw instanceGroupNotFound(name, cluster, await this.groupNames(cluster));
  }

  putInstanceGroup(cluster: string, group: InstanceGroup, expectation: Expectation): Promise<Stored<InstanceGroup>> {
    const labelled: InstanceGroup = { ...group, metadata: { ...group.metadata, labels: { ...group.metadata.labels, [clusterLabel]: cluster } } };
    return this.write(instanceGroupKey(cluster, group.metadata.name), labelled, expectation);
  }

  deleteInstanceGroup(cluster: string, name: string): Promise<void> {
    return this.objects.delete(instanceGroupKey(cluster, name));
  }

  files(cluster: string): ClusterFiles {
    return clusterFiles(this.objects, cluster);
  }

  /** Names of what may be clusters: one request. */
  private async folders(): Promise<string[]> {
    const { prefixes } = await this.objects.list('', { delimiter: '/' });
    return prefixes.map((prefix) => prefix.slice(0, -1));
  }

  private async readListed(name: string): Promise<Stored<Cluster> | StateProblem | undefined> {
    try {
      return await readKopsObject(this.objects, configKey(name), 'Cluster', name);
    } catch (error) {
      if (isKopsError(error, 'STATE_CORRUPT')) return { cluster: name, error };
      throw error;
    }
  }

  private async groupNames(cluster: string): Promise<string[]> {
    const prefix = instanceGroupKey(cluster, '');
    const { keys } = await this.objects.list(prefix, { delimiter: '/' });
    return keys.map((key) => key.slice(prefix.length));
  }

  private async write<T extends Cluster | InstanceGroup>(key: string, object: T, expectation: Expectation): Promise<Stored<T>> {
    const value: T = { ...object, metadata: { ...object.metadata, creationTimestamp: object.metadata.creationTimestamp ?? timestamp(this.clock) } };
    const { etag } = await writeObject(this.objects, key, encodeKopsObject(value), expectation);
    return { value, etag, modifiedMs: this.clock.now() };
  }
}

function configKey(cluster: string): string {
  return `${cluster}/config`;
}

function instanceGroupKey(cluster: string, name: string): string {
  return `${cluster}/instancegroup/${name}`;
}
