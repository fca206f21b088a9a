import { CloudError } from '../../../src/cloud/errors.ts';
import type { Timer } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { hex } from '../../../src/lib/random.ts';
import { freeInstanceIp } from './addresses.ts';
import { clampTarget, emptiestSubnet, groupAttributes, members, surplus, templateOf } from './instance-groups.ts';
import type { Ledger } from './ledger.ts';
import type { MachineRoom } from './machine-room.ts';
import type { ClusterState, InstanceRecord, StoredResource } from './state.ts';

export interface FleetOptions {
  environment: Environment;
  ledger: Ledger;
  room: MachineRoom;
  regionOf(zone: string): string;
  /** How many instances of a type a zone has. */
  capacity(machineType: string, zone: string): number;
  /** After this long without a sign of life an instance counts as failed. */
  healthCheckMs: number;
}

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/** Launches, ends and watches instances, and keeps groups at their size. */
export class Fleet {
  private readonly options: FleetOptions;
  private readonly booting = new Map<string, { done: Promise<void>; cancel: AbortController }>();
  private readonly ending = new Map<string, Promise<void>>();
  private readonly timers = new Set<Timer>();
  private readonly watchers = new Set<(instance: InstanceRecord) => void>();
  private closed = false;
  /** Why an instance does not run what it should: its last boot failed and is tried again. By instance id. */
  readonly bootProblems = new Map<string, string>();

  constructor(options: FleetOptions) {
    this.options = options;
  }

  /** Called when an instance runs, goes, or is gone. */
  onChange(callback: (instance: InstanceRecord) => void): () => void {
    this.watchers.add(callback);
    return () => void this.watchers.delete(callback);
  }

  /** After a start of the host: everything that ran boots again, everything that was going goes. */
  resume(state: ClusterState): void {
    for (const instance of state.instances) if (instance.state === 'terminating') void this.end(state, instance, true);
    for (const instance of state.instances) {
      if (instance.state === 'stopped') this.missLater(state, instance);
      else if (instance.state !== 'terminating') this.boot(state, instance);
    }
    for (const group of state.resources) if (group.kind === 'InstanceGroup' && !group.deleting) this.keepSize(state, group);
  }

  /**
   * Brings a group to its target size in memory; returns what to do once that is saved. Throws CloudError `capacity` or `quota`
   * when an instance cannot be launched; nothing is changed then.
   */
  resize(state: ClusterState, group: StoredResource): () => void {
    const target = group.targetSize;
    group.targetSize = clampTarget(group);
    const missing = group.targetSize - members(state, group).length;
    const before = [...state.instances];
    const launched: InstanceRecord[] = [];
    try {
      for (let i = 0; i < missing; i++) launched.push(this.launch(state, group));
    } catch (error) {
      state.instances = before;
      if (target === undefined) delete group.targetSize;
      else group.targetSize = target;
      throw error;
    }
    const leaving = surplus(state, group, -missing);
    for (const instance of leaving) instance.state = 'terminating';
    return () => {
      for (const instance of leaving) void this.end(state, instance, true);
      for (const instance of launched) this.boot(state, instance);
    };
  }

  /** Says goodbye; the replacement is launched at once. Resolves when that is decided and saved, not when the instance is gone. */
  async terminate(state: ClusterState, instance: InstanceRecord): Promise<void> {
    if (instance.state === 'terminating') return;
    instance.state = 'terminating';
    const proceed = this.tryResize(state, instance.groupId);
    await this.options.ledger.save(state);
    void this.end(state, instance, true);
    proceed();
  }

  /** The power goes; the group finds out by its health check. */
  async powerOff(state: ClusterState, instance: InstanceRecord): Promise<void> {
    if (instance.state !== 'running') return;
    instance.state = 'stopped';
    await this.options.room.stop(instance.id, { graceful: false });
    await this.options.ledger.save(state);
    this.missLater(state, instance);
  }

  async detach(state: ClusterState, instance: InstanceRecord): Promise<void> {
    instance.detached = true;
    const proceed = this.tryResize(state, instance.groupId);
    await this.options.ledger.save(state);
    proceed();
  }

