import type { EventRecorder } from '../../../kube/event-recorder.ts';
import type { Condition, Lease, NodeObject, Pod } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { deepEqual } from '../../../lib/json.ts';
import { conditionOf } from '../conditions.ts';
import { stopAll } from '../controller.ts';
import type { ClusterContext, StartClusterController } from '../start-controllers.ts';
import { desiredTaints } from './node-taints.ts';

const defaultGracePeriodMs = 40_000;
const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Notices nodes that fall silent or say that they are not ready: conditions, taints, and their pods' readiness. */
export const startNodeLifecycleController: StartClusterController = (context) => {
  const { client, informers, environment, cluster } = context;
  const { clock } = environment;
  const graceMs = cluster.nodeMonitorGracePeriodMs ?? defaultGracePeriodMs;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const leases = informers.for<Lease>(resourceTypes.leases);
  const pods = informers.for<Pod>(resourceTypes.pods);
  pods.addIndex('node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const recorder = context.recorder('node-controller');
  /** When each node was last heard of, by our own clock: the nodes' clocks may be wrong. */
  const heard = new Map<string, number>();
  const queue = context.queue('node-lifecycle', reconcile);

  async function reconcile(name: string): Promise<void> {
    const node = nodes.get(name);
    if (!node) {
      heard.delete(name);
      return;
    }
    const silentMs = clock.now() - (heard.get(name) ?? clock.now());
    const current = silentMs >= graceMs ? await markUnknown(context, recorder, node) : node;
    if (silentMs < graceMs) queue.addAfter(name, graceMs - silentMs);
    await taint(current);
    if (conditionOf(current.status?.conditions, 'Ready')?.status !== 'True') await markPodsNotReady(context, recorder, pods.byIndex('node', name));
  }

  /** When no node is ready, it is rather we who are cut off: nobody is driven off then. */
  async function taint(node: NodeObject): Promise<void> {
    const anyReady = nodes.list().some(({ metadata, status }) => metadata.name !== node.metadata.name && conditionOf(status?.conditions, 'Ready')?.status === 'True');
    const taints = desiredTaints(node, anyReady, timestamp(clock));
    if (deepEqual(taints, node.spec.taints ?? [])) return;
    const { name, uid, resourceVersion } = node.metadata;
    await client.patch(
      resourceTypes.nodes,
      undefined,
      name,
      { metadata: { uid, resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } },
      'application/merge-patch+json',
    );
  }

  const hear = (name: string) => {
    heard.set(name, clock.now());
    queue.add(name);
  };
  const changed = (old: NodeObject, node: NodeObject) => {
    const [before, now] = [old, node].map(({ status }) => conditionOf(status?.conditions, 'Ready'));
    if (before?.lastHeartbeatTime !== now?.lastHeartbeatTime && now?.status !== 'Unknown') hear(node.metadata.name);
    else queue.add(node.metadata.name);
    // Whether pods may be driven off one node depends on the others.
    if (before?.status !== now?.status) for (const { metadata } of nodes.list()) queue.add(metadata.name);
  };
  return stopAll([
    queue,
    nodes.handle({ add: ({ metadata }) => hear(metadata.name), update: changed, deleted: ({ metadata }) => queue.add(metadata.name) }),
    leases.handle({
      update: (old, lease) => {
        if (lease.metadata.namespace === 'kube-node-lease' && old.spec.renewTime !== lease.spec.renewTime) heard.set(lease.metadata.name, clock.now());
      },
    }),
  ]);
};

async function markUnknown({ client, environment }: ClusterContext, recorder: EventRecorder, node: NodeObject): Promise<NodeObject> {
  const conditions = node.status?.conditions ?? [];
  const now = timestamp(environment.clock);
  const unknown: Condition[] = watched
    .filter((type) => conditionOf(conditions, type)?.status !== 'Unknown')
    .map((type) => {
      const before = conditionOf(conditions, type);
      const lastHeartbeatTime = before?.lastHeartbeatTime ?? node.metadata.creationTimestamp ?? now;
      const [reason, message] = before ? ['NodeStatusUnknown', 'Kubelet stopped posting node status.'] : ['NodeStatusNeverUpdated', 'Kubelet never posted node status.'];
      return { type, status: 'Unknown', reason, message, lastHeartbeatTime, lastTransitionTime: now };
    });
  if (unknown.length === 0) return node;
  if (conditionOf(conditions, 'Ready')?.status === 'True') recorder.event(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
  const patch = { metadata: { uid: node.metadata.uid }, status: { conditions: unknown } };
  return client.patch<NodeObject>(resourceTypes.nodes, undefined, node.metadata.name, patch, 'application/strategic-merge-patch+json', { subresource: 'status' });
}

async function markPodsNotReady({ client, environment }: ClusterContext, recorder: EventRecorder, onNode: readonly Pod[]): Promise<void> {
  for (const pod of onNode) {
    if (conditionOf(pod.status?.conditions, 'Ready')?.status !== 'True') continue;
    const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: timestamp(environment.clock) }] } };
    try {
      await client.patch(resourceTypes.pods, pod.metadata.namespace, pod.metadata.name, patch, 'application/strategic-merge-patch+json', { subresource: 'status' });
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
      continue;
    }
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
  }
}
