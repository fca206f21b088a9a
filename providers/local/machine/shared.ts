import type { IdentityVerifier, Machine, MachineMetadata } from '../../../src/bootstrap/machine.ts';
import type { MachineType } from '../../../src/cloud/catalog.ts';
import type { CloudControllers } from '../../../src/cloud/controllers.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { Fabric, Owner } from '../../../src/fabric/fabric.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import type { InstanceServices } from '../cloud/instance-services.ts';
import type { BalancerSpec, MachineRoom } from '../cloud/machine-room.ts';
import type { InstanceRecord } from '../cloud/state.ts';
import { Balancers } from './balancers.ts';

export interface RunningNode {
  /** `graceful`: it says goodbye (its node turns NotReady) and closes its files; otherwise the power goes. */
  stop(options: { graceful: boolean }): Promise<void>;
}

/** Starts what a node of the machine's role runs. Rejects when the environment's signal aborts first. */
export type BootNode = (machine: Machine, cloud: NodeCloud) => Promise<RunningNode>;

export interface NodeCloud {
  controllers: CloudControllers;
  verifyIdentity: IdentityVerifier;
  /** The same object for every node of a cluster in this process: what proxies share. */
  shared: object;
}

export interface SharedRoomOptions {
  environment: Environment;
  bootNode: BootNode;
  createFabric(environment: Environment, blocks: readonly string[]): Fabric;
  machineTypes: ReadonlyMap<string, MachineType>;
  /** A disk by its path below the home: `instances/i-1`, `volumes/vol-1`. */
  openDisk(path: string): Disk;
  removeDisk(path: string): Promise<void>;
  /** The cloud this room belongs to; asked when an instance boots. */
  services(): { instances: InstanceServices; controllers: CloudControllers };
}

interface ClusterNetwork {
  fabric: Fabric;
  balancers: Balancers;
  shared: object;
}

interface RunningInstance {
  abort: AbortController;
  releaseAddress(): void;
  booted: Promise<RunningNode>;
  node?: RunningNode;
}

const gracefulStopMs = 20_000;

/** The `shared` driver: every instance of a home runs in this process, on one network for each cluster. */
export class SharedMachineRoom implements MachineRoom {
  private readonly options: SharedRoomOptions;
  private readonly networks = new Map<string, ClusterNetwork>();
  private readonly running = new Map<string, RunningInstance>();

  constructor(options: SharedRoomOptions) {
    this.options = options;
  }

  open(cluster: string, blocks: readonly string[]): void {
    if (this.networks.has(cluster)) return;
    const { environment } = this.options;
    const log = environment.log.with({ cluster });
    const fabric = this.options.createFabric({ ...environment, log }, blocks);
    this.networks.set(cluster, { fabric, balancers: new Balancers(fabric, log), shared: {} });
  }

  async start(instance: InstanceRecord, volumes: ReadonlyMap<string, string>): Promise<void> {
    const network = this.network(instance.cluster);
    const abort = new AbortController();
    const booted = this.boot(instance, this.machine(instance, volumes, network.fabric, abort.signal), network);
    const entry: RunningInstance = { abort, booted, releaseAddress: network.fabric.assign(instance.privateIp) };
    this.running.set(instance.id, entry);
    try {
      entry.node = await booted;
    } catch (error) {
      if (this.running.get(instance.id) === entry) this.running.delete(instance.id);
      entry.releaseAddress();
      throw error;
    }
  }

  /** A bastion is there and has its address; nothing runs on it. */
  private boot({ role }: InstanceRecord, machine: Machine, { shared }: ClusterNetwork): Promise<RunningNode> {
    if (role === 'Bastion') return Promise.resolve({ stop: async () => {} });
    const { instances, controllers } = this.options.services();
    return this.options.bootNode(machine, { controllers, verifyIdentity: instances.verifyIdentity, shared });
  }

  async stop(instanceId: string, options: { graceful: boolean }): Promise<void> {
    const entry = this.running.get(instanceId);
    if (!entry) return;
    this.running.delete(instanceId);
    // A machine that still boots is told so; one that runs may say goodbye first.
    if (!entry.node) entry.abort.abort();
    try {
      const node = await this.bootedOrGivenUp(instanceId, entry);
      if (node) await this.stopNode(instanceId, node, options);
    } finally {
      entry.abort.abort();
      entry.releaseAddress();
    }
  }

