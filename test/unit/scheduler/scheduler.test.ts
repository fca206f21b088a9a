import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod, PodSpec } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { type SimulatedCluster, startCluster } from '../../sim/cluster.ts';

let cluster: SimulatedCluster;

beforeEach(async () => {
  cluster = await startCluster({ without: ['controllers'] });
  await cluster.client.create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
});

afterEach(() => cluster.stop());

async function createPod(name: string, spec: Partial<PodSpec> = {}, more: { cpu?: string; labels?: Record<string, string> } = {}): Promise<void> {
  const container = { name: 'main', image: 'nginx', resources: { requests: { cpu: more.cpu ?? '100m' } } };
  await cluster.client.create<Pod>(resourceTypes.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: more.labels ?? { app: name } },
    spec: { containers: [container], ...spec },
  });
  await cluster.clock.advance(10);
}

const pod = async (name: string) => cluster.client.get<Pod>(resourceTypes.pods, 'default', name);
const nodeOf = async (name: string) => (await pod(name)).spec.nodeName;
const scheduled = async (name: string) => (await pod(name)).status?.conditions?.find(({ type }) => type === 'PodScheduled');
const messages = async (reason: string) => (await cluster.events(reason)).map(({ message }) => message);
const controlPlane = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];

describe('why a pod waits', () => {
  it('too little CPU for now, and a tainted control plane: in Kubernetes words, in the event and on the pod', async () => {
    await cluster.addNode('control-plane', { taints: controlPlane });
    for (const name of ['a', 'b', 'c']) {
      await cluster.addNode(name, { cpu: '2' });
      await createPod(`on-${name}`, { nodeName: name }, { cpu: '1' });
    }
    await createPod('big', {}, { cpu: '1500m' });
    const message =
      '0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.';
    expect(await messages('FailedScheduling')).toEqual([message]);
    expect(await scheduled('big')).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
    expect((await pod('big')).status?.phase).toBe('Pending');
  });

  it('more than any node has at all: making room could not help either', async () => {
    await cluster.addNode('a');
    await createPod('huge', {}, { cpu: '64' });
    expect(await messages('FailedScheduling')).toEqual([
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ]);
  });

  it('no nodes at all', async () => {
    await createPod('early');
    expect(await messages('FailedScheduling')).toEqual(['no nodes available to schedule pods']);
    await cluster.addNode('a');
    await cluster.clock.advance(2000);
    expect(await nodeOf('early')).toBe('a');
    expect(await scheduled('early')).toMatchObject({ status: 'True' });
  });

  it.each<[string, Partial<PodSpec>, string]>([
    ['node selector', { nodeSelector: { disk: 'ssd' } }, "1 node(s) didn't match Pod's node affinity/selector"],
    ['host port', { containers: [{ name: 'x', image: 'x', ports: [{ containerPort: 80, hostPort: 80 }] }] }, "1 node(s) didn't have free ports for the requested pod ports"],
    [
      'anti-affinity',
      {
        affinity: {
          podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'there' } } }] },
        },
      },
      "1 node(s) didn't match pod anti-affinity rules",
    ],
    [
      'affinity',
      {
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'nobody' } } }] },
        },
      },
      "1 node(s) didn't match pod affinity rules",
    ],
    [
      'topology spread',
      { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }] },
      "1 node(s) didn't match pod topology spread constraints (missing required label)",
    ],
  ])('%s', async (_what, spec, reason) => {
    await cluster.addNode('a');
    await createPod('there', { containers: [{ name: 'x', image: 'x', ports: [{ containerPort: 80, hostPort: 80 }] }] });
    await createPod('waits', spec);
    expect((await messages('FailedScheduling'))[0]).toContain(`0/1 nodes are available: ${reason}. preemption:`);
  });

  it('a cordoned node', async () => {
    await cluster.addNode('a');
    await cluster.client.patch(resourceTypes.nodes, undefined, 'a', { spec: { unschedulable: true } }, 'application/merge-patch+json');
    await createPod('waits');
    expect((await messages('FailedScheduling'))[0]).toContain('1 node(s) were unschedulable');
    await cluster.client.patch(resourceTypes.nodes, undefined, 'a', { spec: { unschedulable: null } }, 'application/merge-patch+json');
    await cluster.clock.advance(2000);
    expect(await nodeOf('waits')).toBe('a');
    expect(await messages('Scheduled')).toEqual(['Successfully assigned default/waits to a']);
  });
});

describe('where a pod goes', () => {
  it('to the emptier node, and never more on it than it holds', async () => {
    await cluster.addNode('a', { cpu: '1' });
    await cluster.addNode('b', { cpu: '3' });
    for (let i = 0; i < 8; i++) await createPod(`p${i}`, {}, { cpu: '500m' });
    const places = await Promise.all(Array.from({ length: 8 }, (_, i) => nodeOf(`p${i}`)));
    expect(places.filter((place) => place === 'a')).toHaveLength(2);
    expect(places.filter((place) => place === 'b')).toHaveLength(6);
    await createPod('more', {}, { cpu: '500m' });
    expect(await nodeOf('more')).toBeUndefined();
    await cluster.client.delete(resourceTypes.pods, 'default', 'p0', { gracePeriodSeconds: 0 });
    await cluster.clock.advance(2000);
    expect(await nodeOf('more')).toBe(places[0]);
  });

  it('spread over zones as asked', async () => {
    for (const zone of ['1a', '1b', '1c']) await cluster.addNode(`n${zone}`, { zone });
    const topologySpreadConstraints = [
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } } },
    ];
    for (let i = 0; i < 6; i++) await createPod(`p${i}`, { topologySpreadConstraints }, { labels: { app: 'x' } });
    const places = await Promise.all(Array.from({ length: 6 }, (_, i) => nodeOf(`p${i}`)));
    for (const node of ['n1a', 'n1b', 'n1c']) expect(places.filter((place) => place === node)).toHaveLength(2);
  });

  it('near to its friends', async () => {
    for (const name of ['a', 'b', 'c']) await cluster.addNode(name);
    await createPod('friend');
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'friend' } } };
    await createPod('close', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
    await createPod('closer', { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] } } });
    expect(await nodeOf('close')).toBe(await nodeOf('friend'));
    expect(await nodeOf('closer')).toBe(await nodeOf('friend'));
  });

  it('a more important pod makes room for itself', async () => {
    await cluster.client.create(resourceTypes.priorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 });
    await cluster.addNode('a', { cpu: '2' });
    await createPod('low', {}, { cpu: '1500m' });
    await cluster.clock.advance(1000);
    await createPod('high', { priorityClassName: 'high' }, { cpu: '1500m' });
    await cluster.until('it runs', async () => (await pod('high')).status?.phase === 'Running', 30_000);
    await expect(pod('low')).rejects.toThrow('not found');
    expect((await messages('Preempted'))[0]).toBe(`Preempted by pod ${(await pod('high')).metadata.uid} on node a`);
  });
});

it('many pods at once', async () => {
  for (let i = 0; i < 5; i++) await cluster.addNode(`n${i}`, { cpu: '64' });
  const count = 500;
  await Promise.all(Array.from({ length: count }, (_, i) => createPod(`p${i}`, {}, { labels: { app: 'x' } })));
  await cluster.until('all have a node', async () => (await cluster.pods()).every(({ spec }) => spec.nodeName), 20_000);
  expect(await cluster.pods()).toHaveLength(count);
});
