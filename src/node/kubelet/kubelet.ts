import type { Fabric } from '../../fabric/fabric.ts';
import type { KubeClient } from '../../kube/client.ts';
import { createEventRecorder } from '../../kube/event-recorder.ts';
import { type Informer, startInformer } from '../../kube/informer.ts';
import type { KubeletClient, PodReference } from '../../kube/kubelet-api.ts';
import type { NodeObject, Pod, Service } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Refusal, refusePod } from './admission.ts';
import { BackOff } from './back-off.ts';
import { ImagePuller } from './image-puller.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { createKubeletServer } from './kubelet-server.ts';
import type { NodeIdentity } from './node-identity.ts';
import { NodeReporter, nodeReference } from './node-reporter.ts';
import { ObjectReader } from './object-reader.ts';
import { pacedEvents } from './paced-events.ts';
import { PodIpPool } from './pod-ip-pool.ts';
import { isRunning, type PodRecord } from './pod-record.ts';
import { PodWorker } from './pod-worker.ts';
import { StartSlots } from './start-slots.ts';
import { isMirror, MirrorPods, mirrors, staticPod } from './static-pods.ts';
import { StatusManager } from './status-manager.ts';

export interface KubeletOptions {
  environment: Environment;
  /** As `system:node:<name>`. */
  client: KubeClient;
  runtime: Runtime;
  fabric: Fabric;
  node: NodeIdentity;
  /** Manifests this machine runs whatever the API says. */
  staticPods: readonly Pod[];
  services(namespace: string): readonly Service[];
  /** Resolves when `services` knows them all: no pod starts before, it would lack their environment variables. */
  servicesSynced: Promise<void>;
  /** Resolves when no Service sends new connections to the address any more, or after a short bounded time. */
  drained(ip: string): Promise<void>;
}

const startsAtOnce = 8;
/** Of programs on a machine that goes: long enough for a request, short enough for people who wait for the next machine. */
const shutdownGraceSeconds = 2;
// Kubernetes' figures for volumes that fail to mount.
const mountRetryMs = 500;
const mountRetryLongestMs = 122_000;

/** The kubelet of one node. */
export class Kubelet {
  readonly api: KubeletClient;
  private readonly options: KubeletOptions;
  private readonly context: KubeletContext;
  private readonly reporter: NodeReporter;
  private readonly mirrorPods: MirrorPods;
  private readonly workers = new Map<string, PodWorker>();
  /** By `namespace/name`. */
  private readonly statics = new Map<string, PodWorker>();
  private readonly sandboxOwners = new Map<string, PodWorker>();
  private readonly abort = new AbortController();
  private readonly stops: (() => void)[] = [];
  private pods: Informer<Pod> | undefined;
  private pool: PodIpPool | undefined;
  private shuttingDown = false;

  constructor(options: KubeletOptions) {
    this.options = options;
    const { environment, client, runtime, fabric, node } = options;
    const { clock } = environment;
    const events = pacedEvents(createEventRecorder({ client, environment, component: 'kubelet', host: node.name }), clock);
    this.context = {
      environment: { ...environment, signal: this.abort.signal },
      client,
      runtime,
      fabric,
      node,
      events,
      images: new ImagePuller({ runtime, clock, events, signal: this.abort.signal }),
      objects: new ObjectReader(client, clock),
      statuses: new StatusManager(client, environment),
      restartBackOff: new BackOff(clock),
      mountBackOff: new BackOff(clock, mountRetryMs, mountRetryLongestMs),
      starts: new StartSlots(startsAtOnce),
      ips: () => this.pool,
      services: options.services,
      admit: (pod) => this.admit(pod),
      drained: options.drained,
    };
    if (node.podCIDR) this.pool = new PodIpPool(node.podCIDR);
    this.reporter = new NodeReporter({ client, environment, identity: node, runtime, events, registered: (object) => this.takePodCidr(object), notReady: () => this.notReady() });
    this.mirrorPods = new MirrorPods({ client, environment, node: () => this.reporter.object });
    this.api = createKubeletServer(this.context, (pod) => this.find(pod)?.record);
  }

