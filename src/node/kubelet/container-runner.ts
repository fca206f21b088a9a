import type { Container, Probe } from '../../kube/objects.ts';
import { messageOf } from '../../lib/errors.ts';
import { goDuration } from './back-off.ts';
import { ContainerProbes } from './container-probes.ts';
import { containerReference } from './container-reference.ts';
import { terminatedState } from './container-status.ts';
import { ContainerConfigError, containerEnv } from './env.ts';
import { dialerOf, type KubeletContext } from './kubelet-context.ts';
import { runHook } from './lifecycle-hook.ts';
import { type ContainerRecord, hasExited, isRunning, type PodRecord, podLabel } from './pod-record.ts';
import { runProbe } from './prober.ts';
import type { PodVolumes } from './volumes.ts';

const configRetryMs = 5_000;

class RunContainerError extends Error {
  readonly reason = 'RunContainerError';
}

export interface PodHandle {
  record: PodRecord;
  volumes: PodVolumes;
  /** Looks at the pod again, now or later. */
  wake(): void;
  wakeAfter(delayMs: number): void;
}

/** Starts, watches and stops the containers of one pod. */
export class ContainerRunner {
  private readonly context: KubeletContext;
  private readonly pod: PodHandle;
  private readonly probes = new Map<string, ContainerProbes>();

  constructor(context: KubeletContext, pod: PodHandle) {
    this.context = context;
    this.pod = pod;
  }

  /** Brings a container that does not run to its next step: back-off, image, configuration, start. */
  async advance(spec: Container, container: ContainerRecord): Promise<void> {
    if (container.stopping || this.inBackOff(spec, container)) return;
    const { record } = this.pod;
    const image = await this.context.images.ensure(record.pod, spec, this.pod.wake);
    if (image.state === 'busy') return;
    if (image.state === 'waiting') {
      container.waiting = { reason: image.reason, message: image.message };
      if (image.retryInMs !== undefined) this.pod.wakeAfter(image.retryInMs);
      return;
    }
    try {
      const env = await this.environmentOf(spec);
      await this.start(spec, container, env);
    } catch (error) {
      const reason = error instanceof ContainerConfigError || error instanceof RunContainerError ? error.reason : 'CreateContainerError';
      container.waiting = { reason, message: messageOf(error) };
      this.event(spec, 'Warning', 'Failed', `Error: ${messageOf(error)}`);
      this.pod.wakeAfter(configRetryMs);
    }
  }

  /** Takes over what the runtime says of a container now. */
  async refresh(container: ContainerRecord): Promise<void> {
    const id = container.current?.id;
    if (!id || container.lost) return;
    container.current = await this.context.runtime.containerStatus(id);
    if (container.current.state !== 'exited') return;
    this.stopProbes(container.name);
    container.started = false;
    container.ready = false;
    container.stopping = false;
  }

  /** Runs the preStop hook, then TERM, then KILL; resolves when it has exited. */
  async stop(spec: Container, container: ContainerRecord, graceSeconds: number, message: string): Promise<void> {
    const { runtime, environment } = this.context;
    const id = container.current?.id;
    if (!id || !isRunning(container)) return;
    if (container.stopping) {
      // It is on its way out already; the shorter grace period counts.
      await runtime.stopContainer(id, graceSeconds);
      return this.refresh(container);
    }
    container.stopping = true;
    this.stopProbes(spec.name);
    this.event(spec, 'Normal', 'Killing', message);
    const deadline = environment.clock.now() + graceSeconds * 1000;
    if (graceSeconds > 0 && spec.lifecycle?.preStop) await this.preStop(spec, id, graceSeconds);
    // As the kubelet: a hook that used up the period still leaves the program two seconds.
    const left = Math.max((deadline - environment.clock.now()) / 1000, spec.lifecycle?.preStop ? Math.min(2, graceSeconds) : 0);
    await runtime.stopContainer(id, left);
    await this.refresh(container);
  }

  stopProbes(name: string): void {
    this.probes.get(name)?.stop();
    this.probes.delete(name);
  }

  stopAllProbes(): void {
    for (const name of [...this.probes.keys()]) this.stopProbes(name);
  }

  /** Kubernetes' crash loop: the wait counts from the last exit and doubles with each one. */
  private inBackOff(spec: Container, container: ContainerRecord): boolean {
    const { current } = container;
    if (!current || !hasExited(container)) return false;
    const { record } = this.pod;
    const key = this.backOffKey(spec);
    const waitMs = this.context.restartBackOff.waitMs(key, current.finishedAt ?? 0);
    if (waitMs === 0) return false;
    const period = goDuration(this.context.restartBackOff.currentMs(key));
    if (container.waiting?.reason !== 'CrashLoopBackOff')
      this.event(spec, 'Warning', 'BackOff', `Back-off restarting failed container ${spec.name} in pod ${podLabel(record.pod)}`);
    container.waiting = { reason: 'CrashLoopBackOff', message: `back-off ${period} restarting failed container=${spec.name} pod=${podLabel(record.pod)}` };
    this.pod.wakeAfter(waitMs);
    return true;
  }

