import { type Endpoint, type KubeObject, type NodeObject, objectKey, type Pod, type Service, splitKey } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { deepEqual } from '../../../lib/json.ts';
import { type StartController, stopAll } from '../controller.ts';
import { type EndpointGroup, serviceEndpoints } from './service-endpoints.ts';
import { hasSelector, membersOf, watchServiceMembers } from './services-of-pods.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const manager = 'endpoint-controller';
const maxAddresses = 1000;

export interface Address {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: Endpoint['targetRef'];
}

export interface Endpoints extends KubeObject {
  subsets?: { addresses?: Address[]; notReadyAddresses?: Address[]; ports?: EndpointGroup['ports'] }[];
}

/** The legacy Endpoints object of each Service with a selector. */
export const startEndpointsController: StartController = (context) => {
  const { client, informers } = context;
  const services = informers.for<Service>(resourceTypes.services);
  const pods = informers.for<Pod>(resourceTypes.pods);
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const endpoints = informers.for<Endpoints>(resourceTypes.endpoints);
  pods.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  const queue = context.queue('endpoints', reconcile);

  async function reconcile(key: string): Promise<void> {
    const service = services.get(key);
    const current = endpoints.get(key);
    if (!service) {
      if (current?.metadata.labels?.[managedByLabel] === manager) await remove(key);
      return;
    }
    if (!hasSelector(service)) return;
    const members = membersOf(service, pods.byIndex('namespace', service.metadata.namespace ?? ''));
    const groups = serviceEndpoints(service, members, (name) => nodes.get(name));
    const desired = endpointsFor(service, groups);
    if (!current) await client.create(resourceTypes.endpoints, desired);
    else if (!deepEqual(desired.subsets ?? [], current.subsets ?? []) || !deepEqual(desired.metadata.labels, current.metadata.labels)) {
      await client.update(resourceTypes.endpoints, { ...desired, metadata: { ...current.metadata, labels: desired.metadata.labels ?? {} } });
    }
  }

  async function remove(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    try {
      await client.delete(resourceTypes.endpoints, namespace, name);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  return stopAll([
    queue,
    ...watchServiceMembers(services, pods, nodes, (key, urgent) => queue.add(key, urgent)),
    endpoints.handle({ add: (object) => queue.add(objectKey(object)), update: (_old, object) => queue.add(objectKey(object)), deleted: (object) => queue.add(objectKey(object)) }),
  ]);
};

function endpointsFor(service: Service, groups: readonly EndpointGroup[]): Endpoints {
  const { name, namespace, labels } = service.metadata;
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  const subsets = groups
    .map(({ ports, endpoints }) => {
      const all = endpoints.slice(0, maxAddresses).filter(({ conditions }) => !conditions?.terminating || service.spec.publishNotReadyAddresses);
      const [addresses, notReadyAddresses] = [all.filter(({ conditions }) => conditions?.ready), all.filter(({ conditions }) => !conditions?.ready)].map((list) =>
        list.map(addressOf).sort(byIp),
      );
      return {
        ...(addresses?.length ? { addresses } : {}),
        ...(notReadyAddresses?.length ? { notReadyAddresses } : {}),
        ...(ports.length > 0 ? { ports: ports.map(({ name: portName, ...port }) => (portName ? { name: portName, ...port } : port)) } : {}),
      };
    })
    .filter(({ addresses, notReadyAddresses }) => addresses || notReadyAddresses);
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { ...labels, ...headless, [managedByLabel]: manager } },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
}

function addressOf({ addresses, hostname, nodeName, targetRef }: Endpoint): Address {
  return { ip: addresses[0] ?? '', ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}) };
}

function byIp(a: Address, b: Address): number {
  return a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0;
}
