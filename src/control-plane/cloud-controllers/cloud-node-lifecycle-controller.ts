import type { NodeObject } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { timestamp } from '../../lib/clock.ts';
import { conditionOf } from '../controllers/conditions.ts';
import { stopAll } from '../controllers/controller.ts';
import type { StartCloudController } from './start-cloud-controllers.ts';

export const shutdownTaint = 'node.cloudprovider.kubernetes.io/shutdown';

/** While a node is not ready the cloud is asked again: what it does not tell by itself. */
const lookAgainMs = 5000;

/** Removes nodes whose instance is gone, and marks those whose instance is shut down. */
export const startCloudNodeLifecycleController: StartCloudController = (context) => {
  const { client, informers, environment, cloud, clusterName } = context;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const recorder = context.recorder('cloud-node-lifecycle-controller');
  const queue = context.queue('cloud-node-lifecycle', reconcile, { firstDelayMs: 250 });

  async function reconcile(name: string): Promise<void> {
    const node = nodes.get(name);
    if (!node) return;
    try {
      if (!(await cloud.instances.exists(clusterName, node))) {
        recorder.event(node, 'Normal', 'DeletingNode', `Deleting node ${name} because it does not exist in the cloud provider`);
        await client.delete(resourceTypes.nodes, undefined, name, { preconditions: { uid: node.metadata.uid ?? '' } });
        return;
      }
      await markShutDown(node, await cloud.instances.shutDown(clusterName, node));
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    if (!isReady(node)) queue.addAfter(name, lookAgainMs);
  }

  async function markShutDown({ metadata, spec }: NodeObject, down: boolean): Promise<void> {
    const taints = spec.taints ?? [];
    const others = taints.filter(({ key }) => key !== shutdownTaint);
    if (down === others.length < taints.length) return;
    const wanted = down ? [...others, { key: shutdownTaint, effect: 'NoSchedule', timeAdded: timestamp(environment.clock) }] : others;
    const patch = { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion }, spec: { taints: wanted.length > 0 ? wanted : null } };
    await client.patch(resourceTypes.nodes, undefined, metadata.name, patch, 'application/merge-patch+json');
  }

  return stopAll([
    queue,
    nodes.handle({ add: (node) => queue.add(node.metadata.name), update: (old, node) => isReady(old) !== isReady(node) && queue.add(node.metadata.name) }),
    cloud.instances.onChange?.((name) => queue.add(name)) ?? (() => {}),
  ]);
};

function isReady({ status }: NodeObject): boolean {
  return conditionOf(status?.conditions, 'Ready')?.status === 'True';
}
