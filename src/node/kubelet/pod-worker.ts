import type { Pod } from '../../kube/objects.ts';
import type { Timer } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { addMissingContainers, adoptPod, inheritRestarts } from './adopt-pod.ts';
import { podReference } from './container-reference.ts';
import { ContainerRunner } from './container-runner.ts';
import { closeHostPorts } from './host-ports.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { deletePod } from './pod-deletion.ts';
import { advancePod, hasEnded } from './pod-plan.ts';
import { hasExited, isRunning, type PodRecord } from './pod-record.ts';
import { prepareSandbox, releaseSandbox } from './pod-sandbox.ts';
import { podStatus } from './pod-status.ts';
import { terminatePod } from './pod-termination.ts';
import { PodVolumes } from './volumes.ts';

const retryMs = 10_000;

export interface PodWorkerOptions {
  isStatic?: boolean;
  /** The pod is over for this node: its containers are gone and the API knows. */
  onGone(worker: PodWorker): void;
}

/** Brings one pod to what its spec says, one step at a time, whenever something happened: an API event, a runtime event, a probe, a timer. */
export class PodWorker {
  readonly record: PodRecord;
  readonly volumes = new PodVolumes();
  readonly runner: ContainerRunner;
  readonly context: KubeletContext;
  private readonly options: PodWorkerOptions;
  /** For a static pod: its mirror in the API. */
  private mirror: Pod | undefined;
  private mirrored = false;
  private admitted = false;
  private deleteFromApi = true;
  private running = false;
  private again = false;
  private stopped = false;
  private timer: { atMs: number; timer: Timer } | undefined;
  private readonly changed = new Set<string>();

  constructor(context: KubeletContext, pod: Pod, options: PodWorkerOptions) {
    this.context = context;
    this.options = options;
    this.record = adoptPod(pod, options.isStatic ?? false, context.environment.clock.now());
    this.runner = new ContainerRunner(context, this);
    // What had ended before this kubelet started is only deleted, never judged again.
    this.admitted = this.record.ended;
  }

  readonly wake = (): void => {
    if (this.stopped) return;
    this.again = true;
    if (this.running) return;
    this.running = true;
    queueMicrotask(() => void this.loop());
  };

  wakeAfter(delayMs: number): void {
    const { clock } = this.context.environment;
    const atMs = clock.now() + delayMs;
    if (this.timer && this.timer.atMs <= atMs) return;
    this.timer?.timer.cancel();
    const timer = clock.setTimer(
      delayMs,
      () => {
        this.timer = undefined;
        this.wake();
      },
      { background: true },
    );
    this.timer = { atMs, timer };
  }

  /** A newer version from the API. */
  update(pod: Pod): void {
    const before = graceOf(this.record.pod);
    this.record.pod = pod;
    if (this.record.terminating && graceOf(pod) < before) this.hurry(graceOf(pod));
    this.wake();
  }

