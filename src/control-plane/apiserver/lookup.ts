import type { KubeObject, Namespace, Pod } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import type { AdmissionLookup } from './admission/admission.ts';
import type { AuthorizationLookup } from './authorization/authorizer.ts';
import type { ResourceCache } from './storage/resource-cache.ts';
import { resourcePrefix, type Storage } from './storage/storage.ts';

/** Reads of the current objects, from the caches: for decisions that every request needs. */
export interface ObjectLookup {
  get(group: string, resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(group: string, resource: string, namespace?: string): KubeObject[];
  podsOnNode(node: string): Iterable<Pod>;
}

export function createLookup(storage: Storage): ObjectLookup {
  const cacheOf = (group: string, resource: string) => storage.cache(resourcePrefix(group, resource));
  const podsOnNode = indexByNode(cacheOf('', resourceTypes.pods.resource));
  return {
    get: (group, resource, namespace, name) => {
      const cache = cacheOf(group, resource);
      return cache.get(namespace === undefined ? cache.prefix + name : `${cache.prefix}${namespace}/${name}`)?.object;
    },
    list: (group, resource, namespace) => {
      const cache = cacheOf(group, resource);
      return cache.list(namespace === undefined ? cache.prefix : `${cache.prefix}${namespace}/`).map((stored) => stored.object);
    },
    podsOnNode,
  };
}

export function authorizationLookup({ get, list, podsOnNode }: ObjectLookup): AuthorizationLookup {
  const group = 'rbac.authorization.k8s.io';
  return {
    clusterRole: (name) => get(group, 'clusterroles', undefined, name),
    clusterRoles: () => list(group, 'clusterroles'),
    clusterRoleBindings: () => list(group, 'clusterrolebindings') as never,
    role: (namespace, name) => get(group, 'roles', namespace, name),
    roleBindings: (namespace) => list(group, 'rolebindings', namespace) as never,
    podsOnNode,
  };
}

export function admissionLookup({ get, list }: ObjectLookup): AdmissionLookup {
  const rbac = 'rbac.authorization.k8s.io';
  return {
    namespace: (name) => get('', 'namespaces', undefined, name) as Namespace | undefined,
    pod: (namespace, name) => get('', 'pods', namespace, name) as Pod | undefined,
    serviceAccount: (namespace, name) => get('', 'serviceaccounts', namespace, name),
    priorityClasses: () => list('scheduling.k8s.io', 'priorityclasses'),
    clusterRole: (name) => get(rbac, 'clusterroles', undefined, name),
    clusterRoles: () => list(rbac, 'clusterroles'),
    role: (namespace, name) => get(rbac, 'roles', namespace, name),
  };
}

/** Pods by the node they are bound to, kept up with the cache. */
function indexByNode(cache: ResourceCache): (node: string) => Iterable<Pod> {
  const byNode = new Map<string, Map<string, Pod>>();
  const place = (key: string, before: Pod | undefined, now: Pod | undefined) => {
    const from = before?.spec.nodeName;
    const to = now?.spec.nodeName;
    if (from && from !== to) byNode.get(from)?.delete(key);
    if (!to || !now) return;
    const pods = byNode.get(to) ?? new Map<string, Pod>();
    byNode.set(to, pods);
    pods.set(key, now);
  };
  for (const { key, object } of cache.list()) place(key, undefined, object as Pod);
  cache.listen(({ type, stored, previous }) => place(stored.key, previous?.object as Pod | undefined, type === 'DELETED' ? undefined : (stored.object as Pod)));
  return (node) => byNode.get(node)?.values() ?? [];
}
