import { describe, expect, test } from 'vitest';
import { rowOf } from '../../../src/control-plane/apiserver/tables/rows.ts';
import { toTable } from '../../../src/control-plane/apiserver/tables/to-table.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';

const tables = loadApiTables();
type Loose = ReturnType<typeof JSON.parse>;
const now = Date.parse('2026-01-02T00:00:00Z');
const created = '2026-01-01T00:00:00Z';

const object = (kind: string, fields: Loose, metadata: Loose = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', creationTimestamp: created, ...metadata },
  ...fields,
});
const row = (group: string, kind: string, fields: Loose, metadata: Loose = {}) => rowOf({ group, kind }, object(kind, fields, metadata), now);

const running = (name: string, extra: Loose = {}) => ({ name, ready: true, restartCount: 0, state: { running: {} }, ...extra });
const pod = (status: Loose, spec: Loose = {}, metadata: Loose = {}) =>
  row('', 'Pod', { spec: { containers: [{ name: 'a' }, { name: 'b' }], ...spec }, status }, metadata).slice(1, 5);

describe('pods: READY STATUS RESTARTS AGE', () => {
  test.each<[string, Loose, Loose, Loose, string[]]>([
    ['pending', { phase: 'Pending' }, {}, {}, ['0/2', 'Pending', '0', '24h']],
    ['running', { phase: 'Running', containerStatuses: [running('a'), running('b')] }, {}, {}, ['2/2', 'Running', '0', '24h']],
    [
      'one crashes',
      {
        phase: 'Running',
        containerStatuses: [
          running('a'),
          {
            name: 'b',
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T23:59:30Z' } },
          },
        ],
      },
      {},
      {},
      ['1/2', 'CrashLoopBackOff', '3 (30s ago)', '24h'],
    ],
    [
      'image cannot be pulled',
      { phase: 'Pending', containerStatuses: [{ name: 'a', restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } }] },
      {},
      {},
      ['0/2', 'ImagePullBackOff', '0', '24h'],
    ],
    ['being deleted', { phase: 'Running', containerStatuses: [running('a')] }, {}, { deletionTimestamp: created }, ['1/2', 'Terminating', '0', '24h']],
    ['deleted when over', { phase: 'Succeeded' }, {}, { deletionTimestamp: created }, ['0/2', 'Succeeded', '0', '24h']],
    ['node lost', { phase: 'Running', reason: 'NodeLost' }, {}, { deletionTimestamp: created }, ['0/2', 'Unknown', '0', '24h']],
    ['evicted', { phase: 'Failed', reason: 'Evicted' }, {}, {}, ['0/2', 'Evicted', '0', '24h']],
    [
      'completed',
      { phase: 'Succeeded', containerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] },
      {},
      {},
      ['0/2', 'Completed', '0', '24h'],
    ],
    [
      'killed by a signal',
      { phase: 'Running', containerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 137, signal: 9 } } }] },
      {},
      {},
      ['0/2', 'Signal:9', '0', '24h'],
    ],
    [
      'failed without a reason',
      { phase: 'Running', containerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 2 } } }] },
      {},
      {},
      ['0/2', 'ExitCode:2', '0', '24h'],
    ],
    [
      'one completed, one runs and is ready',
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }, running('b')],
      },
      {},
      {},
      ['1/2', 'Running', '0', '24h'],
    ],
    [
      'one completed, the pod is not ready',
      { phase: 'Running', containerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }, running('b')] },
      {},
      {},
      ['1/2', 'NotReady', '0', '24h'],
    ],
    [
      'initialising',
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 0, state: { running: {} } }] },
      { initContainers: [{ name: 'i' }, { name: 'j' }] },
      {},
      ['0/2', 'Init:0/2', '0', '24h'],
    ],
    [
      'second init container fails',
      {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'i', restartCount: 0, state: { terminated: { exitCode: 0 } } },
          { name: 'j', restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      },
      { initContainers: [{ name: 'i' }, { name: 'j' }] },
      {},
      ['0/2', 'Init:CrashLoopBackOff', '2', '24h'],
    ],
    [
      'init error',
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 0, state: { terminated: { exitCode: 3 } } }] },
      { initContainers: [{ name: 'i' }] },
      {},
      ['0/2', 'Init:ExitCode:3', '0', '24h'],
    ],
    [
      'with a sidecar',
      {
        phase: 'Running',
        initContainerStatuses: [{ name: 's', restartCount: 1, started: true, ready: true, state: { running: {} } }],
        containerStatuses: [running('a'), running('b')],
      },
      { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
      {},
      ['3/3', 'Running', '1', '24h'],
    ],
    ['gated', { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }, {}, {}, ['0/2', 'SchedulingGated', '0', '24h']],
  ])('%s', (_name, status, spec, metadata, cells) => {
    expect(pod(status, spec, metadata)).toEqual(cells);
  });

  test('wide columns', () => {
    const cells = row('', 'Pod', {
      spec: { containers: [], nodeName: 'n1', readinessGates: [{ conditionType: 'G' }] },
      status: { podIPs: [{ ip: '10.0.0.1' }], conditions: [{ type: 'G', status: 'True' }] },
    });
    expect(cells.slice(5)).toEqual(['10.0.0.1', 'n1', '<none>', '1/1']);
  });
});

