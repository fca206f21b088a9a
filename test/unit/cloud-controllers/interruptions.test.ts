import { afterEach, beforeEach, expect, it } from 'vitest';
import type { InterruptionSettings } from '../../../src/cloud/controllers.ts';
import { startCloudControllers } from '../../../src/control-plane/cloud-controllers/start-cloud-controllers.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { NodeObject, Pod } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { StatusError } from '../../../src/kube/status.ts';
import { deploymentOf, isReady, type SimulatedCluster, startCluster } from '../../sim/cluster.ts';
import { createMemoryCloud, type MemoryCloud } from './memory-cloud.ts';

let cluster: SimulatedCluster;
let cloud: MemoryCloud;
let controllers: { stop(): Promise<void> } | undefined;

beforeEach(async () => {
  cluster = await startCluster();
  cloud = createMemoryCloud();
});

afterEach(async () => {
  const stopped = controllers?.stop();
  await cluster.clock.advance(1000);
  await stopped;
  await cluster.stop();
});

/** Two nodes, six pods of a Deployment on them. */
async function start(more: Partial<InterruptionSettings> = {}, client: KubeClient = cluster.client): Promise<void> {
  const { informers, environment } = cluster;
  const interruptions = { source: {}, excludeFromLoadBalancers: true, dropIfNodeNotFound: false, ...more };
  controllers = startCloudControllers({ client, informers, environment, cloud, clusterName: 'demo', identity: 'a', interruptions });
  for (const name of ['node-1', 'node-2']) {
    cloud.machines.set(name, 'running');
    await cluster.addNode(name, { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] });
  }
  await cluster.client.create(resourceTypes.deployments, deploymentOf('web', 6));
  await cluster.until('six pods run on both nodes', async () => (await cluster.pods()).filter(isReady).length === 6 && (await on('node-1')).length > 0);
}

const on = async (node: string) => (await cluster.pods()).filter((pod) => pod.spec.nodeName === node);
const node1 = () => cluster.client.get<NodeObject>(resourceTypes.nodes, undefined, 'node-1');
const dealtWith = (limitMs?: number) => cluster.until('the announcement is dealt with', () => cloud.announced.size === 0, limitMs);

async function bind(name: string, metadata: Partial<Pod['metadata']>): Promise<void> {
  const spec = { nodeName: 'node-1', containers: [{ name: 'main', image: 'nginx:1' }] };
  await cluster.client.create<Pod>(resourceTypes.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...metadata }, spec });
}

it('empties a node whose instance will end, but for pods that would come back at once', async () => {
  await start();
  const uid = '11111111-1111-4111-8111-111111111111';
  await bind('static', { annotations: { 'kubernetes.io/config.mirror': 'hash' } });
  await bind('agent', { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid, controller: true }] });
  await bind('alone', {});
  cloud.announce('node-1');
  await dealtWith();
  expect((await on('node-1')).map(({ metadata }) => metadata.name)).toEqual(['agent', 'static']);
  const { spec, metadata } = await node1();
  expect(spec.unschedulable).toBe(true);
  expect(metadata.labels).toHaveProperty(['node.kubernetes.io/exclude-from-external-load-balancers'], 'node-termination-handler');
  await cluster.until('six pods run elsewhere', async () => (await on('node-2')).filter(isReady).length === 6);
  const events = (await cluster.events()).filter(({ source }) => source?.component === 'node-termination-handler');
  expect(events.map(({ type, reason, message }) => [type, reason, message])).toEqual([
    ['Normal', 'SpotInterruption', 'node-1 will end'],
    ['Normal', 'CordonAndDrain', 'Node successfully cordoned and drained'],
  ]);
});

it('asks again where a disruption budget says not yet', async () => {
  let refusals = 3;
  const graces = new Set<unknown>();
  const careful: KubeClient = Object.create(cluster.client);
  careful.create = (type, object, options) => {
    if (options?.subresource === 'eviction') graces.add((object as { deleteOptions?: { gracePeriodSeconds?: number } }).deleteOptions?.gracePeriodSeconds);
    if (options?.subresource === 'eviction' && refusals-- > 0)
      return Promise.reject(new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget."));
    return cluster.client.create(type, object, options);
  };
  await start({ excludeFromLoadBalancers: false, podTerminationGracePeriod: 7 }, careful);
  cloud.announce('node-1');
  await dealtWith();
  expect(refusals).toBeLessThan(0);
  expect([...graces]).toEqual([7]);
  expect(await on('node-1')).toEqual([]);
  expect((await node1()).metadata.labels).not.toHaveProperty(['node.kubernetes.io/exclude-from-external-load-balancers']);
});

it('says which pods are left when time is up, and leaves the announcement for another try', async () => {
  await start();
  // Nobody ends pods there any more.
  cluster.nodes.get('node-1')?.stop();
  cloud.announce('node-1');
  await cluster.until('it gives up', async () => (await cluster.events('CordonAndDrainError')).length > 0, 200_000);
  const [event] = await cluster.events('CordonAndDrainError');
  expect(event?.message).toMatch(/^There was a problem while trying to cordon and drain the node: pods are left after 120 s: default\/web-/);
  expect(cloud.announced.size).toBe(1);
});

it.each([
  [true, 0],
  [false, 1],
])('with dropIfNodeNotFound %s, %s announcements for an instance without a node stay', async (dropIfNodeNotFound, left) => {
  await start({ dropIfNodeNotFound });
  cloud.announce('node-7');
  await cluster.clock.advance(1000);
  expect(cloud.announced.size).toBe(left);
});

it('leaves a drain to the next leader when it has to stop', async () => {
  await start();
  cluster.nodes.get('node-1')?.stop();
  cloud.announce('node-1');
  await cluster.clock.advance(3000);
  const stopped = controllers?.stop();
  await cluster.clock.advance(1000);
  await stopped;
  controllers = undefined;
  expect(cloud.announced.size).toBe(1);
  expect(await cluster.events('CordonAndDrainError')).toEqual([]);
});
