import { type NodeObject, objectKey, type Pod, type Taint, type Toleration } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { tolerates } from '../../../kube/selectors-toleration.ts';
import { isStatus } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { deepEqual } from '../../../lib/json.ts';
import { type StartController, stopAll } from '../controller.ts';
import { isActive } from '../pods.ts';

/** Drives pods off nodes with NoExecute taints, as soon as their tolerations run out. */
export const startTaintEvictionController: StartController = (context) => {
  const { client, informers, environment } = context;
  const { clock } = environment;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const pods = informers.for<Pod>(resourceTypes.pods);
  pods.addIndex('node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const recorder = context.recorder('taint-eviction-controller');
  /** Since when each pod has been tolerating the taints of its node, by uid. */
  const since = new Map<string, number>();
  const queue = context.queue('taint-eviction', reconcile, { concurrency: 10 });

  async function reconcile(key: string): Promise<void> {
    const pod = pods.get(key);
    if (!pod || !isActive(pod)) return;
    const uid = pod.metadata.uid ?? '';
    const taints = noExecute(nodes.get(pod.spec.nodeName ?? ''));
    if (taints.length === 0) {
      if (since.delete(uid)) recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
      return;
    }
    const toleratedMs = toleratedFor(taints, pod.spec.tolerations ?? []);
    if (toleratedMs === undefined) return;
    const startMs = since.get(uid) ?? clock.now();
    const leftMs = startMs + toleratedMs - clock.now();
    if (leftMs <= 0) return evict(pod, key);
    since.set(uid, startMs);
    queue.addAfter(key, leftMs);
  }

  async function evict(pod: Pod, key: string): Promise<void> {
    const { namespace, name, uid = '' } = pod.metadata;
    recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: timestamp(clock),
    };
    try {
      await client.patch(resourceTypes.pods, namespace, name, { metadata: { uid }, status: { conditions: [condition] } }, 'application/strategic-merge-patch+json', {
        subresource: 'status',
      });
      await client.delete(resourceTypes.pods, namespace, name, { preconditions: { uid } });
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  const wakeNode = (node: NodeObject) => {
    for (const pod of pods.byIndex('node', node.metadata.name)) queue.add(objectKey(pod));
  };
  return stopAll([
    queue,
    nodes.handle({
      add: (node) => noExecute(node).length > 0 && wakeNode(node),
      update: (old, node) => !deepEqual(noExecute(old), noExecute(node)) && wakeNode(node),
    }),
    pods.handle({
      add: (pod) => queue.add(objectKey(pod)),
      update: (old, pod) => (old.spec.nodeName !== pod.spec.nodeName || !deepEqual(old.spec.tolerations, pod.spec.tolerations)) && queue.add(objectKey(pod)),
      deleted: ({ metadata }) => since.delete(metadata.uid ?? ''),
    }),
  ]);
};

function noExecute(node: NodeObject | undefined): Taint[] {
  return node?.spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
}

/** Milliseconds; 0 when one taint is not tolerated at all, undefined when all are for ever. */
function toleratedFor(taints: readonly Taint[], tolerations: readonly Toleration[]): number | undefined {
  let shortest: number | undefined;
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds !== undefined) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return shortest;
}