  private async environmentOf(spec: Container): Promise<Record<string, string>> {
    const { record, volumes } = this.pod;
    const { node, objects, services } = this.context;
    if ([spec.livenessProbe, spec.readinessProbe, spec.startupProbe].some((probe) => probe?.grpc))
      throw new ContainerConfigError(`container ${spec.name}: gRPC probes are not supported; use httpGet, tcpSocket or exec`);
    const missing = (spec.volumeMounts ?? []).find(({ name }) => !volumes.files.has(name));
    if (missing) throw new ContainerConfigError(`cannot find volume "${missing.name}" to mount into container "${spec.name}"`);
    const addresses = { hostIp: node.ip, ...(record.ip ? { ip: record.ip } : {}) };
    return containerEnv(record.pod, spec, { objects, node, addresses, services });
  }

  private async start(spec: Container, container: ContainerRecord, env: Record<string, string>): Promise<void> {
    const { runtime, restartBackOff, environment } = this.context;
    const { record, volumes } = this.pod;
    if (record.terminating || !record.sandboxId) return;
    const previous = container.current;
    const attempt = previous ? container.restartCount + 1 : container.restartCount;
    const mounts = (spec.volumeMounts ?? []).map((mount) => ({
      mountPath: mount.mountPath,
      readOnly: mount.readOnly ?? false,
      volume: volumes.files.get(mount.name) ?? new Map<string, Uint8Array>(),
      ...(mount.subPath ? { subPath: mount.subPath } : {}),
    }));
    const id = await runtime.createContainer(record.sandboxId, {
      name: spec.name,
      attempt,
      image: spec.image ?? '',
      spec,
      env,
      mounts,
      tty: spec.tty ?? false,
      stdin: spec.stdin ?? false,
    });
    if (previous) {
      restartBackOff.next(this.backOffKey(spec), previous.finishedAt ?? environment.clock.now());
      await this.supersede(container, previous);
    }
    this.event(spec, 'Normal', 'Created', 'Container created');
    container.restartCount = attempt;
    delete container.waiting;
    container.lost = false;
    container.ready = !spec.readinessProbe;
    container.started = !spec.startupProbe && !spec.lifecycle?.postStart;
    await runtime.startContainer(id).catch((error: unknown) => {
      throw new RunContainerError(messageOf(error));
    });
    container.current = await runtime.containerStatus(id);
    this.event(spec, 'Normal', 'Started', 'Container started');
    if (isRunning(container)) this.afterStart(spec, container, id);
  }

  /** Keeps the instance before the last for `logs --previous`, and drops the one before that. */
  private async supersede(container: ContainerRecord, previous: NonNullable<ContainerRecord['current']>): Promise<void> {
    const older = container.previousId;
    container.last = terminatedState(previous, this.context.runtime.name);
    delete container.previousId;
    if (!container.lost) container.previousId = previous.id;
    if (older) await this.context.runtime.removeContainer(older);
  }

  private afterStart(spec: Container, container: ContainerRecord, id: string): void {
    const hook = spec.lifecycle?.postStart;
    if (!hook) {
      this.probe(spec, container, id);
      return;
    }
    container.postStart = 'running';
    const target = { ip: this.pod.record.ip ?? '', container: spec, containerId: id };
    runHook(hook, target, dialerOf(this.context), this.context.runtime, this.context.environment.signal).then(
      () => {
        container.postStart = 'done';
        if (container.current?.id === id && isRunning(container)) this.probe(spec, container, id);
      },
      (error: unknown) => {
        this.event(spec, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${messageOf(error)}`);
        this.kill(spec, container, 'FailedPostStartHook');
      },
    );
  }

  private probe(spec: Container, container: ContainerRecord, id: string): void {
    const target = { ip: this.pod.record.ip ?? '', container: spec, containerId: id };
    const change = (update: () => void) => {
      update();
      this.pod.wake();
    };
    const probes = new ContainerProbes(spec, this.context.environment.clock, {
      run: (probe) => runProbe(probe, target, dialerOf(this.context), this.context.runtime),
      failed: (kind, message) => this.event(spec, 'Warning', 'Unhealthy', `${kind} probe failed: ${message}`),
      started: () => change(() => (container.started = true)),
      ready: (ready) => change(() => (container.ready = ready)),
      unhealthy: (kind, probe) => this.kill(spec, container, `Container ${spec.name} failed ${kind.toLowerCase()} probe, will be restarted`, probe),
    });
    this.probes.set(spec.name, probes);
  }

  /** In the background: its exit wakes the pod, whose restart policy then decides. */
  private kill(spec: Container, container: ContainerRecord, message: string, probe?: Probe): void {
    const graceSeconds = probe?.terminationGracePeriodSeconds ?? this.pod.record.pod.spec.terminationGracePeriodSeconds ?? 30;
    this.stop(spec, container, graceSeconds, message).then(this.pod.wake, (error: unknown) =>
      this.context.environment.log.warn('a container was not stopped', { container: spec.name, error: messageOf(error) }),
    );
  }

  private async preStop(spec: Container, id: string, graceSeconds: number): Promise<void> {
    const { environment, runtime } = this.context;
    const hook = spec.lifecycle?.preStop;
    if (!hook) return;
    const abort = new AbortController();
    const timer = environment.clock.setTimer(graceSeconds * 1000, () => abort.abort(new Error('the grace period is over')));
    try {
      const target = { ip: this.pod.record.ip ?? '', container: spec, containerId: id };
      await runHook(hook, target, dialerOf(this.context), runtime, abort.signal);
    } catch (error) {
      this.event(spec, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${messageOf(error)}`);
    } finally {
      timer.cancel();
    }
  }

  private backOffKey(spec: Container): string {
    return `${this.pod.record.uid}/${spec.name}`;
  }

  private event(spec: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.context.events.event(containerReference(this.pod.record.pod, spec.name), type, reason, message);
  }
}
