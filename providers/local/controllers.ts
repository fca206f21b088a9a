import type { CloudControllers, InstanceMetadata, LoadBalancerStatus } from '../../src/cloud/controllers.ts';
import { CloudError, isCloudError } from '../../src/cloud/errors.ts';
import type { NodeObject, Service, ServicePort } from '../../src/kube/objects.ts';
import { deepEqual } from '../../src/lib/json.ts';
import type { CloudApi, CloudResource, InstanceDescription } from './cloud/api.ts';

/** `onChange`: only in the process that hosts the cloud. */
export function createControllers(api: CloudApi, onChange?: (callback: (nodeName: string) => void) => () => void): CloudControllers {
  const find = (cluster: string, node: NodeObject) => api.findInstance({ cluster, ...referenceOf(node) });
  return {
    instances: {
      exists: async (clusterName, node) => (await find(clusterName, node)) !== undefined,
      shutDown: async (clusterName, node) => (await find(clusterName, node))?.state === 'stopped',
      metadata: async (clusterName, node) => {
        const instance = await find(clusterName, node);
        if (!instance) throw new CloudError('notFound', 'metadata', `no instance belongs to node ${node.metadata.name}`, { object: node.metadata.name });
        return metadataOf(instance);
      },
      ...(onChange ? { onChange } : {}),
    },
    loadBalancers: {
      get: async (clusterName, service) => {
        const found = await findBalancer(api, clusterName, service);
        return found && balancerStatus(found, service);
      },
      ensure: (clusterName, service, nodes) => ensureBalancer(api, clusterName, service, nodes),
      update: async (clusterName, service, nodes) => void (await ensureBalancer(api, clusterName, service, nodes)),
      delete: (clusterName, service) => deleteBalancer(api, clusterName, service),
    },
  };
}

function referenceOf(node: NodeObject): { id?: string; nodeName?: string } {
  const id = /^local:\/\/\/[^/]+\/(i-[0-9a-f]+)$/.exec(node.spec.providerID ?? '')?.[1];
  return id === undefined ? { nodeName: node.metadata.name } : { id };
}

function metadataOf(instance: InstanceDescription): InstanceMetadata {
  const { id, machineType, zone, region, privateIp, publicIp, nodeName } = instance;
  return {
    providerId: `local:///${zone}/${id}`,
    instanceType: machineType,
    zone,
    region,
    addresses: [
      { type: 'InternalIP', address: privateIp },
      ...(publicIp === undefined ? [] : [{ type: 'ExternalIP' as const, address: publicIp }]),
      { type: 'Hostname', address: nodeName },
    ],
  };
}

/** As Kubernetes names them on every cloud: `a` and the service's uid without dashes. */
function balancerName(service: Service): string {
  return `a${(service.metadata.uid ?? '').replaceAll('-', '')}`.slice(0, 32);
}

async function findBalancer(api: CloudApi, clusterName: string, service: Service): Promise<CloudResource | undefined> {
  const name = balancerName(service);
  return (await api.describe(clusterName)).find((resource) => resource.kind === 'LoadBalancer' && resource.name === name);
}

async function ensureBalancer(api: CloudApi, clusterName: string, service: Service, nodes: readonly NodeObject[]): Promise<LoadBalancerStatus> {
  const resources = await api.describe(clusterName);
  const network = resources.find((resource) => resource.kind === 'Network');
  if (!network) throw new CloudError('notFound', 'ensureLoadBalancer', `cluster ${clusterName} has no network`, { object: clusterName });
  const name = balancerName(service);
  const attributes = {
    class: 'network',
    scheme: service.metadata.annotations?.['service.beta.kubernetes.io/aws-load-balancer-internal'] === 'true' ? 'internal' : 'internet-facing',
    network: network.id,
    listeners: tcpPorts(service).map((port) => ({ port: port.port, targetPort: port.nodePort ?? 0, protocol: 'TCP' })),
    nodes: nodes.map((node) => node.metadata.name).sort(),
    service: `${service.metadata.namespace}/${service.metadata.name}`,
  };
  const existing = resources.find((resource) => resource.kind === 'LoadBalancer' && resource.name === name);
  if (existing && deepEqual(existing.attributes, attributes)) return balancerStatus(existing, service);
  if (existing) return balancerStatus(await api.update(existing.id, attributes), service);
  const made = await api.create({ kind: 'LoadBalancer', name, cluster: clusterName, attributes, manager: 'kubernetes' });
  return balancerStatus(await api.waitUntilAvailable(made.id), service);
}

async function deleteBalancer(api: CloudApi, clusterName: string, service: Service): Promise<void> {
  const balancer = await findBalancer(api, clusterName, service);
  if (!balancer) return;
  try {
    await api.remove(balancer.id);
  } catch (error) {
    if (!isCloudError(error, 'notFound')) throw error;
  }
}

function tcpPorts(service: Service): ServicePort[] {
  return (service.spec.ports ?? []).filter((port) => (port.protocol ?? 'TCP') === 'TCP');
}

/** Ports it cannot serve say so, as Kubernetes has it. */
function balancerStatus(resource: CloudResource, service: Service): LoadBalancerStatus {
  const ports = (service.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => ({ port, protocol, ...(protocol === 'TCP' ? {} : { error: 'UnsupportedProtocol' }) }));
  const mapped = (resource.mapped ?? []).map(
    ({ port, reachedAt }) => `port ${port} of ${resource.outputs.ip} is served at ${reachedAt}: this system does not allow it, or somebody else has it`,
  );
  return { ingress: [{ ip: String(resource.outputs.ip), ...(ports.some((port) => 'error' in port) ? { ports } : {}) }], ...(mapped.length > 0 ? { notes: mapped } : {}) };
}
