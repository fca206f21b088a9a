import type { KubeClient } from '../../kube/client.ts';
import { createEventRecorder, type EventRecorder } from '../../kube/event-recorder.ts';
import type { SharedInformers } from '../../kube/informer.ts';
import type { Condition, NodeObject, Pod } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { timestamp } from '../../lib/clock.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { deepEqual } from '../../lib/json.ts';
import { ClusterState } from './cluster-state.ts';
import { fitErrorMessage } from './fit-error.ts';
import type { ClusterEvent, ClusterView, Plugin } from './framework.ts';
import { defaultPlugins } from './plugins/registry.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { findPreemption } from './preempt.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import { createNodeSelector, type NodeRejection, type NodeSelector } from './select-node.ts';

export interface SchedulerOptions {
  client: KubeClient;
  informers: SharedInformers;
  environment: Environment;
  /** Default `default-scheduler`: pods that name another one are left alone. */
  schedulerName?: string;
  plugins?: readonly Plugin[];
}

/** Decisions are made one after the other in memory; at most this many of them are on their way to the server. */
const bindingsAtOnce = 64;

/** Gives every pod without a node the best node there is, or says on the pod why there is none. */
export class Scheduler {
  private readonly client: KubeClient;
  private readonly environment: Environment;
  private readonly name: string;
  private readonly plugins: readonly Plugin[];
  private readonly state: ClusterState;
  private readonly queue: SchedulingQueue;
  private readonly selector: NodeSelector;
  private readonly recorder: EventRecorder;
  private readonly unsubscribe: (() => void)[];
  private readonly working = new Set<Promise<void>>();
  private pumping = false;
  private ready = false;
  private stopped = false;

  constructor(options: SchedulerOptions) {
    const { client, informers, environment } = options;
    this.client = client;
    this.environment = environment;
    this.name = options.schedulerName ?? 'default-scheduler';
    this.plugins = options.plugins ?? defaultPlugins;
    this.state = new ClusterState(informers);
    this.queue = new SchedulingQueue(environment.clock, () => this.pump());
    this.selector = createNodeSelector(this.plugins, environment.random);
    this.recorder = createEventRecorder({ client, environment, component: this.name });
    this.unsubscribe = [
      informers.for<NodeObject>(resourceTypes.nodes).handle({
        add: (node) => this.nodeChanged(node),
        update: (_old, node) => this.nodeChanged(node),
        deleted: (node) => this.state.removeNode(node.metadata.name),
      }),
      informers.for<Pod>(resourceTypes.pods).handle({
        add: (pod) => this.podChanged(undefined, pod),
        update: (old, pod) => this.podChanged(old, pod),
        deleted: (pod) => this.podGone(pod),
      }),
    ];
    // Before everything is known a full node may look empty.
    informers.synced().then(
      () => {
        this.ready = true;
        this.pump();
      },
      (error: unknown) => environment.log.error('the scheduler cannot start', { error }),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    this.queue.clear();
    await Promise.all(this.working);
    await this.recorder.flush();
  }

  private nodeChanged(node: NodeObject): void {
    const event = this.state.setNode(node);
    if (event) this.queue.wake(event);
  }

  private podChanged(old: Pod | undefined, pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    // The same name may stand for another pod by now.
    if (old && old.metadata.uid !== uid) this.podGone(old);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
      this.podGone(pod);
    } else if (pod.spec.nodeName) {
      this.queue.remove(uid);
      this.state.setPod(pod);
      if (!old?.spec.nodeName || !deepEqual(old.metadata.labels, pod.metadata.labels)) this.queue.wake('podAssigned');
    } else if (pod.metadata.deletionTimestamp !== undefined || !this.mine(pod)) {
      this.queue.remove(uid);
    } else if (old && this.mine(old)) {
      this.queue.replace(podInfoOf(pod), !deepEqual(old.spec, pod.spec) || !deepEqual(old.metadata.labels, pod.metadata.labels));
    } else {
      this.queue.add(podInfoOf(pod));
    }
  }

  private podGone(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    this.queue.remove(uid);
    if (this.state.removePod(uid)) this.queue.wake('podGone');
  }

  private mine({ spec }: Pod): boolean {
    return (spec.schedulerName ?? 'default-scheduler') === this.name && !spec.schedulingGates?.length;
  }

  /** In a microtask: pods that come in one go are all known before the first is placed. */
  private pump(): void {
    if (this.pumping || !this.ready || this.stopped) return;
    this.pumping = true;
    queueMicrotask(() => {
      this.pumping = false;
      while (!this.stopped && this.working.size < bindingsAtOnce) {
        const pod = this.queue.take();
        if (!pod) return;
        const work = this.attempt(pod).then(() => {
          this.working.delete(work);
          this.pump();
        });
        this.working.add(work);
      }
    });
  }

