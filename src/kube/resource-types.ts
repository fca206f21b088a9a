import type { ResourceType } from './client.ts';

const type = (group: string, version: string, resource: string, kind: string, namespaced = true): ResourceType => ({ group, version, resource, kind, namespaced });

/** The resources our own components speak of. Everything the API serves stands in the tables (`kube/api`). */
export const resourceTypes = {
  namespaces: type('', 'v1', 'namespaces', 'Namespace', false),
  nodes: type('', 'v1', 'nodes', 'Node', false),
  pods: type('', 'v1', 'pods', 'Pod'),
  services: type('', 'v1', 'services', 'Service'),
  endpoints: type('', 'v1', 'endpoints', 'Endpoints'),
  events: type('', 'v1', 'events', 'Event'),
  configMaps: type('', 'v1', 'configmaps', 'ConfigMap'),
  secrets: type('', 'v1', 'secrets', 'Secret'),
  serviceAccounts: type('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  endpointSlices: type('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  deployments: type('apps', 'v1', 'deployments', 'Deployment'),
  replicaSets: type('apps', 'v1', 'replicasets', 'ReplicaSet'),
  leases: type('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  clusterRoles: type('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false),
  clusterRoleBindings: type('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
  roles: type('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  roleBindings: type('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  priorityClasses: type('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', false),
} as const;

export function apiVersionOf(resource: ResourceType): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `/api/v1/namespaces/default/pods/web/log` and so on. */
export function resourcePath(resource: ResourceType, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const parts = [root];
  if (resource.namespaced && namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(resource.resource);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}
