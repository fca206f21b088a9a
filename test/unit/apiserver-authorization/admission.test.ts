import { describe, expect, test } from 'vitest';
import { type AdmissionLookup, createAdmission } from '../../../src/control-plane/apiserver/admission/admission.ts';
import type { AdmissionRequest } from '../../../src/control-plane/apiserver/policy.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { KubeObject, Namespace, Pod } from '../../../src/kube/objects.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { node, rbacUser, TestCluster, user } from './cluster.ts';

const tables = loadApiTables();
type Loose = ReturnType<typeof JSON.parse>;

const root = user('root', 'system:masters');

class Admission {
  readonly cluster = new TestCluster();
  namespaces: Record<string, 'Active' | 'Terminating'> = { default: 'Active', 'kube-node-lease': 'Active', going: 'Terminating' };
  accounts: Record<string, Loose> = { default: {} };
  pods: Pod[] = [];
  classes: Loose[] = [
    { metadata: { name: 'high' }, value: 100, preemptionPolicy: 'Never' },
    { metadata: { name: 'usual' }, value: 5, globalDefault: true, preemptionPolicy: 'PreemptLowerPriority' },
  ];

  private readonly lookup: AdmissionLookup = {
    ...this.cluster.lookup,
    namespace: (name) => (this.namespaces[name] ? ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: this.namespaces[name] } } as Namespace) : undefined),
    serviceAccount: (_namespace, name) => this.accounts[name],
    priorityClasses: () => this.classes,
    pod: (_namespace, name) => this.pods.find(({ metadata }) => metadata.name === name),
  };
  private readonly admit = createAdmission({ lookup: this.lookup, authorizer: this.cluster.authorizer, random: new SeededRandom(1) });

  async write(key: string, object: Loose, options: Partial<AdmissionRequest> & { by?: AdmissionRequest['user'] } = {}): Promise<Loose> {
    const [plural = '', subresource] = key.split('/');
    const resource = [...tables.resources.values()].find((candidate) => candidate.resource === plural)!;
    const { by, ...rest } = options;
    const namespace = resource.namespaced ? (object?.metadata.namespace ?? 'default') : undefined;
    await this.admit({
      operation: 'CREATE',
      resource,
      subresource,
      namespace,
      name: object?.metadata.name ?? '',
      object,
      old: undefined,
      user: by ?? root,
      dryRun: false,
      ...rest,
    });
    return object;
  }
}

const pod = (spec: Loose = {}, metadata: Loose = {}): Loose => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

describe('namespaces', () => {
  test('nothing new where there is no namespace, or one that goes', async () => {
    const admission = new Admission();
    const map = (namespace: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace } });
    await expect(admission.write('configmaps', map('nowhere'))).rejects.toThrow('namespaces "nowhere" not found');
    await expect(admission.write('configmaps', map('going'))).rejects.toMatchObject({
      message: 'configmaps "c" is forbidden: unable to create new content in namespace going because it is being terminated',
      status: { code: 403, details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    });
    await admission.write('configmaps', map('going'), { operation: 'UPDATE' });
    await admission.write('configmaps', map('nowhere'), { operation: 'DELETE' });
    await expect(admission.write('namespaces', undefined, { operation: 'DELETE', name: 'default' })).rejects.toThrow(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });
});

