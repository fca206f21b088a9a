import { CloudError } from '../../../src/cloud/errors.ts';
import type { ApiEndpoint, CloudGroup } from '../../../src/cloud/provider.ts';
import { formatTime } from '../../../src/lib/clock.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { deepEqual } from '../../../src/lib/json.ts';
import type { CloudApi, CloudResource, CreateRequest, InstanceDescription } from './api.ts';
import { BlockClaims, type ClaimBlock } from './block-claims.ts';
import { checkQuota, checkReferences, checkUnused } from './checks.ts';
import type { StateProblem } from './cloud-files.ts';
import { describeInstance, describeResource, newResource } from './descriptions.ts';
import { FaultInjector } from './faults.ts';
import { Fleet } from './fleet.ts';
import { groupAttributes, templateOf } from './instance-groups.ts';
import { networkBlocks, rulesOf } from './kind-rules.ts';
import { Ledger } from './ledger.ts';
import { balancersOf, type MachineRoom, mappedPorts } from './machine-room.ts';
import { releaseBlock, reserveBlock } from './reserve-block.ts';
import type { ClusterState, InstanceRecord, StoredResource } from './state.ts';

export interface LocalCloudOptions {
  environment: Environment;
  disk: Disk;
  room: MachineRoom;
  regionOf(zone: string): string;
  claimBlock?: ClaimBlock;
  settings?: Partial<CloudSettings>;
}

/** How the cloud behaves. All zero and without limits: what users get. Tests make it slow, full and moody. */
export interface CloudSettings {
  /** How long a new resource is `pending`. */
  pendingMs: number;
  /** How long a new resource is not seen by lists and references. */
  visibleAfterMs: number;
  quotas: Readonly<Record<string, number>>;
  capacity(machineType: string, zone: string): number;
  healthCheckMs: number;
}

const defaults: CloudSettings = { pendingMs: 0, visibleAfterMs: 0, quotas: {}, capacity: () => Number.POSITIVE_INFINITY, healthCheckMs: 60_000 };
const apiPort = 443;

/** A whole cloud in a process. Open it, `resume` it, close it. */
export class LocalCloud implements CloudApi {
  readonly faults = new FaultInjector();
  readonly ledger: Ledger;
  readonly fleet: Fleet;
  private readonly options: LocalCloudOptions;
  private readonly settings: CloudSettings;
  private readonly claims: BlockClaims;
  /** One reservation after the other: two must not see the same block free. */
  private reserving: Promise<unknown> = Promise.resolve();

  private constructor(options: LocalCloudOptions, ledger: Ledger) {
    this.options = options;
    this.ledger = ledger;
    this.settings = { ...defaults, ...options.settings };
    this.claims = new BlockClaims(options.claimBlock);
    const { environment, room, regionOf } = options;
    const { capacity, healthCheckMs } = this.settings;
    this.fleet = new Fleet({ environment, ledger, room, regionOf, capacity, healthCheckMs });
  }

  static async open(options: LocalCloudOptions): Promise<LocalCloud> {
    const ledger = await Ledger.open(options.disk);
    const cloud = new LocalCloud(options, ledger);
    for (const problem of ledger.problems) {
      options.environment.log.error('a state file of the local cloud is corrupt; it is kept aside', { ...problem });
      if (problem.cluster !== undefined) cloud.failures.set(problem.cluster, unreadable(problem.cluster, problem));
    }
    return cloud;
  }

  /** Everything that ran runs again. A cluster whose addresses somebody else holds stays down; the log and `status` say who. */
  async resume(): Promise<void> {
    await Promise.all(this.ledger.clusters().map((state) => this.resumeCluster(state)));
  }

  /** Why a cluster is not running, by name. */
  readonly failures = new Map<string, unknown>();

  async describe(cluster: string): Promise<CloudResource[]> {
    return this.faults.run('describe', async () => {
      const now = this.now();
      const resources = this.ledger.cluster(cluster)?.resources ?? [];
      return resources.filter((resource) => resource.visibleAt <= now).map((resource) => this.described(resource));
    });
  }

  async create(request: CreateRequest): Promise<CloudResource> {
    const operation = `create${request.kind}`;
    return this.faults.run(operation, async () => {
      const rules = rulesOf(request.kind, operation);
      const state = (await this.revived(request.cluster)) ?? this.ledger.ensureCluster(request.cluster);
      const twin = state.resources.find((resource) => resource.kind === request.kind && resource.name === request.name);
      if (twin) throw new CloudError('alreadyExists', operation, `${request.kind} ${request.name} exists already (${twin.id})`, { object: request.name });
      checkReferences(state, request.attributes, operation, this.now());
      checkQuota(this.ledger.clusters(), request.kind, this.settings.quotas[request.kind] ?? rules.quota, operation);
      rules.check?.(request, { cluster: state, clusters: this.ledger.clusters() });
      const resource = newResource(request, rules, state, this.options.environment, this.settings);
      state.resources.push(resource);
      if (request.content !== undefined) state.contents[resource.id] = request.content;
      await this.commit(state, resource, () => void state.resources.splice(state.resources.indexOf(resource), 1));
      return this.described(resource);
    });
  }

