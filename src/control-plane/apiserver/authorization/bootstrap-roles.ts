import type { KubeObject } from '../../../kube/objects.ts';
import type { BindingObject, RoleObject, Subject } from '../kinds/rbac-kinds.ts';
import { clusterRoleRules, controllerRules } from './bootstrap-rules.ts';
import { rule } from './rule.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${rbacGroup}/v1`;

const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name });
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name });
const serviceAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

/** Who has the default cluster roles. */
const subjects: Record<string, Subject[]> = {
  'cluster-admin': [group('system:masters')],
  'system:basic-user': [group('system:authenticated')],
  'system:cloud-controller-manager': [user('system:cloud-controller-manager')],
  'system:discovery': [group('system:authenticated')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [serviceAccount('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:monitoring': [group('system:monitoring')],
  'system:node': [],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
};

const label = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`;

/** Each wider role has the narrower one's rules too: view in edit, edit in admin. */
const aggregates = [
  { name: 'admin', partOf: undefined },
  { name: 'edit', partOf: 'admin' },
  { name: 'view', partOf: 'edit' },
];

/** The roles and bindings that every cluster starts with. To be created when absent; nothing here is ever narrowed afterwards. */
export function bootstrapRbac(): KubeObject[] {
  const roles = Object.entries(clusterRoleRules).map(([name, rules]) => clusterRole(name, rules));
  const controllers = Object.entries(controllerRules).flatMap(([name, rules]) => {
    const role = `system:controller:${name}`;
    // The controllers run under one user, as with a controller manager that uses no service accounts.
    return [clusterRole(role, rules), clusterRoleBinding(role, [serviceAccount(name), user('system:kube-controller-manager')])];
  });
  return [...roles, ...aggregates.map(aggregatedRole), ...Object.entries(subjects).map(([name, list]) => clusterRoleBinding(name, list)), ...controllers, ...namespacedRoles()];
}

function metadata(name: string, labels: Record<string, string> = {}): RoleObject['metadata'] {
  return { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels }, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } };
}

function clusterRole(name: string, rules: RoleObject['rules']): RoleObject {
  const part = /^system:aggregate-to-(\w+)$/.exec(name)?.[1];
  return { apiVersion, kind: 'ClusterRole', metadata: metadata(name, part === undefined ? {} : { [label(part)]: 'true' }), rules: rules ?? [] };
}

function aggregatedRole({ name, partOf }: { name: string; partOf: string | undefined }): RoleObject {
  const rules = aggregates.slice(aggregates.findIndex((role) => role.name === name)).flatMap((role) => clusterRoleRules[`system:aggregate-to-${role.name}`] ?? []);
  return {
    apiVersion,
    kind: 'ClusterRole',
    metadata: metadata(name, partOf === undefined ? {} : { [label(partOf)]: 'true' }),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label(name)]: 'true' } }] },
    rules,
  };
}

function clusterRoleBinding(name: string, list: Subject[]): BindingObject {
  const binding: BindingObject = { apiVersion, kind: 'ClusterRoleBinding', metadata: metadata(name), roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name } };
  if (list.length > 0) binding.subjects = list;
  return binding;
}

/** Extension servers read how to check clients' certificates here. */
function namespacedRoles(): KubeObject[] {
  const name = 'extension-apiserver-authentication-reader';
  const role: RoleObject = {
    apiVersion,
    kind: 'Role',
    metadata: { ...metadata(name), namespace: 'kube-system' },
    rules: [rule('get list watch', 'core', 'configmaps', 'extension-apiserver-authentication')],
  };
  const binding: BindingObject = {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { ...metadata(`system::${name}`), namespace: 'kube-system' },
    roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  };
  return [role, binding];
}
