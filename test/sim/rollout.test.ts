import { afterEach, expect, it } from 'vitest';
import type { Deployment, NodeObject, ReplicaSet } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { deploymentOf, isReady, type SimulatedCluster, startCluster } from './cluster.ts';

let cluster: SimulatedCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

async function story(seed: number): Promise<string> {
  cluster = await startCluster({ seed });
  const { client, until, clock } = cluster;
  const { pods } = cluster;
  for (let i = 1; i <= 5; i++) await cluster.addNode(`node-${i}`, { zone: `local-1${'abc'[i % 3]}` });
  await client.create(resourceTypes.deployments, deploymentOf('web', 50));
  const ready = async () => (await pods()).filter(isReady);
  await until('50 pods run', async () => (await ready()).length === 50);

  const perNode = new Map<string, number>();
  for (const pod of await ready()) perNode.set(pod.spec.nodeName ?? '', (perNode.get(pod.spec.nodeName ?? '') ?? 0) + 1);
  expect([...perNode.values()].every((count) => count >= 8 && count <= 14)).toBe(true);

  // A new image: never fewer than 38 ready, never more than 63 alive.
  await client.patch(
    resourceTypes.deployments,
    'default',
    'web',
    { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:2' }] } } } },
    'application/strategic-merge-patch+json',
  );
  await until('the rollout is done', async () => {
    const all = await pods();
    expect(all.filter(isReady).length).toBeGreaterThanOrEqual(38);
    expect(all.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length).toBeLessThanOrEqual(63);
    const { metadata, status } = await client.get<Deployment>(resourceTypes.deployments, 'default', 'web');
    return status?.updatedReplicas === 50 && status.availableReplicas === 50 && status.replicas === 50 && status.observedGeneration === metadata.generation;
  });
  const progressing = (await client.get<Deployment>(resourceTypes.deployments, 'default', 'web')).status?.conditions?.find(({ type }) => type === 'Progressing');
  expect(progressing?.reason).toBe('NewReplicaSetAvailable');
  const sets = (await client.list<ReplicaSet>(resourceTypes.replicaSets)).items;
  expect(sets.map(({ spec }) => spec.replicas).sort()).toEqual([0, 50]);

  // A machine loses its power.
  const diedMs = clock.now();
  cluster.nodes.get('node-3')?.stop();
  await until('the node counts as lost', async () => {
    const node = await client.get<NodeObject>(resourceTypes.nodes, undefined, 'node-3');
    return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'Unknown';
  });
  expect(clock.now() - diedMs).toBeGreaterThan(29_000);
  expect(clock.now() - diedMs).toBeLessThan(42_000);
  await until('its pods are not ready', async () => (await pods()).filter(({ spec }) => spec.nodeName === 'node-3').every((pod) => !isReady(pod)), 2000);
  await until('its pods run elsewhere', async () => (await ready()).length === 50, 400_000);
  expect((await ready()).some(({ spec }) => spec.nodeName === 'node-3')).toBe(false);

  // Its machine is taken away for good.
  await client.delete(resourceTypes.nodes, undefined, 'node-3');
  await until('nothing is left of it', async () => !(await pods()).some(({ spec }) => spec.nodeName === 'node-3'), 5000);
  const places = (await pods()).map(({ metadata, spec }) => `${metadata.name} ${spec.nodeName}`).sort();
  await cluster.stop();
  cluster = undefined;
  return places.join('\n');
}

it('50 pods over 5 nodes: rolled to a new version, moved off a node that dies; the same seed tells the same story', async () => {
  const first = await story(7);
  expect(await story(7)).toBe(first);
});
