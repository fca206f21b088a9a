import type { NodeObject } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { timestamp } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { conditionOf } from '../controllers/conditions.ts';
import { stopAll } from '../controllers/controller.ts';
import type { StartCloudController } from './start-cloud-controllers.ts';

/** All routes are one thing to reconcile: listing them costs a call. */
const only = 'routes';

/** Where the cloud does not route pods by itself: one route a node, to its block of pod addresses. */
export const startRouteController: StartCloudController = (context) => {
  const { client, informers, environment, cloud, clusterName } = context;
  const { routes } = cloud;
  if (!routes) return { stop: async () => {} };
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const queue = context.queue('route', reconcile, { concurrency: 1, firstDelayMs: 1000 });
  const facet = routes;

  async function reconcile(): Promise<void> {
    const existing = await facet.list(clusterName);
    const failures: string[] = [];
    for (const node of nodes.list()) {
      const { podCIDR } = node.spec;
      if (!podCIDR) continue;
      const present = existing.some((route) => route.targetNode === node.metadata.name && route.destinationCidr === podCIDR);
      const failure = present ? undefined : await create(node.metadata.name, podCIDR);
      if (failure !== undefined) failures.push(failure);
      await noteNetwork(node, failure === undefined);
    }
    for (const { name, targetNode, destinationCidr } of existing) {
      if (nodes.get(targetNode)?.spec.podCIDR !== destinationCidr) await facet.delete(clusterName, name);
    }
    if (failures.length > 0) throw new Error(failures.join('; '));
  }

  async function create(node: string, podCIDR: string): Promise<string | undefined> {
    try {
      await facet.create(clusterName, node, podCIDR);
      return undefined;
    } catch (error) {
      return `no route to ${podCIDR} on ${node}: ${messageOf(error)}`;
    }
  }

  async function noteNetwork({ metadata, status }: NodeObject, routed: boolean): Promise<void> {
    const wanted = routed ? 'False' : 'True';
    if (conditionOf(status?.conditions, 'NetworkUnavailable')?.status === wanted) return;
    const now = timestamp(environment.clock);
    const [reason, message] = routed ? ['RouteCreated', 'RouteController created a route'] : ['NoRouteCreated', 'RouteController failed to create a route'];
    const condition = { type: 'NetworkUnavailable', status: wanted, reason, message, lastHeartbeatTime: now, lastTransitionTime: now };
    const patch = { metadata: { uid: metadata.uid }, status: { conditions: [condition] } };
    try {
      await client.patch(resourceTypes.nodes, undefined, metadata.name, patch, 'application/strategic-merge-patch+json', { subresource: 'status' });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  return stopAll([
    queue,
    nodes.handle({
      add: () => queue.add(only),
      update: (old, node) => old.spec.podCIDR !== node.spec.podCIDR && queue.add(only),
      deleted: () => queue.add(only),
    }),
  ]);
};