  private async attempt(pod: PodInfo): Promise<void> {
    try {
      await this.schedule(pod);
    } catch (error) {
      this.environment.log.error('scheduling failed', { pod: pod.key, error: messageOf(error) });
      this.queue.retryLater(pod.uid);
    }
  }

  /** Decides at once; the promise is about telling the server. */
  private schedule(pod: PodInfo): Promise<void> {
    const cluster = this.state.viewFor(pod);
    const selection = this.selector.select(pod, cluster);
    if (!selection.node) return this.unschedulable(pod, cluster, selection.rejections);
    const node = selection.node.name;
    this.state.assume(pod, node);
    return this.bind(pod, node);
  }

  private async bind(pod: PodInfo, node: string): Promise<void> {
    const { name, namespace = '', uid = '' } = pod.pod.metadata;
    try {
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { kind: 'Node', name: node } };
      await this.client.create(resourceTypes.pods, binding, { subresource: 'binding', name });
      this.queue.remove(pod.uid);
      this.recorder.event(pod.pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
    } catch (error) {
      this.state.forget(pod.uid);
      if (isStatus(error, 'NotFound')) {
        this.queue.remove(pod.uid);
        return;
      }
      this.queue.retryLater(pod.uid);
      this.recorder.event(pod.pod, 'Warning', 'FailedScheduling', `binding rejected: ${messageOf(error)}`);
      await this.setCondition(pod.pod, 'SchedulerError', messageOf(error));
    }
  }

  private async unschedulable(pod: PodInfo, cluster: ClusterView, rejections: ReadonlyMap<string, NodeRejection>): Promise<void> {
    const wakes = new Set<ClusterEvent>(['nodeAdded']);
    for (const { plugin } of rejections.values()) for (const event of plugin.wakes) wakes.add(event);
    this.queue.park(pod.uid, wakes);
    const reasons = [...rejections.values()].map((rejection) => rejection.reasons);
    const preemption = cluster.nodes.length === 0 ? undefined : findPreemption(this.plugins, pod, this.state, cluster, rejections);
    const message = fitErrorMessage(cluster.nodes.length, reasons, preemption?.node === undefined ? preemption?.message : undefined);
    this.recorder.event(pod.pod, 'Warning', 'FailedScheduling', message);
    if (preemption?.node !== undefined) {
      this.state.nominate(pod, preemption.node);
      await this.setCondition(pod.pod, 'Unschedulable', message, preemption.node);
      await Promise.all(preemption.victims.map((victim) => this.evict(victim, pod, preemption.node)));
    } else {
      await this.setCondition(pod.pod, 'Unschedulable', message);
    }
  }

  private async evict(victim: PodInfo, by: PodInfo, node: string): Promise<void> {
    const { name, namespace, uid = '' } = victim.pod.metadata;
    if (victim.pod.metadata.deletionTimestamp !== undefined) return;
    try {
      await this.patchConditions(victim.pod, {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: `${this.name}: preempting to accommodate a higher priority pod`,
      });
      await this.client.delete(resourceTypes.pods, namespace, name, { preconditions: { uid } });
      this.recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${by.uid} on node ${node}`);
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  private async setCondition(pod: Pod, reason: string, message: string, nominatedNodeName?: string): Promise<void> {
    const current = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const nominated = nominatedNodeName ?? pod.status?.nominatedNodeName;
    if (current?.status === 'False' && current.reason === reason && current.message === message && nominated === pod.status?.nominatedNodeName) return;
    try {
      await this.patchConditions(pod, { type: 'PodScheduled', status: 'False', reason, message }, nominatedNodeName);
    } catch (error) {
      // It went, or somebody gave it a node meanwhile: nothing to say any more.
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  private async patchConditions(pod: Pod, condition: Condition, nominatedNodeName?: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const now = timestamp(this.environment.clock);
    const same = pod.status?.conditions?.find(({ type, status }) => type === condition.type && status === condition.status);
    const entry: Condition = { ...condition, lastProbeTime: null, lastTransitionTime: same?.lastTransitionTime ?? now };
    const status: Record<string, unknown> = { conditions: [entry] };
    if (nominatedNodeName !== undefined) status.nominatedNodeName = nominatedNodeName;
    await this.client.patch(resourceTypes.pods, namespace, name, { metadata: { uid }, status }, 'application/strategic-merge-patch+json', { subresource: 'status' });
  }
}
