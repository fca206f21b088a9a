import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeObject } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { TestCluster } from './cluster.ts';

describe('a pod on a node', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    await cluster.addNode('node-1');
  });
  afterEach(() => cluster.close());

  it('registers the node as ready', async () => {
    const node = await cluster.client.get<NodeObject>(resourceTypes.nodes, undefined, 'node-1');
    expect(node.status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'MemoryPressure False KubeletHasSufficientMemory',
      'DiskPressure False KubeletHasNoDiskPressure',
      'PIDPressure False KubeletHasSufficientPID',
      'Ready True KubeletReady',
    ]);
    expect(node.status?.capacity).toMatchObject({ cpu: '2', memory: '4Gi', pods: '110' });
    expect(node.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'node-1', 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/node': '' });
  });

  it('runs and answers, with the events people know', async () => {
    await cluster.createPod('web', { containers: [{ name: 'nginx', image: 'nginx:1.27' }] });
    const pod = await cluster.podWhere('web', ({ status }) => status?.phase === 'Running');
    expect(pod.status?.conditions?.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      'ContainersReady=True',
      'Initialized=True',
      'PodReadyToStartContainers=True',
      'PodScheduled=True',
      'Ready=True',
    ]);
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ name: 'nginx', ready: true, started: true, restartCount: 0, containerID: expect.stringMatching(/^simulated:\/\//) });
    expect(pod.status?.podIP).toBe('10.2.1.2');
    expect(await cluster.get('10.2.1.2', 80)).toContain('nginx');
    const events = await cluster.eventually(
      () => cluster.events('web'),
      (list) => list.length >= 4,
    );
    expect(events).toEqual([
      'Normal Pulling Pulling image "nginx:1.27"',
      expect.stringMatching(/^Normal Pulled Successfully pulled image "nginx:1.27" in /),
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
  });
});
