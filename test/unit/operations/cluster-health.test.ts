import { describe, expect, it } from 'vitest';
import { healthTables } from '../../../src/cli/views/tables.ts';
import type { CloudGroup, CloudInstance } from '../../../src/cloud/provider.ts';
import type { NodeObject, Pod } from '../../../src/kube/objects.ts';
import { judgeHealth, type Observed } from '../../../src/operations/cluster-health.ts';
import { newCluster } from '../../../src/spec/new-cluster.ts';

const { instanceGroups } = newCluster({
  name: 'a.k8s.local',
  cloud: 'test',
  zones: ['us-test-1a'],
  configBase: 'memory://x',
  nodeSize: 't2.medium',
  controlPlaneSize: 'm3.medium',
});

const instance = (id: string, more: Partial<CloudInstance> = {}): CloudInstance => ({
  id,
  state: 'running',
  machineType: 't2.medium',
  zone: 'us-test-1a',
  nodeName: id,
  needsUpdate: false,
  detached: false,
  launchedAt: '2026-01-01T00:00:00Z',
  ...more,
});
const group = (instanceGroup: string, instances: CloudInstance[], target = 1): CloudGroup => ({
  name: instanceGroup,
  instanceGroup,
  min: 1,
  max: 1,
  target,
  template: 'x',
  instances,
});
const node = (name: string, ready = 'True') =>
  ({
    metadata: { name, labels: { 'topology.kubernetes.io/zone': 'us-test-1a' } },
    spec: { providerID: `test:///us-test-1a/${name}` },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }) as unknown as NodeObject;
const pod = (app: string, nodeName: string, more: object = {}) =>
  ({
    metadata: { name: `${app}-${nodeName}`, namespace: 'kube-system' },
    spec: { nodeName, priorityClassName: 'system-cluster-critical', ...more },
    status: { phase: 'Running', containerStatuses: [{ name: app, ready: true }] },
  }) as unknown as Pod;

const healthy: Observed = {
  groups: [group('control-plane-us-test-1a', [instance('i-1')]), group('nodes-us-test-1a', [instance('i-2')])],
  nodes: [node('i-1'), node('i-2')],
  pods: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((app) => pod(app, 'i-1')),
};
const messages = (observed: Partial<Observed>) =>
  judgeHealth(instanceGroups, { ...healthy, ...observed }).failures.map((failure) => `${failure.kind} ${failure.name}: ${failure.message}`);

describe('the health of a cluster', () => {
  it('is good when everything that should run does', () => {
    expect(messages({})).toEqual([]);
    expect(healthTables('a.k8s.local', instanceGroups, judgeHealth(instanceGroups, healthy))).toBe(`INSTANCE GROUPS
NAME                      ROLE          MACHINETYPE  MIN  MAX  SUBNETS
control-plane-us-test-1a  ControlPlane  m3.medium    1    1    us-test-1a
nodes-us-test-1a          Node          t2.medium    1    1    us-test-1a

NODE STATUS
NAME  ROLE           READY
i-1   control-plane  True
i-2   node           True

Your cluster a.k8s.local is ready
`);
  });

  it.each<[string, Partial<Observed>, string[]]>([
    [
      'a group that the cloud has not',
      { groups: healthy.groups.slice(0, 1) },
      ['InstanceGroup nodes-us-test-1a: InstanceGroup "nodes-us-test-1a" is missing from the cloud provider'],
    ],
    [
      'too few machines',
      { groups: [healthy.groups[0] as CloudGroup, group('nodes-us-test-1a', [instance('i-2')], 3)] },
      ['InstanceGroup nodes-us-test-1a: InstanceGroup "nodes-us-test-1a" did not have enough nodes 1 vs 3'],
    ],
    [
      'why there are too few machines',
      { groups: [healthy.groups[0] as CloudGroup, { ...group('nodes-us-test-1a', [instance('i-2')], 2), problem: 'no capacity for m5.large in us-test-1a' }] },
      ['InstanceGroup nodes-us-test-1a: InstanceGroup "nodes-us-test-1a" did not have enough nodes 1 vs 2: no capacity for m5.large in us-test-1a'],
    ],
    ['a machine that has not joined', { nodes: [node('i-1')] }, ['Machine i-2: machine "i-2" has not yet joined cluster']],
    ['a node that is not ready', { nodes: [node('i-1'), node('i-2', 'Unknown')] }, ['Node i-2: node "i-2" of role "node" is not ready']],
    ['a control plane without its pods', { pods: healthy.pods.slice(1) }, ['Node i-1: control-plane node "i-1" is missing kube-apiserver pod']],
    [
      'a critical pod that waits',
      { pods: [...healthy.pods, { ...pod('coredns', ''), status: { phase: 'Pending' } } as Pod] },
      ['Pod kube-system/coredns-: system-cluster-critical pod "coredns-" is pending'],
    ],
    ['a machine on its way out', { groups: [healthy.groups[0] as CloudGroup, group('nodes-us-test-1a', [instance('i-9', { state: 'terminating' }), instance('i-2')])] }, []],
  ])('tells of %s', (_what, observed, expected) => expect(messages(observed)).toEqual(expected));
});