  /** Static pods start at once, whether the API answers or not; resolves when the node is registered and its pods are known. */
  async start(): Promise<void> {
    const { environment, client, runtime, node } = this.options;
    await this.clean();
    this.stops.push(runtime.onEvent(({ sandboxId, containerId }) => this.workerOf(sandboxId)?.containerChanged(containerId)));
    for (const manifest of this.options.staticPods) this.addStatic(manifest);
    await this.reporter.start();
    await Promise.race([this.options.servicesSynced, aborted(this.abort.signal)]);
    if (this.abort.signal.aborted) return;
    this.context.events.event(nodeReference(node.name), 'Normal', 'Starting', 'Starting kubelet.');
    if (!this.pool) this.watchNode();
    this.pods = startInformer<Pod>(client, resourceTypes.pods, environment, { fieldSelector: `spec.nodeName=${node.name}` });
    this.stops.push(
      this.pods.handle({
        add: (pod) => this.added(pod),
        update: (old, pod) => {
          if (old.metadata.uid !== pod.metadata.uid) this.deleted(old);
          this.added(pod);
        },
        deleted: (pod) => this.deleted(pod),
      }),
    );
    await this.pods.synced;
    for (const worker of this.statics.values()) if (!this.mirrorOf(worker)) void this.mirrorPods.create(worker.record.pod);
  }

  /** Graceful: the node says that it goes before its programs are stopped. Otherwise as if the power went: nothing is written any more. */
  async stop(options: { graceful: boolean }): Promise<void> {
    if (this.abort.signal.aborted) return;
    this.shuttingDown = true;
    if (options.graceful) await this.reporter.report();
    this.abort.abort(new Error('the kubelet has stopped'));
    for (const stop of this.stops) stop();
    this.pods?.stop();
    this.reporter.stop();
    this.mirrorPods.stop();
    this.context.statuses.stop();
    for (const worker of [...this.workers.values(), ...this.statics.values()]) worker.stop();
    if (options.graceful) await Promise.all([...this.workers.values()].map((worker) => this.goodbye(worker.record)));
    await this.clean();
  }

  /** Requests that are under way get their answers: no new ones come, then the programs are told to end. */
  private async goodbye({ ip, pod, containers }: PodRecord): Promise<void> {
    const { runtime, drained } = this.options;
    const running = [...containers.values()].filter(isRunning).flatMap(({ current }) => current ?? []);
    if (running.length === 0) return;
    if (ip !== undefined && !pod.spec.hostNetwork) await drained(ip);
    await Promise.all(running.map(({ id }) => runtime.stopContainer(id, shutdownGraceSeconds).catch(() => undefined)));
  }

  /** Sandboxes of an earlier life: after a reboot nothing of them is alive. */
  private async clean(): Promise<void> {
    const { runtime, node } = this.options;
    const own = (await runtime.listSandboxes()).filter(({ nodeName }) => nodeName === node.name);
    await Promise.all(own.map(({ id }) => runtime.removeSandbox(id)));
  }

  private added(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const known = this.workers.get(uid);
    if (isMirror(pod)) this.mirrorAdded(pod);
    else if (known) known.update(pod);
    else this.startWorker(uid, pod);
  }

  private startWorker(uid: string, pod: Pod): void {
    const worker = new PodWorker(this.context, pod, { onGone: ({ record }) => this.gone(record) });
    this.workers.set(uid, worker);
    worker.wake();
  }

  private deleted(pod: Pod): void {
    if (!isMirror(pod)) {
      this.workers.get(pod.metadata.uid ?? '')?.removed(pod);
      return;
    }
    const worker = this.statics.get(nameOf(pod));
    worker?.setMirror(undefined);
    this.context.statuses.forget(pod.metadata.uid ?? '');
    if (worker) void this.mirrorPods.create(worker.record.pod);
  }

