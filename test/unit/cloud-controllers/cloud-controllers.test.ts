import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCloudControllers } from '../../../src/control-plane/cloud-controllers/start-cloud-controllers.ts';
import type { NodeObject, Service } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { type SimulatedCluster, serviceOf, startCluster } from '../../sim/cluster.ts';
import { createMemoryCloud, type MemoryCloud } from './memory-cloud.ts';

let cluster: SimulatedCluster;
let cloud: MemoryCloud;
let controllers: { stop(): Promise<void> };

beforeEach(async () => {
  cluster = await startCluster();
  cloud = createMemoryCloud({ routes: true });
  const { client, informers, environment } = cluster;
  controllers = startCloudControllers({ client, informers, environment, cloud, clusterName: 'demo', identity: 'a' });
});

afterEach(async () => {
  const stopped = controllers.stop();
  await cluster.clock.advance(1000);
  await stopped;
  await cluster.stop();
});

const node = async (name: string) => cluster.client.get<NodeObject>(resourceTypes.nodes, undefined, name);
const uninitialized = [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }];

async function addMachine(name: string, labels: Record<string, string> = {}): Promise<void> {
  cloud.machines.set(name, 'running');
  await cluster.addNode(name, { taints: uninitialized });
  await cluster.client.patch(resourceTypes.nodes, undefined, name, { metadata: { labels } }, 'application/merge-patch+json');
  await cluster.until(`${name} is initialized`, async () => (await node(name)).spec.providerID !== undefined);
}

it('tells a new node what the cloud knows of it and opens it for pods', async () => {
  await addMachine('node-1');
  const { metadata, spec, status } = await node('node-1');
  expect(spec.providerID).toBe('memory:///local-1a/node-1');
  expect(spec.taints).toBeUndefined();
  expect(metadata.labels).toMatchObject({ 'node.kubernetes.io/instance-type': 't3.medium', 'topology.kubernetes.io/zone': 'local-1a', 'topology.kubernetes.io/region': 'local-1' });
  expect(status?.addresses).toEqual([{ type: 'InternalIP', address: '192.168.0.7' }]);
});

it('removes the node at once when its instance is gone, and taints it while it is shut down', async () => {
  await addMachine('node-1');
  await addMachine('node-2');
  cloud.machines.set('node-1', 'stopped');
  cloud.changed('node-1');
  await cluster.clock.advance(100);
  expect((await node('node-1')).spec.taints?.map(({ key }) => key)).toEqual(['node.cloudprovider.kubernetes.io/shutdown']);
  cloud.machines.set('node-1', 'running');
  cloud.changed('node-1');
  await cluster.clock.advance(100);
  expect((await node('node-1')).spec.taints).toBeUndefined();
  cloud.machines.delete('node-1');
  cloud.changed('node-1');
  await cluster.clock.advance(100);
  await expect(node('node-1')).rejects.toThrow('nodes "node-1" not found');
  expect((await cluster.events('DeletingNode')).map(({ message }) => message)).toEqual(['Deleting node node-1 because it does not exist in the cloud provider']);
});

it('gives a service its load balancer, follows the nodes, and takes it away again', async () => {
  await addMachine('node-1');
  await addMachine('master', { 'node-role.kubernetes.io/control-plane': '' });
  await cluster.client.create(resourceTypes.services, serviceOf('web', 'web', { type: 'LoadBalancer' }));
  await cluster.clock.advance(500);
  const service = async () => cluster.client.get<Service>(resourceTypes.services, 'default', 'web');
  expect((await service()).status?.loadBalancer?.ingress).toMatchObject([{ ip: '10.9.9.9' }]);
  expect((await service()).metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
  expect(cloud.balancers.get('demo/default/web')).toEqual({ nodes: ['node-1'], ensured: 1 });

  await addMachine('node-2');
  await cluster.clock.advance(500);
  expect(cloud.balancers.get('demo/default/web')).toEqual({ nodes: ['node-1', 'node-2'], ensured: 1 });

  await cluster.client.delete(resourceTypes.services, 'default', 'web');
  await cluster.clock.advance(500);
  await expect(service()).rejects.toThrow('not found');
  expect(cloud.balancers.size).toBe(0);
  const reasons = (await cluster.events()).filter(({ involvedObject }) => involvedObject.kind === 'Service').map(({ reason }) => reason);
  expect(new Set(reasons)).toEqual(new Set(['EnsuringLoadBalancer', 'EnsuredLoadBalancer', 'UpdatedLoadBalancer', 'DeletingLoadBalancer', 'DeletedLoadBalancer']));
});

it('says why a load balancer cannot be made and tries again; a service that changes its type gives it back', async () => {
  await addMachine('node-1');
  cloud.failNext = new Error('quota exceeded');
  await cluster.client.create(resourceTypes.services, serviceOf('web', 'web', { type: 'LoadBalancer' }));
  await cluster.clock.advance(500);
  expect((await cluster.events('SyncLoadBalancerFailed'))[0]?.message).toBe('Error syncing load balancer: failed to ensure load balancer: quota exceeded');
  await cluster.clock.advance(5000);
  expect(cloud.balancers.size).toBe(1);
  await cluster.client.patch(resourceTypes.services, 'default', 'web', { spec: { type: 'ClusterIP' } }, 'application/merge-patch+json');
  await cluster.clock.advance(500);
  const service = await cluster.client.get<Service>(resourceTypes.services, 'default', 'web');
  expect(cloud.balancers.size).toBe(0);
  expect(service.metadata.finalizers).toBeUndefined();
  expect(service.status?.loadBalancer?.ingress).toBeUndefined();
});

it('keeps a route to the pods of each node', async () => {
  await addMachine('node-1');
  await addMachine('node-2');
  await cluster.clock.advance(5000);
  expect([...cloud.routeTable.values()].map(({ node: target }) => target).sort()).toEqual(['node-1', 'node-2']);
  expect((await node('node-1')).status?.conditions?.find(({ type }) => type === 'NetworkUnavailable')).toMatchObject({ status: 'False', reason: 'RouteCreated' });
  cloud.machines.delete('node-2');
  cloud.changed('node-2');
  await cluster.clock.advance(5000);
  expect([...cloud.routeTable.values()].map(({ node: target }) => target)).toEqual(['node-1']);
});