  async update(id: string, attributes: Record<string, unknown>, content?: string): Promise<CloudResource> {
    const { state, resource } = this.existing(id, 'update');
    const operation = `update${resource.kind}`;
    return this.faults.run(operation, async () => {
      const rules = rulesOf(resource.kind, operation);
      checkReferences(state, attributes, operation, this.now());
      const fixed = rules.fixed.find((field) => !deepEqual(attributes[field], resource.attributes[field]));
      if (fixed) throw new CloudError('invalid', operation, `${fixed} of ${resource.kind} ${resource.name} cannot change`, { object: resource.name });
      if (resource.kind === 'InstanceGroup') rules.check?.({ ...resource, attributes }, { cluster: state, clusters: [] });
      const before = resource.attributes;
      resource.attributes = attributes;
      if (content !== undefined) state.contents[id] = content;
      await this.commit(state, resource, () => {
        resource.attributes = before;
      });
      return this.described(resource);
    });
  }

  async remove(id: string): Promise<void> {
    const { state, resource } = this.existing(id, 'remove');
    const operation = `delete${resource.kind}`;
    return this.faults.run(operation, async () => {
      checkUnused(state, resource, operation);
      if (resource.kind === 'InstanceGroup') {
        resource.deleting = true;
        await this.fleet.terminateAll(state, resource);
      }
      await this.drop(state, resource);
    });
  }

  async waitUntilAvailable(id: string): Promise<CloudResource> {
    const { resource } = this.existing(id, 'waitUntilAvailable');
    const { clock, signal } = this.options.environment;
    const leftMs = Math.max(resource.availableAt, resource.visibleAt) - clock.now();
    if (leftMs > 0) await clock.sleep(leftMs, signal);
    return this.described(resource);
  }

  async groups(cluster: string): Promise<CloudGroup[]> {
    return this.faults.run('groups', async () => {
      const state = await this.revived(cluster);
      const groups = state?.resources.filter((resource) => resource.kind === 'InstanceGroup') ?? [];
      return groups.map((group) => ({
        name: group.name,
        instanceGroup: groupAttributes(group).instanceGroup,
        min: groupAttributes(group).minSize,
        max: groupAttributes(group).maxSize,
        target: group.targetSize ?? 0,
        template: templateOf(group),
        instances: (state?.instances ?? [])
          .filter((instance) => instance.groupId === group.id)
          .map((instance) => describeInstance(instance, templateOf(group), this.fleet.bootProblems.get(instance.id))),
      }));
    });
  }

  async terminate(cluster: string, instanceId: string, options: { hard?: boolean } = {}): Promise<void> {
    return this.faults.run('terminate', async () => {
      const { state, instance } = this.existingInstance(cluster, instanceId, 'terminate');
      await (options.hard ? this.fleet.powerOff(state, instance) : this.fleet.terminate(state, instance));
    });
  }

  async detach(cluster: string, instanceId: string): Promise<void> {
    return this.faults.run('detach', async () => {
      const { state, instance } = this.existingInstance(cluster, instanceId, 'detach');
      await this.fleet.detach(state, instance);
    });
  }

  async findInstance(reference: { cluster?: string; id?: string; nodeName?: string }): Promise<InstanceDescription | undefined> {
    const found = this.ledger.findInstance((instance) => {
      if (reference.cluster !== undefined && instance.cluster !== reference.cluster) return false;
      return reference.id === undefined ? instance.nodeName === reference.nodeName : instance.id === reference.id;
    });
    if (!found) return undefined;
    const { instance } = found;
    const group = this.ledger.findResource(instance.groupId)?.resource;
    const { cluster, nodeName, region, privateIp } = instance;
    return {
      ...describeInstance(instance, group && templateOf(group), this.fleet.bootProblems.get(instance.id)),
      cluster,
      nodeName,
      region,
      privateIp,
      launchedAt: formatTime(instance.launchedAt),
    };
  }

  async reserveBlock(cluster: string, prefix: number): Promise<string> {
    return this.oneByOne(() => reserveBlock(this.ledger, this.claims, cluster, prefix));
  }

  async forget(cluster: string): Promise<void> {
    if (this.ledger.clusters().some((state) => state.cluster === cluster)) return;
    await this.ledger.forget(cluster);
    this.failures.delete(cluster);
    await this.oneByOne(() => releaseBlock(this.ledger, this.claims, cluster));
  }

  private oneByOne<T>(change: () => Promise<T>): Promise<T> {
    const next = this.reserving.catch(() => undefined).then(change);
    this.reserving = next;
    return next;
  }