describe('other kinds, cell by cell', () => {
  test.each<[string, string, Loose, Loose, Loose[]]>([
    [
      '',
      'Node',
      {
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Debian', kernelVersion: '6.1' },
          addresses: [{ type: 'InternalIP', address: '127.1.0.2' }],
        },
      },
      { labels: { 'node-role.kubernetes.io/node': '', 'node-role.kubernetes.io/control-plane': '' } },
      ['x', 'Ready,SchedulingDisabled', 'control-plane,node', '24h', 'v1.36.0', '127.1.0.2', '<none>', 'Debian', '6.1', '<unknown>'],
    ],
    ['', 'Node', { spec: {}, status: {} }, {}, ['x', 'Unknown', '<none>', '24h', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>']],
    [
      '',
      'Service',
      {
        spec: {
          type: 'ClusterIP',
          clusterIPs: ['10.0.0.1'],
          ports: [
            { port: 80, protocol: 'TCP' },
            { port: 53, protocol: 'UDP' },
          ],
          selector: { b: '2', a: '1' },
        },
      },
      {},
      ['x', 'ClusterIP', '10.0.0.1', '<none>', '80/TCP,53/UDP', '24h', 'a=1,b=2'],
    ],
    [
      '',
      'Service',
      { spec: { type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] } },
      {},
      ['x', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP', '24h', '<none>'],
    ],
    ['', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: [] } }, {}, ['x', 'LoadBalancer', '10.0.0.1', '<pending>', '<none>', '24h', '<none>']],
    [
      '',
      'Service',
      { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' }, status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } } },
      {},
      ['x', 'LoadBalancer', '10.0.0.1', 'lb.example.com', '<none>', '24h', '<none>'],
    ],
    ['', 'Service', { spec: { type: 'ExternalName', externalName: 'db.example.com' } }, {}, ['x', 'ExternalName', '<none>', 'db.example.com', '<none>', '24h', '<none>']],
    ['', 'Service', { spec: { type: 'ClusterIP', clusterIP: 'None' } }, {}, ['x', 'ClusterIP', 'None', '<none>', '<none>', '24h', '<none>']],
    [
      'apps',
      'Deployment',
      {
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['b', 'a'] }] },
          template: {
            spec: {
              containers: [
                { name: 'c', image: 'nginx' },
                { name: 'd', image: 'e' },
              ],
            },
          },
        },
        status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 },
      },
      {},
      ['x', '1/3', 2, 1, '24h', 'c,d', 'nginx,e', 'app=web,tier in (a,b)'],
    ],
    [
      'apps',
      'ReplicaSet',
      { spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: { spec: { containers: [] } } }, status: { replicas: 2 } },
      {},
      ['x', 3, 2, 0, '24h', '', '', 'app=web'],
    ],
    ['', 'Secret', { type: 'Opaque', data: { a: '', b: '' } }, {}, ['x', 'Opaque', 2, '24h']],
    ['', 'ConfigMap', { data: { a: '' }, binaryData: { b: '' } }, {}, ['x', 2, '24h']],
    ['', 'Namespace', { status: { phase: 'Active' } }, {}, ['x', 'Active', '24h']],
    [
      '',
      'Endpoints',
      { subsets: [{ addresses: ['1', '2', '3', '4'].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }] },
      {},
      ['x', '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...', '24h'],
    ],
    ['', 'Endpoints', {}, {}, ['x', '<none>', '24h']],
    [
      'discovery.k8s.io',
      'EndpointSlice',
      { addressType: 'IPv4', ports: [{ port: 80 }], endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }] },
      {},
      ['x', 'IPv4', '80', '10.0.0.1,10.0.0.2', '24h'],
    ],
    ['discovery.k8s.io', 'EndpointSlice', { addressType: 'IPv4' }, {}, ['x', 'IPv4', '<unset>', '<unset>', '24h']],
    ['coordination.k8s.io', 'Lease', { spec: { holderIdentity: 'n1' } }, {}, ['x', 'n1', '24h']],
    ['scheduling.k8s.io', 'PriorityClass', { value: 5, preemptionPolicy: 'Never' }, {}, ['x', 5, false, '24h', 'Never']],
    [
      '',
      'Event',
      {
        type: 'Warning',
        reason: 'Failed',
        message: ' no ',
        involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec.containers{a}' },
        source: { component: 'kubelet', host: 'n1' },
        firstTimestamp: '2026-01-01T23:00:00Z',
        lastTimestamp: '2026-01-01T23:59:00Z',
        count: 4,
      },
      {},
      ['60s', 'Warning', 'Failed', 'pod/p', 'spec.containers{a}', 'kubelet, n1', 'no', '60m', 4, 'x'],
    ],
    [
      '',
      'Event',
      { involvedObject: { kind: 'Node', name: 'n' }, reportingComponent: 'c', eventTime: '2026-01-01T23:59:58.000000Z' },
      {},
      ['2s', '', '', 'node/n', '', 'c', '', '2s', 1, 'x'],
    ],
    ['rbac.authorization.k8s.io', 'ClusterRole', {}, {}, ['x', created]],
    [
      'rbac.authorization.k8s.io',
      'RoleBinding',
      {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'User', name: 'v' },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
      },
      {},
      ['x', 'Role/r', '24h', 'u, v', '', 'n/s'],
    ],
  ])('%s %s %#', (group, kind, fields, metadata, cells) => {
    expect(row(group, kind, fields, metadata)).toEqual(cells);
  });

  test('every served kind fills exactly its columns', () => {
    for (const { group, kind } of tables.resources.values()) {
      const cells = rowOf({ group, kind }, object(kind, { spec: { containers: [] }, involvedObject: {} }), now);
      expect(cells.length, kind).toBe(tables.columns(group, kind).length);
    }
  });
});

