import type { ApiEndpoint, CloudGroup, CloudInstance } from '../../../src/cloud/provider.ts';

/** A resource of the simulated cloud, as its calls return it. */
export interface CloudResource {
  /** `vpc-0a1b2c3d4e5f60718` */
  id: string;
  kind: string;
  /** Unique in its kind and cluster: the Name tag. */
  name: string;
  /** The ownership tag. */
  cluster: string;
  manager: 'kops' | 'kubernetes';
  attributes: Record<string, unknown>;
  /** What the cloud chose: `id`, `ip`, `dnsName`. */
  outputs: Record<string, unknown>;
  state: 'pending' | 'available';
  /** Load balancers: ports that plain clients on this machine reach elsewhere. */
  mapped?: { port: number; reachedAt: string }[];
}

export interface CreateRequest {
  kind: string;
  name: string;
  cluster: string;
  attributes: Record<string, unknown>;
  manager?: 'kops' | 'kubernetes';
  /** Bytes of a document, as text. Never part of what `describe` returns. */
  content?: string;
}

export interface InstanceDescription extends CloudInstance {
  cluster: string;
  nodeName: string;
  region: string;
  privateIp: string;
}

/**
 * The calls of the simulated cloud: in the process that hosts it, or through the daemon's socket. Everything that changes something is on disk before
 * it resolves. Errors are CloudErrors: `alreadyExists` (same kind and name in the cluster), `notFound`, `notYetVisible` (an id that is too fresh),
 * `dependency` (with blockers), `quota`, `capacity`, `invalid`, and whatever faults were injected.
 */
export interface CloudApi {
  /** Everything that carries the cluster's ownership tag and is visible by now. */
  describe(cluster: string): Promise<CloudResource[]>;
  create(request: CreateRequest): Promise<CloudResource>;
  /** Replaces the attributes as a whole. */
  update(id: string, attributes: Record<string, unknown>, content?: string): Promise<CloudResource>;
  /** An instance group goes with its instances: resolves when they are gone. */
  remove(id: string): Promise<void>;
  waitUntilAvailable(id: string): Promise<CloudResource>;
  groups(cluster: string): Promise<CloudGroup[]>;
  /** Its group launches a replacement at once. `hard`: the power goes without a word; the group notices when its health check fails. */
  terminate(cluster: string, instanceId: string, options?: { hard?: boolean }): Promise<void>;
  detach(cluster: string, instanceId: string): Promise<void>;
  /** By id, provider id or node name. */
  findInstance(reference: { cluster?: string; id?: string; nodeName?: string }): Promise<InstanceDescription | undefined>;
  /** A free block for the cluster's addresses; the same one every time it asks. */
  reserveBlock(cluster: string, prefix: number): Promise<string>;
  endpoint(cluster: string): Promise<ApiEndpoint | undefined>;
  /** Gives back the block of a cluster that has nothing here, and throws away what could not be read of it. */
  forget(cluster: string): Promise<void>;
}

export const cloudOperations = [
  'describe',
  'create',
  'update',
  'remove',
  'waitUntilAvailable',
  'groups',
  'terminate',
  'detach',
  'findInstance',
  'reserveBlock',
  'endpoint',
  'forget',
] as const;