  async endpoint(cluster: string): Promise<ApiEndpoint | undefined> {
    const balancer = this.ledger.cluster(cluster)?.resources.find((resource) => resource.kind === 'LoadBalancer' && resource.name === `api.${cluster}`);
    if (!balancer) return undefined;
    const ip = String(balancer.outputs.ip);
    const exposed = this.options.room.exposed(cluster, ip, apiPort) ?? { ip, port: apiPort };
    const host = exposed.port === apiPort ? exposed.ip : `${exposed.ip}:${exposed.port}`;
    return { url: `https://${host}`, ...(exposed.ip === ip ? {} : { tlsServerName: `api.internal.${cluster}` }) };
  }

  async close(): Promise<void> {
    await this.fleet.close();
    await Promise.all(this.ledger.clusters().map((state) => this.options.room.close(state.cluster)));
    await this.claims.releaseAll();
  }

  private async resumeCluster(state: ClusterState): Promise<void> {
    const { environment, room } = this.options;
    this.failures.delete(state.cluster);
    try {
      for (const network of state.resources.filter((resource) => resource.kind === 'Network')) await this.openNetwork(state, network);
      await room.balance(state.cluster, balancersOf(state));
    } catch (error) {
      this.failures.set(state.cluster, error);
      environment.log.error('a cluster cannot run', { cluster: state.cluster, error });
      return;
    }
    this.fleet.resume(state);
    for (const group of state.resources.filter((resource) => resource.deleting)) {
      this.remove(group.id).catch((error) => environment.log.error('a deletion was not finished', { resource: group.id, error }));
    }
  }

  /** A cluster that could not run is tried again whenever somebody wants something of it. Throws why it cannot. */
  private async revived(cluster: string): Promise<ClusterState | undefined> {
    const state = this.ledger.cluster(cluster);
    if (state && this.failures.has(cluster)) await this.resumeCluster(state);
    if (this.failures.has(cluster)) throw this.failures.get(cluster);
    return state;
  }

  private async openNetwork(state: ClusterState, network: StoredResource): Promise<void> {
    const blocks = networkBlocks(network.attributes);
    await this.claims.claim(state.cluster, blocks);
    this.options.room.open(state.cluster, blocks);
  }

  /** Makes a change durable and real. `undo` takes it back when it turns out to be impossible. */
  private async commit(state: ClusterState, resource: StoredResource, undo: () => void): Promise<void> {
    let proceed = () => {};
    try {
      if (resource.kind === 'Network') await this.openNetwork(state, resource);
      if (resource.kind === 'InstanceGroup') proceed = this.fleet.resize(state, resource);
      if (resource.kind === 'LoadBalancer') await this.options.room.balance(state.cluster, balancersOf(state));
    } catch (error) {
      undo();
      throw error;
    }
    await this.ledger.save(state);
    proceed();
  }

  private async drop(state: ClusterState, resource: StoredResource): Promise<void> {
    const { room } = this.options;
    state.resources = state.resources.filter((other) => other !== resource);
    delete state.contents[resource.id];
    if (resource.kind === 'LoadBalancer') await room.balance(state.cluster, balancersOf(state));
    if (resource.kind === 'Network') {
      await room.close(state.cluster);
      await this.claims.release(state.cluster);
    }
    await this.ledger.save(state);
    if (resource.kind === 'Volume') await room.discardVolume(resource.id);
  }

  private existing(id: string, operation: string): { state: ClusterState; resource: StoredResource } {
    const found = this.ledger.findResource(id);
    if (!found) throw new CloudError('notFound', operation, `${id} does not exist`, { object: id });
    return found;
  }

  private existingInstance(cluster: string, id: string, operation: string): { state: ClusterState; instance: InstanceRecord } {
    const found = this.ledger.findInstance((instance) => instance.cluster === cluster && instance.id === id);
    if (found) return found;
    const known = this.ledger.cluster(cluster)?.instances.map((instance) => instance.id) ?? [];
    throw new CloudError('notFound', operation, `cluster ${cluster} has no instance ${id}`, {
      object: id,
      suggestions: known.length > 0 ? [`It has ${known.join(', ')}.`] : [],
    });
  }

  private described(resource: StoredResource): CloudResource {
    return { ...describeResource(resource, this.now()), ...mappedPorts(resource, this.options.room) };
  }

  private now(): number {
    return this.options.environment.clock.now();
  }
}

/** Until the next start nothing is made in its place: whoever has a copy of the file can put it back. */
function unreadable(cluster: string, problem: StateProblem): KopsError {
  return new KopsError(`the state of cluster ${cluster} in the local cloud cannot be read (${problem.message}); the file is kept as ${problem.keptAs}`, {
    code: 'CLOUD_STATE_CORRUPT',
    exit: 'cloud',
    object: problem.file,
    suggestions: ['Put a good copy back, then: kops-ts local stop && kops-ts local start', `or begin anew, without what ran there: kops-ts delete cluster ${cluster} --yes`],
  });
}
