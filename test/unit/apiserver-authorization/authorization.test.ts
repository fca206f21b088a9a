import { describe, expect, test } from 'vitest';
import { createAuthorizer } from '../../../src/control-plane/apiserver/authorization/authorizer.ts';
import { bootstrapRbac } from '../../../src/control-plane/apiserver/authorization/bootstrap-roles.ts';
import { strategyFor } from '../../../src/control-plane/apiserver/kinds/index.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { deepClone } from '../../../src/lib/json.ts';
import { node, rbacUser, TestCluster, user } from './cluster.ts';

const jane = user('jane');

describe('RBAC', () => {
  test('nobody may anything but discover and ask about himself, until bound', () => {
    const cluster = new TestCluster();
    expect(cluster.can(jane, 'list pods', 'default')).toBe(false);
    expect(cluster.can(jane, 'get /api/v1')).toBe(true);
    expect(cluster.can(jane, 'get /metrics')).toBe(false);
    expect(cluster.can(jane, 'create selfsubjectaccessreviews.authorization.k8s.io')).toBe(true);
    const nobody = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
    expect(cluster.can(nobody, 'get /version')).toBe(true);
    expect(cluster.can(nobody, 'get /api')).toBe(false);
  });

  test('a cluster binding counts everywhere, a role binding in its namespace', () => {
    const cluster = new TestCluster();
    cluster.bind('view', rbacUser('jane'), 'team');
    expect(cluster.can(jane, 'list pods', 'team')).toBe(true);
    expect(cluster.can(jane, 'list pods', 'other')).toBe(false);
    expect(cluster.can(jane, 'list pods')).toBe(false);
    expect(cluster.can(jane, 'list secrets', 'team'), 'view shows no secrets').toBe(false);
    expect(cluster.can(jane, 'create deployments.apps', 'team')).toBe(false);
    cluster.bind('cluster-admin', { kind: 'Group', name: 'ops', apiGroup: 'rbac.authorization.k8s.io' });
    expect(cluster.can(user('joe', 'ops'), 'delete nodes', undefined, 'n1')).toBe(true);
    expect(cluster.can(user('joe', 'ops'), 'get /metrics')).toBe(true);
  });

  test('admin has edit, edit has view; roles that carry the label join in', () => {
    const cluster = new TestCluster();
    cluster.bind('admin', rbacUser('jane'), 'team');
    for (const what of ['list pods', 'create deployments.apps', 'get secrets', 'create roles.rbac.authorization.k8s.io', 'create pods/exec'])
      expect(cluster.can(jane, what, 'team'), what).toBe(true);
    expect(cluster.can(jane, 'get widgets.example.com', 'team')).toBe(false);
    cluster.role('widgets', [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] }], undefined, { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' });
    expect(cluster.can(jane, 'get widgets.example.com', 'team')).toBe(true);
  });

  test('names, subresources and service accounts', () => {
    const cluster = new TestCluster();
    cluster.role('one', [{ verbs: ['get', 'update'], apiGroups: [''], resources: ['configmaps', '*/status'], resourceNames: ['only'] }], 'team');
    cluster.bind('one', { kind: 'ServiceAccount', name: 'robot', namespace: 'team' }, 'team', 'Role');
    const robot = user('system:serviceaccount:team:robot');
    expect(cluster.can(robot, 'get configmaps', 'team', 'only')).toBe(true);
    expect(cluster.can(robot, 'get configmaps', 'team', 'other')).toBe(false);
    expect(cluster.can(robot, 'list configmaps', 'team')).toBe(false);
    expect(cluster.can(robot, 'update pods/status', 'team', 'only')).toBe(true);
    expect(cluster.can(robot, 'get pods', 'team', 'only')).toBe(false);
  });

  test('the reason names the binding, or the role that is missing', () => {
    const cluster = new TestCluster();
    cluster.bind('view', rbacUser('jane'), 'team');
    const attributes = { user: jane, verb: 'list', group: '', resource: 'pods', subresource: undefined, namespace: 'team', name: undefined };
    expect(cluster.authorizer.authorize(attributes)).toEqual({ allowed: true, reason: 'RBAC: allowed by RoleBinding "view-jane/team" of ClusterRole "view" to User "jane"' });
    cluster.bind('gone', rbacUser('jane'), 'other', 'Role');
    expect(cluster.authorizer.authorize({ ...attributes, namespace: 'other' })).toEqual({ allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found' });
  });

  test('system:masters passes always, everyone does when authorization is off', () => {
    const cluster = new TestCluster();
    cluster.objects.length = 0;
    expect(cluster.can(user('root', 'system:masters'), 'delete nodes')).toBe(true);
    expect(
      createAuthorizer({ mode: 'alwaysAllow', lookup: cluster.lookup }).authorize({
        user: jane,
        verb: 'x',
        group: '',
        resource: 'y',
        subresource: undefined,
        namespace: undefined,
        name: undefined,
      }).allowed,
    ).toBe(true);
  });

  test('rules of a user, as kubectl auth can-i --list shows them', () => {
    const cluster = new TestCluster();
    cluster.bind('view', rbacUser('jane'), 'team');
    const rules = cluster.authorizer.accessRules(jane, 'team') as {
      resourceRules: { verbs: string[]; resources: string[] }[];
      nonResourceRules: { nonResourceURLs: string[] }[];
      incomplete: boolean;
    };
    expect(rules.incomplete).toBe(false);
    expect(rules.resourceRules.some(({ resources, verbs }) => resources.includes('pods') && verbs.includes('watch'))).toBe(true);
    expect(rules.nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs)).toContain('/healthz');
  });
});

describe('the default roles', () => {
  test('every one is valid, and no name comes twice', () => {
    const tables = loadApiTables();
    const seen = new Set<string>();
    for (const object of bootstrapRbac()) {
      const key = `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
      const strategy = strategyFor(tables.resourceOfKind('rbac.authorization.k8s.io', 'v1', object.kind)!);
      const copy = deepClone(object);
      strategy.default(copy);
      expect(strategy.validate(copy), key).toEqual([]);
    }
  });

  test('the scheduler and the controllers may do their work and no more', () => {
    const cluster = new TestCluster();
    const scheduler = user('system:kube-scheduler');
    for (const what of ['watch pods', 'watch nodes', 'create pods/binding', 'patch pods/status', 'create events']) expect(cluster.can(scheduler, what, 'default'), what).toBe(true);
    expect(cluster.can(scheduler, 'get secrets', 'default')).toBe(false);
    expect(cluster.can(scheduler, 'update leases.coordination.k8s.io', 'kube-system', 'kube-scheduler')).toBe(true);
    const controllers = user('system:kube-controller-manager');
    for (const what of ['create pods', 'update deployments.apps', 'create endpointslices.discovery.k8s.io', 'update namespaces/finalize', 'delete configmaps']) {
      expect(cluster.can(controllers, what, 'default'), what).toBe(true);
    }
  });
});

describe('nodes', () => {
  const pod = (name: string, nodeName: string, spec: Partial<Pod['spec']> = {}): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [], nodeName, ...spec },
  });

  test('a kubelet reads the secrets and config maps of its own pods, one by one', () => {
    const cluster = new TestCluster();
    cluster.pods = [
      pod('a', 'n1', {
        containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'env' } }], env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'key', key: 'k' } } }] }],
        volumes: [
          { name: 'v', secret: { secretName: 'vol' } },
          { name: 'p', projected: { sources: [{ configMap: { name: 'kube-root-ca.crt' } }] } },
        ],
        imagePullSecrets: [{ name: 'pull' }],
        serviceAccountName: 'robot',
      }),
      pod('b', 'n2', { volumes: [{ name: 'v', secret: { secretName: 'theirs' } }] }),
    ];
    const n1 = node('n1');
    for (const name of ['env', 'vol', 'pull']) expect(cluster.can(n1, 'get secrets', 'default', name), name).toBe(true);
    for (const name of ['key', 'kube-root-ca.crt']) expect(cluster.can(n1, 'get configmaps', 'default', name), name).toBe(true);
    expect(cluster.can(n1, 'get secrets', 'default', 'theirs')).toBe(false);
    expect(cluster.can(n1, 'get secrets', 'other', 'env')).toBe(false);
    expect(cluster.can(n1, 'list secrets', 'default')).toBe(false);
    expect(cluster.can(n1, 'update secrets', 'default', 'env')).toBe(false);
    expect(cluster.can(n1, 'create serviceaccounts/token', 'default', 'robot')).toBe(true);
    expect(cluster.can(n1, 'create serviceaccounts/token', 'default', 'other')).toBe(false);
  });

  test('its own lease, and what every node needs', () => {
    const cluster = new TestCluster();
    const n1 = node('n1');
    expect(cluster.can(n1, 'update leases.coordination.k8s.io', 'kube-node-lease', 'n1')).toBe(true);
    expect(cluster.can(n1, 'update leases.coordination.k8s.io', 'kube-node-lease', 'n2')).toBe(false);
    expect(cluster.can(n1, 'get leases.coordination.k8s.io', 'kube-system', 'n1')).toBe(false);
    for (const what of ['watch pods', 'watch services', 'watch endpointslices.discovery.k8s.io', 'create events', 'patch nodes/status', 'update pods/status', 'create nodes'])
      expect(cluster.can(n1, what, 'default'), what).toBe(true);
    for (const what of ['create deployments.apps', 'delete nodes', 'create pods/exec', 'update services']) expect(cluster.can(n1, what, 'default', 'x'), what).toBe(false);
    expect(cluster.can(user('system:node:n1'), 'watch pods'), 'the name alone is not enough').toBe(false);
  });
});