describe('pods', () => {
  test('get the service account with its token as in a real cluster, tolerations and a priority', async () => {
    const { spec } = await new Admission().write('pods', pod());
    expect(spec.serviceAccountName).toBe('default');
    expect(spec.serviceAccount).toBe('default');
    const [volume] = spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected.sources.map((source: object) => Object.keys(source)[0])).toEqual(['serviceAccountToken', 'configMap', 'downwardAPI']);
    expect(spec.containers[0].volumeMounts).toEqual([{ name: volume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }]);
    expect(spec.tolerations).toEqual(
      ['not-ready', 'unreachable'].map((taint) => ({ key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
    );
    expect(spec).toMatchObject({ priority: 5, priorityClassName: 'usual', preemptionPolicy: 'PreemptLowerPriority' });
  });

  test('no token when the pod or the account does not want it', async () => {
    const admission = new Admission();
    expect((await admission.write('pods', pod({ automountServiceAccountToken: false }))).spec.volumes).toBeUndefined();
    admission.accounts.default = { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'pull' }] };
    const { spec } = await admission.write('pods', pod());
    expect(spec.volumes).toBeUndefined();
    expect(spec.imagePullSecrets).toEqual([{ name: 'pull' }]);
  });

  test('an account or class that does not exist is refused', async () => {
    const admission = new Admission();
    await expect(admission.write('pods', pod({ serviceAccountName: 'robot' }))).rejects.toThrow(
      'pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    );
    await expect(admission.write('pods', pod({ priorityClassName: 'none' }))).rejects.toThrow('pods "web" is forbidden: no PriorityClass with name none was found');
    await expect(admission.write('pods', pod({ priorityClassName: 'high', priority: 7 }))).rejects.toThrow(
      'the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 100 from the given PriorityClass name',
    );
  });

  test('tolerations that say otherwise stay alone', async () => {
    const { spec } = await new Admission().write('pods', pod({ tolerations: [{ operator: 'Exists' }] }));
    expect(spec.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('only one priority class is the default', async () => {
    const other = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'mine' }, value: 1, globalDefault: true };
    await expect(new Admission().write('priorityclasses', other)).rejects.toThrow('PriorityClass usual is already marked as default. Only one default can exist');
  });
});

describe('nodes change only what is theirs', () => {
  const n1 = node('n1');
  const nodeObject = (name: string, labels = {}, spec = {}): Loose => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec });

  test('their own node object, and none of the labels that steer the scheduler', async () => {
    const admission = new Admission();
    await admission.write('nodes', nodeObject('n1', { 'kubernetes.io/hostname': 'n1', 'node-role.kubernetes.io/node': '', own: 'x' }), { by: n1 });
    await expect(admission.write('nodes', nodeObject('n2'), { by: n1 })).rejects.toThrow('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"');
    await expect(admission.write('nodes', nodeObject('n1', { 'node-restriction.kubernetes.io/x': '' }), { by: n1 })).rejects.toThrow(
      'not allowed to set the following labels: node-restriction.kubernetes.io/x',
    );
    const update = (object: Loose, old: Loose) => admission.write('nodes', object, { by: n1, operation: 'UPDATE', old });
    await expect(update(nodeObject('n1', { 'node-role.kubernetes.io/control-plane': '' }), nodeObject('n1'))).rejects.toThrow(
      'is not allowed to modify labels: node-role.kubernetes.io/control-plane',
    );
    await expect(update(nodeObject('n1', {}, { taints: [] }), nodeObject('n1', {}, { taints: [{ key: 'a', effect: 'NoSchedule' }] }))).rejects.toThrow(
      'node "n1" is not allowed to modify taints',
    );
  });

  test('the pods bound to them', async () => {
    const admission = new Admission();
    admission.pods = [pod({ nodeName: 'n1' }, { name: 'mine' }), pod({ nodeName: 'n2' }, { name: 'theirs' })];
    const [mine, theirs] = admission.pods;
    await admission.write('pods/status', mine, { by: n1, operation: 'UPDATE', old: mine! });
    await expect(admission.write('pods/status', theirs, { by: n1, operation: 'UPDATE', old: theirs! })).rejects.toThrow(
      'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    );
    await expect(admission.write('pods', undefined, { by: n1, operation: 'DELETE', name: 'theirs', namespace: 'default' })).rejects.toThrow(
      'node "n1" can only delete pods with spec.nodeName set to itself',
    );
    await admission.write('pods', undefined, { by: n1, operation: 'DELETE', name: 'mine', namespace: 'default' });
    await expect(admission.write('pods', pod({ serviceAccountName: 'default' }), { by: n1 })).rejects.toThrow(
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    );
    await admission.write('pods', pod({ nodeName: 'n1' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }), { by: n1 });
  });

  test('tokens for pods that run there', async () => {
    const admission = new Admission();
    admission.pods = [pod({ nodeName: 'n1', serviceAccountName: 'default' }, { name: 'mine', uid: '1' })];
    const token = (boundObjectRef?: object): Loose => ({ metadata: { name: 'default' }, spec: { boundObjectRef } });
    await admission.write('serviceaccounts/token', token({ kind: 'Pod', name: 'mine', uid: '1' }), { by: n1 });
    await expect(admission.write('serviceaccounts/token', token(), { by: n1 })).rejects.toThrow('node requested token not bound to a pod');
    await expect(admission.write('serviceaccounts/token', token({ kind: 'Pod', name: 'mine', uid: '1' }), { by: node('n2') })).rejects.toThrow(
      'node requested token bound to a pod scheduled on a different node',
    );
  });
});

describe('rights', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['secrets'] };
  const role = (rules: object[]): Loose => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r', namespace: 'default' }, rules });
  const binding = (name: string): Loose => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'b', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [],
  });

  test('nobody grants what he does not have', async () => {
    const admission = new Admission();
    const jane = user('jane');
    await expect(admission.write('roles', role([rule]), { by: jane })).rejects.toThrow(
      'roles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    );
    await expect(admission.write('rolebindings', binding('edit'), { by: jane })).rejects.toThrow('attempting to grant RBAC permissions not currently held');
    admission.cluster.bind('admin', rbacUser('jane'), 'default');
    await admission.write('roles', role([rule]), { by: jane });
    await admission.write('rolebindings', binding('edit'), { by: jane });
    await expect(admission.write('rolebindings', binding('cluster-admin'), { by: jane })).rejects.toThrow('not currently held');
    await admission.write('rolebindings', binding('cluster-admin'), { by: root });
  });

  test('unless he may bind that role, or escalate', async () => {
    const admission = new Admission();
    admission.cluster.role('binder', [{ verbs: ['bind'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: ['edit'] }]);
    admission.cluster.bind('binder', rbacUser('jane'));
    await admission.write('rolebindings', binding('edit'), { by: user('jane') });
    await expect(admission.write('rolebindings', binding('admin'), { by: user('jane') })).rejects.toThrow('not currently held');
  });
});