  /** Ends all instances of a group, detached ones too. Resolves when they are gone. */
  async terminateAll(state: ClusterState, group: StoredResource): Promise<void> {
    const all = state.instances.filter((instance) => instance.groupId === group.id);
    for (const instance of all) instance.state = 'terminating';
    await this.options.ledger.save(state);
    await Promise.all(all.map((instance) => this.end(state, instance, true)));
  }

  /** Everything that was begun and is not finished. */
  async settled(): Promise<void> {
    await Promise.allSettled([...[...this.booting.values()].map((boot) => boot.done), ...this.ending.values()]);
  }

  /** The host stops: nothing is terminated; workers go first, so that a control plane still hears what they say. */
  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) timer.cancel();
    for (const boot of this.booting.values()) boot.cancel.abort();
    const all = this.options.ledger.clusters().flatMap((state) => state.instances);
    for (const role of ['Bastion', 'Node', 'ControlPlane']) {
      const instances = all.filter((instance) => instance.role === role);
      await Promise.allSettled(instances.map((instance) => this.options.room.stop(instance.id, { graceful: role === 'ControlPlane' })));
    }
    await this.settled();
  }

  private launch(state: ClusterState, group: StoredResource): InstanceRecord {
    const { environment, regionOf, capacity, ledger } = this.options;
    const attributes = groupAttributes(group);
    const subnet = emptiestSubnet(state, group);
    if (!subnet) throw new CloudError('invalid', 'launch', `instance group ${group.name} has no subnet that exists`, { object: group.name });
    const zone = String(subnet.attributes.zone);
    const { machineType } = attributes;
    const running = ledger.clusters().flatMap((other) => other.instances.filter((instance) => instance.zone === zone && instance.machineType === machineType));
    if (running.length >= capacity(machineType, zone)) {
      throw new CloudError('capacity', 'launch', `zone ${zone} has no more capacity for ${machineType}`, {
        object: group.name,
        suggestions: [`Choose another machine type or zone for ${attributes.instanceGroup}.`],
      });
    }
    const network = state.resources.find((resource) => resource.id === subnet.attributes.network);
    const privateIp = freeInstanceIp(state, String(network?.attributes.cidr), String(subnet.attributes.cidr));
    if (!privateIp) throw new CloudError('quota', 'launch', `subnet ${subnet.name} (${subnet.attributes.cidr}) has no free address`, { object: group.name });
    const id = `i-${hex(environment.random, 17)}`;
    const instance: InstanceRecord = {
      id,
      cluster: state.cluster,
      groupId: group.id,
      instanceGroup: attributes.instanceGroup,
      role: attributes.role,
      state: 'pending',
      machineType,
      region: regionOf(zone),
      zone,
      subnetId: subnet.id,
      privateIp,
      ...(attributes.publicIp ? { publicIp: privateIp } : {}),
      nodeName: id,
      providerId: `local:///${zone}/${id}`,
      template: templateOf(group),
      userData: attributes.userData,
      detached: false,
      launchedAt: environment.clock.now(),
    };
    state.instances.push(instance);
    return instance;
  }

  private boot(state: ClusterState, instance: InstanceRecord): void {
    if (this.closed) return;
    const { log } = this.options.environment;
    const cancel = new AbortController();
    const done = this.bootUntilItRuns(state, instance, cancel.signal)
      .catch((error) => log.error('an instance was given up', { instance: instance.id, error }))
      .finally(() => this.booting.delete(instance.id));
    this.booting.set(instance.id, { done, cancel });
  }

  private async bootUntilItRuns(state: ClusterState, instance: InstanceRecord, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options.environment;
    const wanted = () => !this.closed && (instance.state === 'pending' || instance.state === 'running');
    for (let waitMs = firstRetryMs; wanted(); waitMs = Math.min(waitMs * 2, longestRetryMs)) {
      try {
        const volumes = await this.attachVolumes(state, instance);
        if (!wanted()) return;
        instance.state = 'running';
        await this.options.ledger.save(state);
        this.announce(instance);
        await this.options.room.start(instance, volumes);
        this.bootProblems.delete(instance.id);
        return;
      } catch (error) {
        if (!wanted()) return;
        this.bootProblems.set(instance.id, messageOf(error));
        log.warn('an instance does not boot; it is tried again', { instance: instance.id, instanceGroup: instance.instanceGroup, waitMs, error });
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    }
  }

  /** Volumes made for the group in this zone; waits for the instance that still has them. Name → id. */
  private async attachVolumes(state: ClusterState, instance: InstanceRecord): Promise<Map<string, string>> {
    const mine = state.resources.filter(
      (resource) => resource.kind === 'Volume' && resource.attributes.instanceGroup === instance.instanceGroup && resource.attributes.zone === instance.zone,
    );
    for (const volume of mine) {
      for (let holder = state.attachments[volume.id]; holder !== undefined && holder !== instance.id; holder = state.attachments[volume.id]) {
        const end = this.ending.get(holder);
        if (!end) throw new CloudError('dependency', 'attachVolume', `volume ${volume.name} is attached to ${holder}`, { object: volume.name, blockers: [holder] });
        await end;
      }
    }
    for (const volume of mine) state.attachments[volume.id] = instance.id;
    return new Map(mine.map((volume) => [volume.name, volume.id]));
  }

  private end(state: ClusterState, instance: InstanceRecord, graceful: boolean): Promise<void> {
    const running = this.ending.get(instance.id);
    if (running) return running;
    this.announce(instance);
    const { log } = this.options.environment;
    const ending = this.finish(state, instance, graceful)
      .catch((error) => log.error('an instance did not end cleanly', { instance: instance.id, error: messageOf(error) }))
      .finally(() => this.ending.delete(instance.id));
    this.ending.set(instance.id, ending);
    return ending;
  }

  private async finish(state: ClusterState, instance: InstanceRecord, graceful: boolean): Promise<void> {
    const { room, ledger } = this.options;
    const boot = this.booting.get(instance.id);
    boot?.cancel.abort();
    await room.stop(instance.id, { graceful });
    await boot?.done;
    // The host stops before the record is gone: the next start finishes the job.
    if (this.closed) return;
    for (const [volume, holder] of Object.entries(state.attachments)) if (holder === instance.id) delete state.attachments[volume];
    state.instances = state.instances.filter((other) => other !== instance);
    this.bootProblems.delete(instance.id);
    await ledger.save(state);
    await room.discardInstance(instance.id);
    this.announce(instance);
  }

  private missLater(state: ClusterState, instance: InstanceRecord): void {
    this.later(this.options.healthCheckMs, () => {
      if (instance.state !== 'stopped') return;
      this.terminate(state, instance).catch((error) => this.options.environment.log.error('a failed instance was not replaced', { instance: instance.id, error }));
    });
  }

  private tryResize(state: ClusterState, groupId: string): () => void {
    const group = state.resources.find((resource) => resource.id === groupId);
    if (!group || group.deleting) return () => {};
    try {
      return this.resize(state, group);
    } catch (error) {
      this.options.environment.log.warn('an instance group is below its size', { group: group.name, error: messageOf(error) });
      return () => this.later(longestRetryMs, () => this.keepSize(state, group));
    }
  }

  private keepSize(state: ClusterState, group: StoredResource): void {
    if (!state.resources.includes(group)) return;
    const proceed = this.tryResize(state, group.id);
    this.options.ledger.save(state).then(proceed, (error) => this.options.environment.log.error('the size of an instance group was not kept', { group: group.name, error }));
  }

  private later(delayMs: number, callback: () => void): void {
    const timer = this.options.environment.clock.setTimer(
      delayMs,
      () => {
        this.timers.delete(timer);
        callback();
      },
      { background: true },
    );
    this.timers.add(timer);
  }

  private announce(instance: InstanceRecord): void {
    for (const watcher of this.watchers) watcher(instance);
  }
}