describe('tables', () => {
  const pods = tables.resource('', 'v1', 'pods')!;

  test('heads, rows, and the metadata of each object', () => {
    const table = toTable(
      tables,
      pods,
      [object('Pod', { spec: { containers: [] }, status: { phase: 'Succeeded' } })],
      { resourceVersion: '7' },
      { includeObject: 'Metadata', now, apiVersion: 'meta.k8s.io/v1' },
    ) as Loose;
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '7' } });
    expect(table.columnDefinitions.map((column: Loose) => column.name)).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates']);
    expect(table.columnDefinitions[0]).toMatchObject({ type: 'string', format: 'name', priority: 0 });
    expect(table.rows[0].object).toEqual({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'x', creationTimestamp: created } });
    expect(table.rows[0].conditions).toEqual([{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }]);
  });

  test('objects whole or not at all, later watch events without heads', () => {
    const whole = object('Pod', { spec: { containers: [] } });
    const all = toTable(tables, pods, [whole], {}, { includeObject: 'Object', now, apiVersion: 'meta.k8s.io/v1' }) as Loose;
    expect(all.rows[0].object).toBe(whole);
    const none = toTable(tables, pods, [whole], {}, { includeObject: 'None', now, apiVersion: 'meta.k8s.io/v1', columns: false }) as Loose;
    expect(none.rows[0]).not.toHaveProperty('object');
    expect(none.columnDefinitions).toEqual([]);
  });
});