  private mirrorAdded(mirror: Pod): void {
    const worker = this.statics.get(nameOf(mirror));
    if (!worker || mirror.metadata.deletionTimestamp || !mirrors(mirror, worker.record.pod)) void this.mirrorPods.remove(mirror);
    else worker.setMirror(mirror);
  }

  private addStatic(manifest: Pod): void {
    const { environment, node } = this.options;
    const pod = staticPod(manifest, node.name, environment.clock.now());
    const worker = new PodWorker(this.context, pod, { isStatic: true, onGone: () => this.statics.delete(nameOf(pod)) });
    this.statics.set(nameOf(pod), worker);
    worker.wake();
  }

  private mirrorOf(worker: PodWorker): Pod | undefined {
    const mirror = this.pods?.get(nameOf(worker.record.pod));
    return mirror && isMirror(mirror) ? mirror : undefined;
  }

  private find(pod: PodReference): PodWorker | undefined {
    return this.statics.get(`${pod.namespace}/${pod.name}`) ?? this.workers.get(pod.uid);
  }

  private workerOf(sandboxId: string): PodWorker | undefined {
    const known = this.sandboxOwners.get(sandboxId);
    if (known) return known;
    const worker = [...this.workers.values(), ...this.statics.values()].find(({ record }) => record.sandboxId === sandboxId);
    if (worker) this.sandboxOwners.set(sandboxId, worker);
    return worker;
  }

  private gone({ uid, sandboxId }: PodRecord): void {
    this.workers.delete(uid);
    if (sandboxId) this.sandboxOwners.delete(sandboxId);
  }

  private async admit(pod: Pod): Promise<Refusal | undefined> {
    const { client, node } = this.options;
    const registered = this.reporter.object;
    if (!registered) return undefined;
    const others = [...this.workers.values(), ...this.statics.values()]
      .map(({ record }) => record)
      .filter((record) => record.pod !== pod && record.startTimeMs !== undefined && !record.ended);
    const judge = (object: NodeObject) =>
      refusePod(
        pod,
        others.map((record) => record.pod),
        object,
      );
    const refusal = judge(registered);
    // Labels may have changed since the node was last read.
    if (refusal?.reason !== 'NodeAffinity') return refusal;
    return judge(await client.get<NodeObject>(resourceTypes.nodes, undefined, node.name));
  }

  private notReady(): Refusal | undefined {
    if (this.shuttingDown) return { reason: 'KubeletNotReady', message: 'node is shutting down' };
    if (this.pool) return undefined;
    return { reason: 'KubeletNotReady', message: 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:the node has no pod CIDR yet' };
  }

  /** False: the node has none (that can be used) yet. */
  private takePodCidr({ spec }: NodeObject): boolean {
    if (this.pool || !spec.podCIDR) return this.pool !== undefined;
    try {
      this.pool = new PodIpPool(spec.podCIDR);
    } catch (error) {
      this.options.environment.log.error('the pod CIDR of the node cannot be used', { node: this.options.node.name, error: messageOf(error) });
    }
    return this.pool !== undefined;
  }

  /** Until a controller has given the node its part of the pod network. */
  private watchNode(): void {
    const { client, environment, node } = this.options;
    const nodes = startInformer<NodeObject>(client, resourceTypes.nodes, environment, { fieldSelector: `metadata.name=${node.name}` });
    const seen = (object: NodeObject) => {
      if (this.pool || !this.takePodCidr(object)) return;
      queueMicrotask(() => nodes.stop());
      void this.reporter.report();
      for (const worker of [...this.workers.values(), ...this.statics.values()]) worker.wake();
    };
    this.stops.push(() => nodes.stop());
    nodes.handle({ add: seen, update: (_old, object) => seen(object) });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function nameOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}