  /** The object is gone from the API: stop, and tell nobody. */
  removed(pod: Pod): void {
    this.deleteFromApi = false;
    this.record.pod = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.deletionTimestamp ?? 'now' } };
    this.context.statuses.forget(this.record.uid);
    if (this.record.terminating) this.hurry(0);
    this.wake();
  }

  setMirror(mirror: Pod | undefined): void {
    if (mirror && !this.mirrored) inheritRestarts(this.record, mirror, this.context.environment.clock.now());
    this.mirrored ||= mirror !== undefined;
    this.mirror = mirror;
    if (mirror) this.wake();
  }

  containerChanged(containerId: string): void {
    this.changed.add(containerId);
    this.wake();
  }

  /** Machine off: no more steps, nothing is written. */
  stop(): void {
    this.stopped = true;
    this.timer?.timer.cancel();
    this.runner.stopAllProbes();
    void closeHostPorts(this.record.hostPorts);
  }

  /** The status is written when it differs from what the API has. */
  publish(): void {
    const target = this.record.isStatic ? this.mirror : this.record.pod;
    if (!target || !this.deleteFromApi) return;
    const { statuses, environment, node, runtime } = this.context;
    const previous = statuses.current(target);
    statuses.set(target, podStatus(this.record, previous, { nowMs: environment.clock.now(), hostIp: node.ip, runtimeName: runtime.name }));
  }

  private async loop(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        await this.sync();
      } catch (error) {
        if (this.stopped) break;
        this.context.environment.log.warn('a pod was not brought to its spec, tried again', { pod: this.label, error: messageOf(error) });
        this.wakeAfter(retryMs);
      }
    }
    this.running = false;
  }

  private async sync(): Promise<void> {
    const { record } = this;
    if (record.pod.metadata.deletionTimestamp) return this.terminate();
    addMissingContainers(record, this.context.environment.clock.now());
    await this.refresh();
    if (record.ended) return this.publishNew();
    if (!(await this.admit()) || (await this.deadlineExceeded())) return this.end();
    if (record.startTimeMs === undefined) {
      record.startTimeMs = this.context.environment.clock.now();
      this.publish();
    }
    const prepared = await this.context.starts.run(() => this.advance());
    if (this.stopped) return releaseSandbox(this);
    if (prepared && hasEnded(record)) return this.end();
    this.publish();
  }

  /** False: the pod cannot run yet. */
  private async advance(): Promise<boolean> {
    // Its turn may have come late.
    if (this.stopped || this.record.pod.metadata.deletionTimestamp || !(await prepareSandbox(this))) return false;
    if (!this.stopped) await advancePod(this.runner, this.record);
    return true;
  }

  /** A static pod's mirror may come late. */
  private publishNew(): void {
    if (this.record.isStatic) this.publish();
  }

  private async refresh(): Promise<void> {
    const changed = [...this.changed];
    this.changed.clear();
    for (const container of this.record.containers.values()) if (container.current && changed.includes(container.current.id)) await this.runner.refresh(container);
  }

  private async admit(): Promise<boolean> {
    if (this.admitted) return true;
    const refused = await this.context.admit(this.record.pod);
    if (refused) {
      this.context.events.event(podReference(this.record.pod), 'Warning', refused.reason, refused.message);
      this.record.failed = { reason: refused.reason, message: `Pod was rejected: ${refused.message}` };
      return false;
    }
    this.admitted = true;
    return true;
  }

  private async deadlineExceeded(): Promise<boolean> {
    const { pod, startTimeMs } = this.record;
    const { clock } = this.context.environment;
    if (pod.spec.activeDeadlineSeconds === undefined || startTimeMs === undefined) {
      if (pod.spec.activeDeadlineSeconds !== undefined) this.wakeAfter(pod.spec.activeDeadlineSeconds * 1000);
      return false;
    }
    const leftMs = startTimeMs + pod.spec.activeDeadlineSeconds * 1000 - clock.now();
    if (leftMs > 0) {
      this.wakeAfter(leftMs);
      return false;
    }
    const message = 'Pod was active on the node longer than the specified deadline';
    this.context.events.event(podReference(pod), 'Normal', 'DeadlineExceeded', message);
    this.record.failed = { reason: 'DeadlineExceeded', message };
    return true;
  }

  /** All that still runs is stopped, the network given back; the containers stay for their logs until the pod is deleted. */
  private async end(): Promise<void> {
    await this.stopContainers(this.record.pod.spec.terminationGracePeriodSeconds ?? 30);
    this.record.ended = true;
    await releaseSandbox(this);
    this.publish();
  }

  stopContainers(graceSeconds: number): Promise<void> {
    return terminatePod(this.runner, this.record, graceSeconds, this.context.environment.clock);
  }

  private async terminate(): Promise<void> {
    const { record, context } = this;
    if (record.terminating) return;
    record.terminating = true;
    await this.refresh();
    const grace = graceOf(record.pod);
    const serving = record.ip !== undefined && !record.pod.spec.hostNetwork && [...record.containers.values()].some(isRunning);
    // A request that comes while the endpoint is still in a proxy's list must find the program: so the endpoint leaves first, then TERM is sent.
    if (serving && grace > 0) await context.drained(record.ip ?? '');
    if (this.stopped) return;
    await this.stopContainers(graceOf(record.pod));
    for (const container of record.containers.values()) if (!hasExited(container)) delete container.waiting;
    record.ended = true;
    await releaseSandbox(this);
    context.images.forget(record.pod);
    await this.finish();
    if (record.sandboxId) await context.runtime.removeSandbox(record.sandboxId);
    this.stop();
    this.options.onGone(this);
  }

  /** The last status, then the object goes. */
  private async finish(): Promise<void> {
    const { record, context } = this;
    if (!this.deleteFromApi || record.isStatic) return;
    this.publish();
    await context.statuses.flush(record.pod);
    await deletePod(context, record.pod, () => this.stopped);
    context.statuses.forget(record.uid);
  }

  /** A shorter grace period came while the pod is being stopped. */
  private hurry(graceSeconds: number): void {
    for (const container of this.record.containers.values()) {
      if (isRunning(container) && container.current) void this.context.runtime.stopContainer(container.current.id, graceSeconds).catch(() => undefined);
    }
  }

  private get label(): string {
    return `${this.record.pod.metadata.namespace}/${this.record.pod.metadata.name}`;
  }
}

function graceOf(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}
