/**
 * What the API serves today: every resource whose behaviour is whole. A kind without the controller that makes it work is left out, so that
 * clients see NotFound as from a server that lacks it, never an object that nothing will act on. `sub` lists the served subresources.
 */
export const servedResources: Record<string, { sub?: readonly string[] }> = {
  'v1/bindings': {},
  'v1/configmaps': {},
  'v1/endpoints': {},
  'v1/events': {},
  'v1/namespaces': { sub: ['finalize', 'status'] },
  'v1/nodes': { sub: ['status'] },
  'v1/pods': { sub: ['attach', 'binding', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'status'] },
  'v1/secrets': {},
  'v1/serviceaccounts': { sub: ['token'] },
  'v1/services': { sub: ['proxy', 'status'] },
  'apps/v1/deployments': { sub: ['scale', 'status'] },
  'apps/v1/replicasets': { sub: ['scale', 'status'] },
  'authentication.k8s.io/v1/selfsubjectreviews': {},
  'authentication.k8s.io/v1/tokenreviews': {},
  'authorization.k8s.io/v1/localsubjectaccessreviews': {},
  'authorization.k8s.io/v1/selfsubjectaccessreviews': {},
  'authorization.k8s.io/v1/selfsubjectrulesreviews': {},
  'authorization.k8s.io/v1/subjectaccessreviews': {},
  'rbac.authorization.k8s.io/v1/clusterrolebindings': {},
  'rbac.authorization.k8s.io/v1/clusterroles': {},
  'rbac.authorization.k8s.io/v1/rolebindings': {},
  'rbac.authorization.k8s.io/v1/roles': {},
  'scheduling.k8s.io/v1/priorityclasses': {},
  'coordination.k8s.io/v1/leases': {},
  'discovery.k8s.io/v1/endpointslices': {},
};
