import { type AuthorizationLookup, type Authorizer, createAuthorizer } from '../../../src/control-plane/apiserver/authorization/authorizer.ts';
import { bootstrapRbac } from '../../../src/control-plane/apiserver/authorization/bootstrap-roles.ts';
import type { BindingObject, PolicyRule, RoleObject, Subject } from '../../../src/control-plane/apiserver/kinds/rbac-kinds.ts';
import type { KubeObject, Pod } from '../../../src/kube/objects.ts';
import type { UserInfo } from '../../../src/kube/request.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';

/** Roles and bindings of a new cluster, and what a test adds. */
export class TestCluster {
  readonly objects: KubeObject[] = bootstrapRbac();
  pods: Pod[] = [];

  readonly lookup: AuthorizationLookup = {
    clusterRole: (name) => this.find<RoleObject>('ClusterRole', undefined, name),
    clusterRoles: () => this.all<RoleObject>('ClusterRole'),
    clusterRoleBindings: () => this.all<BindingObject>('ClusterRoleBinding'),
    role: (namespace, name) => this.find<RoleObject>('Role', namespace, name),
    roleBindings: (namespace) => this.all<BindingObject>('RoleBinding').filter(({ metadata }) => metadata.namespace === namespace),
    podsOnNode: (node) => this.pods.filter(({ spec }) => spec.nodeName === node),
  };
  readonly authorizer: Authorizer = createAuthorizer({ mode: 'rbac', lookup: this.lookup });

  role(name: string, rules: PolicyRule[], namespace?: string, labels: Record<string, string> = {}): void {
    this.objects.push({ apiVersion, kind: namespace ? 'Role' : 'ClusterRole', metadata: { name, labels, ...(namespace && { namespace }) }, rules });
  }

  bind(role: string, subject: Subject, namespace?: string, kind = 'ClusterRole'): void {
    const metadata = { name: `${role}-${subject.name}`, ...(namespace && { namespace }) };
    this.objects.push({
      apiVersion,
      kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
      subjects: [subject],
    });
  }

  /** `get pods` or `get pods/log`, `create deployments.apps`; `get /healthz`. */
  can(user: UserInfo, what: string, namespace?: string, name?: string): boolean {
    const [verb = '', target = ''] = what.split(' ');
    const base = { user, verb, group: '', resource: '', subresource: undefined, namespace: undefined, name: undefined };
    if (target.startsWith('/')) return this.authorizer.authorize({ ...base, path: target }).allowed;
    const [qualified = '', subresource] = target.split('/');
    const [resource = '', ...group] = qualified.split('.');
    return this.authorizer.authorize({ ...base, resource, group: group.join('.'), subresource, namespace, name }).allowed;
  }

  private all<T extends KubeObject>(kind: string): T[] {
    return this.objects.filter((object) => object.kind === kind) as T[];
  }

  private find<T extends KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.all<T>(kind).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  }
}

export const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] });
export const node = (name: string): UserInfo => user(`system:node:${name}`, 'system:nodes');
export const rbacUser = (name: string): Subject => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
