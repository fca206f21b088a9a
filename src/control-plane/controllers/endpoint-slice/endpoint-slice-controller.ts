import type { EndpointSlice, NodeObject, Pod, Service } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { type StartController, stopAll } from '../controller.ts';
import { ManagedSlices } from './managed-slices.ts';
import { planSlices } from './plan-slices.ts';
import { serviceEndpoints } from './service-endpoints.ts';
import { hasSelector, membersOf, watchServiceMembers } from './services-of-pods.ts';

const manager = 'endpointslice-controller.k8s.io';

/** Keeps EndpointSlices true to the pods behind each Service. */
export const startEndpointSliceController: StartController = (context) => {
  const { client, informers, environment } = context;
  const services = informers.for<Service>(resourceTypes.services);
  const pods = informers.for<Pod>(resourceTypes.pods);
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const slices = new ManagedSlices(client, informers.for<EndpointSlice>(resourceTypes.endpointSlices), manager, environment.clock);
  pods.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  const queue = context.queue('endpointslice', reconcile);

  async function reconcile(key: string): Promise<void> {
    const waitMs = slices.behind(key);
    if (waitMs > 0) return queue.addAfter(key, waitMs);
    const service = services.get(key);
    // Slices of a Service that went are the garbage collector's; of one that lost its selector they become the user's own.
    if (!service || service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return;
    const members = membersOf(service, pods.byIndex('namespace', service.metadata.namespace ?? ''));
    const groups = serviceEndpoints(service, members, (name) => nodes.get(name));
    await slices.write(key, planSlices({ service, manager, owner: service }, groups, slices.of(key)));
  }

  return stopAll([queue, ...watchServiceMembers(services, pods, nodes, (key, urgent) => queue.add(key, urgent)), slices.handle((key) => queue.add(key))]);
};
