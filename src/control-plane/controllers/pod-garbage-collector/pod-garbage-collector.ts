import { type NodeObject, objectKey, type Pod } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { type ControllerContext, type StartController, stopAll } from '../controller.ts';
import { isEnded } from '../pods.ts';

/** For nodes that were never seen: their pods may be there before they are. */
const quarantineMs = 40_000;

/** Deletes pods whose node is no more: nobody else would ever say that they ended. */
export const startPodGarbageCollector: StartController = (context) => {
  const { client, informers } = context;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const pods = informers.for<Pod>(resourceTypes.pods);
  pods.addIndex('node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const queue = context.queue('pod-garbage-collector', reconcile, { concurrency: 10 });

  async function reconcile(key: string): Promise<void> {
    const pod = pods.get(key);
    const nodeName = pod?.spec.nodeName;
    if (!pod || !nodeName || nodes.get(nodeName) || (await exists(nodeName))) return;
    await remove(context, pod);
  }

  async function exists(name: string): Promise<boolean> {
    try {
      await client.get(resourceTypes.nodes, undefined, name);
      return true;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }

  const placed = (pod: Pod) => {
    if (pod.spec.nodeName && !nodes.get(pod.spec.nodeName)) queue.addAfter(objectKey(pod), quarantineMs);
  };
  return stopAll([
    queue,
    nodes.handle({
      deleted: ({ metadata }) => {
        for (const pod of pods.byIndex('node', metadata.name)) queue.add(objectKey(pod));
      },
    }),
    pods.handle({ add: placed, update: (old, pod) => old.spec.nodeName !== pod.spec.nodeName && placed(pod) }),
  ]);
};

async function remove({ client, environment }: ControllerContext, pod: Pod): Promise<void> {
  const { namespace, name, uid = '' } = pod.metadata;
  const lastTransitionTime = timestamp(environment.clock);
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', lastTransitionTime };
  try {
    if (!isEnded(pod)) {
      const patch = { metadata: { uid }, status: { phase: 'Failed', conditions: [condition] } };
      await client.patch(resourceTypes.pods, namespace, name, patch, 'application/strategic-merge-patch+json', { subresource: 'status' });
    }
    await client.delete(resourceTypes.pods, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
  }
}
