import { type EndpointSlice, objectKey, type Service } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { canonicalJson } from '../../../lib/json.ts';
import { type StartController, stopAll } from '../controller.ts';
import type { Address, Endpoints } from './endpoints-controller.ts';
import { ManagedSlices } from './managed-slices.ts';
import { planSlices } from './plan-slices.ts';
import type { EndpointGroup } from './service-endpoints.ts';
import { hasSelector } from './services-of-pods.ts';

const manager = 'endpointslicemirroring-controller.k8s.io';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';

/** Shows Endpoints that people write for a Service without a selector as slices: proxies read nothing else. */
export const startEndpointSliceMirroringController: StartController = (context) => {
  const { client, informers, environment } = context;
  const services = informers.for<Service>(resourceTypes.services);
  const endpoints = informers.for<Endpoints>(resourceTypes.endpoints);
  const slices = new ManagedSlices(client, informers.for<EndpointSlice>(resourceTypes.endpointSlices), manager, environment.clock);
  const queue = context.queue('endpointslicemirroring', reconcile);

  async function reconcile(key: string): Promise<void> {
    const waitMs = slices.behind(key);
    if (waitMs > 0) return queue.addAfter(key, waitMs);
    const service = services.get(key);
    const object = endpoints.get(key);
    const mirrored = service && object && !hasSelector(service) && object.metadata.labels?.[skipLabel] !== 'true';
    if (mirrored) await slices.write(key, planSlices({ service, manager, owner: object }, groupsOf(object), slices.of(key)));
    else await slices.write(key, { create: [], update: [], remove: slices.of(key) });
  }

  const add = (object: Service | Endpoints) => queue.add(objectKey(object));
  const handler = { add, update: (_old: Service | Endpoints, object: Service | Endpoints) => add(object), deleted: add };
  return stopAll([queue, services.handle(handler), endpoints.handle(handler), slices.handle((key) => queue.add(key))]);
};

/** Subsets with equal ports are one group. */
function groupsOf({ subsets = [] }: Endpoints): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const named = ports.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' }));
    const key = canonicalJson(named);
    const group = groups.get(key) ?? { ports: named, endpoints: [] };
    group.endpoints.push(...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false)));
    groups.set(key, group);
  }
  return [...groups.values()];
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): EndpointGroup['endpoints'][number] {
  return { addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}) };
}