  /** A boot that does not end although it was told to is left alone: what comes of it later is stopped at once. */
  private async bootedOrGivenUp(instanceId: string, { booted }: RunningInstance): Promise<RunningNode | undefined> {
    const { clock, log } = this.options.environment;
    const settled = booted.catch(() => undefined);
    const patience = new AbortController();
    const givenUp = clock.sleep(gracefulStopMs, patience.signal).then(
      () => {
        log.warn('an instance does not stop booting; it is left behind', { instance: instanceId });
        settled.then((node) => node?.stop({ graceful: false })).catch((error) => log.error('an instance did not stop', { instance: instanceId, error }));
        return undefined;
      },
      () => undefined,
    );
    const node = await Promise.race([settled, givenUp]);
    patience.abort();
    return node;
  }

  /** A goodbye that nobody answers ends like a power cut. */
  private async stopNode(instanceId: string, node: RunningNode, options: { graceful: boolean }): Promise<void> {
    const { clock, log } = this.options.environment;
    if (!options.graceful) return node.stop(options);
    const patience = clock.setTimer(
      gracefulStopMs,
      () => {
        log.warn('an instance does not stop; its power is cut', { instance: instanceId });
        node.stop({ graceful: false }).catch((error) => log.error('an instance did not stop', { instance: instanceId, error }));
      },
      { background: true },
    );
    try {
      await node.stop(options);
    } finally {
      patience.cancel();
    }
  }

  discardInstance(instanceId: string): Promise<void> {
    return this.options.removeDisk(`instances/${instanceId}`);
  }

  discardVolume(volumeId: string): Promise<void> {
    return this.options.removeDisk(`volumes/${volumeId}`);
  }

  balance(cluster: string, specs: readonly BalancerSpec[]): Promise<void> {
    return this.network(cluster).balancers.apply(specs);
  }

  async close(cluster: string): Promise<void> {
    const network = this.networks.get(cluster);
    this.networks.delete(cluster);
    await network?.fabric.close();
  }

  exposed(cluster: string, ip: string, port: number): { ip: string; port: number } | undefined {
    const found = this.networks
      .get(cluster)
      ?.fabric.listeners()
      .find(({ listener }) => listener.ip === ip && listener.port === port);
    return found?.listener.exposed;
  }

  /** Listeners that the system gave another address than the cluster's. */
  mapped(cluster: string): { owner: Owner; address: string; reachedAt: string }[] {
    const listeners = this.networks.get(cluster)?.fabric.listeners() ?? [];
    return listeners.flatMap(({ owner, listener: { ip, port, exposed } }) =>
      exposed === undefined || (exposed.ip === ip && exposed.port === port) ? [] : [{ owner, address: `${ip}:${port}`, reachedAt: `${exposed.ip}:${exposed.port}` }],
    );
  }

  private network(cluster: string): ClusterNetwork {
    const network = this.networks.get(cluster);
    if (!network) throw new CloudError('notFound', 'network', `cluster ${cluster} has no network`, { object: cluster });
    return network;
  }

  private machine(instance: InstanceRecord, volumes: ReadonlyMap<string, string>, fabric: Fabric, signal: AbortSignal): Machine {
    const { environment, openDisk, services } = this.options;
    const { id, cluster } = instance;
    return {
      environment: { ...environment, log: environment.log.with({ cluster, node: instance.nodeName }), signal: AbortSignal.any([environment.signal, signal]) },
      metadata: this.metadata(instance),
      fabric,
      disk: openDisk(`instances/${id}`),
      volumes: new Map([...volumes].map(([name, volumeId]) => [name, openDisk(`volumes/${volumeId}`)])),
      resolve: async (host) => services().instances.resolve(cluster, host),
      fetchDocument: async (path) => services().instances.fetchDocument(id, path),
      identityToken: async (audience) => services().instances.identityToken(id, audience),
    };
  }

  private metadata(instance: InstanceRecord): MachineMetadata {
    const { id, providerId, nodeName, machineType, zone, region, privateIp, userData } = instance;
    const type = this.options.machineTypes.get(machineType);
    if (!type) throw new CloudError('invalid', 'start', `machine type ${machineType} is not known`, { object: machineType });
    const { vcpus, memoryGib, architecture } = type;
    return { instanceId: id, providerId, nodeName, machineType, vcpus, memoryGib, architecture, zone, region, privateIp, userData };
  }
}
