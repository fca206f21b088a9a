import type { KubeClient, ResourceType } from '../kube/client.ts';
import type { EndpointSlice, KubeObject } from '../kube/objects.ts';
import { resourceTypes } from '../kube/resource-types.ts';
import { isStatus } from '../kube/status.ts';
import { nthIp, parseCidr } from '../lib/cidr.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { bootstrapRbac } from './apiserver/authorization/bootstrap-roles.ts';

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const { clusterRoles, clusterRoleBindings, roles, roleBindings } = resourceTypes;
const rbacTypes: Record<string, ResourceType> = { ClusterRole: clusterRoles, ClusterRoleBinding: clusterRoleBindings, Role: roles, RoleBinding: roleBindings };

const systemPriorities: [string, number, string][] = [
  ['system-cluster-critical', 2_000_000_000, 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.'],
  ['system-node-critical', 2_000_001_000, 'Used for system critical pods that must not be moved from their current node.'],
];

export interface BootstrapOptions {
  client: KubeClient;
  log: Log;
  serviceClusterIPRange: string;
  /** Where the API servers listen: the endpoints behind the Service `kubernetes`. */
  addresses: readonly ApiAddress[];
}

export interface ApiAddress {
  ip: string;
  port: number;
}

/** What every cluster has from its first second. Each object is made once; the endpoints follow the control planes that run. */
export async function ensureBootstrapObjects(options: BootstrapOptions): Promise<void> {
  const { client } = options;
  const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await Promise.all(systemNamespaces.map((name) => ensure(client, resourceTypes.namespaces, namespace(name))));
  // All at once: a store that writes to disk then needs a few writes, not a hundred.
  await Promise.all([
    ...systemPriorities.map((priority) => ensure(client, resourceTypes.priorityClasses, priorityClass(priority))),
    ...bootstrapRbac().map((object) => ensure(client, rbacTypes[object.kind] ?? resourceTypes.clusterRoles, object)),
    ensure(client, resourceTypes.services, kubernetesService(options)),
    publishEndpoints(options),
  ]);
}

function priorityClass([name, value, description]: (typeof systemPriorities)[number]): KubeObject {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
}

async function ensure(client: KubeClient, type: ResourceType, object: KubeObject): Promise<void> {
  await client.create(type, object).catch((error: unknown) => {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  });
}

function kubernetesService({ serviceClusterIPRange, addresses }: BootstrapOptions): KubeObject {
  const cidr = parseCidr(serviceClusterIPRange);
  const clusterIP = cidr ? nthIp(cidr, 1) : undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      ...(clusterIP ? { clusterIP } : {}),
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: addresses[0]?.port ?? 443 }],
      sessionAffinity: 'None',
    },
  };
}

/** Writes nothing when these addresses stand there. */
export async function publishEndpoints({ client, addresses, log }: Pick<BootstrapOptions, 'client' | 'addresses' | 'log'>): Promise<void> {
  const ports = [{ name: 'https', port: addresses[0]?.port ?? 443, protocol: 'TCP' }];
  const ips = addresses.map(({ ip }) => ip).sort();
  const published = await client.get<EndpointSlice>(resourceTypes.endpointSlices, 'default', 'kubernetes').catch(() => undefined);
  if (published?.endpoints?.flatMap((endpoint) => endpoint.addresses).join() === ips.join()) return;
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
    ports,
  };
  const subsets = [{ addresses: ips.map((ip) => ({ ip })), ports }];
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  const endpoints: KubeObject = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'kubernetes', namespace: 'default', labels }, subsets };
  for (const [type, object] of [
    [resourceTypes.endpointSlices, slice],
    [resourceTypes.endpoints, endpoints],
  ] as const) {
    await client
      .create<KubeObject>(type, object)
      .catch((error: unknown) => {
        if (!isStatus(error, 'AlreadyExists')) throw error;
        return client.update<KubeObject>(type, object);
      })
      .catch((error: unknown) => log.warn('the endpoint of the API server is not published', { error: messageOf(error) }));
  }
}
