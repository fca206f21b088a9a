import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap, EndpointSlice, KubeObject, Namespace, NodeObject, Pod } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { deploymentOf, isReady, type SimulatedCluster, serviceOf, startCluster } from '../../sim/cluster.ts';

let cluster: SimulatedCluster;

beforeEach(async () => {
  cluster = await startCluster();
  await cluster.addNode('n1');
  await cluster.addNode('n2', { zone: 'local-1b' });
});

afterEach(() => cluster.stop());

const counts = async () =>
  Promise.all([resourceTypes.deployments, resourceTypes.replicaSets, resourceTypes.pods].map(async (type) => (await cluster.client.list(type)).items.length));

async function runWeb(replicas: number): Promise<void> {
  await cluster.client.create(resourceTypes.deployments, deploymentOf('web', replicas));
  await cluster.until('it runs', async () => (await cluster.pods()).filter(isReady).length === replicas);
}

describe('deletion', () => {
  it('takes dependents along in the background', async () => {
    await runWeb(3);
    await cluster.client.delete(resourceTypes.deployments, 'default', 'web', { propagationPolicy: 'Background' });
    expect((await counts())[0]).toBe(0);
    await cluster.until('all is gone', async () => (await counts()).every((count) => count === 0), 5000);
  });

  it('takes dependents first in the foreground', async () => {
    await runWeb(3);
    await cluster.client.delete(resourceTypes.deployments, 'default', 'web', { propagationPolicy: 'Foreground' });
    await cluster.until('all is gone', async () => {
      const [deployments = 0, sets = 0, pods = 0] = await counts();
      expect(pods === 0 || sets === 1).toBe(true);
      expect(sets === 0 || deployments === 1).toBe(true);
      return deployments + sets + pods === 0;
    });
  });

  it('leaves dependents behind when told to', async () => {
    await runWeb(3);
    await cluster.client.delete(resourceTypes.deployments, 'default', 'web', { propagationPolicy: 'Orphan' });
    await cluster.clock.advance(5000);
    expect(await counts()).toEqual([0, 1, 3]);
  });

  it('finds objects whose owner never was', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: '00000000-0000-4000-8000-000000000000' }];
    await cluster.client.create(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lost', namespace: 'default', ownerReferences } });
    await cluster.clock.advance(1000);
    await expect(cluster.client.get(resourceTypes.configMaps, 'default', 'lost')).rejects.toThrow('not found');
  });

  it('empties a namespace and lets it go', async () => {
    await cluster.client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    const web = deploymentOf('web', 3);
    await cluster.clock.advance(100);
    await cluster.client.create(resourceTypes.deployments, { ...web, metadata: { name: 'web', namespace: 'team' } });
    await cluster.client.create(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] } });
    await cluster.until('it runs', async () => (await cluster.pods('team')).filter(isReady).length === 3);
    await cluster.client.delete(resourceTypes.namespaces, undefined, 'team');
    await cluster.until('only what is held is left', async () => {
      const { status } = await cluster.client.get<Namespace>(resourceTypes.namespaces, undefined, 'team');
      return status?.conditions?.some(({ message }) => message === 'Some resources are remaining: configmaps. has 1 resource instances') ?? false;
    });
    expect(await cluster.pods('team')).toEqual([]);
    await cluster.client.patch(resourceTypes.configMaps, 'team', 'held', { metadata: { finalizers: null } }, 'application/merge-patch+json');
    await cluster.clock.advance(500);
    await expect(cluster.client.get(resourceTypes.namespaces, undefined, 'team')).rejects.toThrow('not found');
  });
});

describe('nodes', () => {
  const node = async (name: string) => cluster.client.get<NodeObject>(resourceTypes.nodes, undefined, name);

  it('get a block of pod addresses each', async () => {
    await cluster.clock.advance(100);
    expect([(await node('n1')).spec.podCIDR, (await node('n2')).spec.podCIDRs]).toEqual(['10.0.0.0/24', ['10.0.1.0/24']]);
    await cluster.client.delete(resourceTypes.nodes, undefined, 'n1');
    await cluster.addNode('n3');
    await cluster.clock.advance(100);
    expect((await node('n3')).spec.podCIDR).toBe('10.0.0.0/24');
  });

  it('that say they are not ready are tainted at once, their pods leave the services, and come back', async () => {
    await runWeb(4);
    const say = (status: string) =>
      cluster.client.patch(
        resourceTypes.nodes,
        undefined,
        'n1',
        { status: { conditions: [{ type: 'Ready', status, reason: 'KubeletNotReady' }] } },
        'application/strategic-merge-patch+json',
        {
          subresource: 'status',
        },
      );
    await say('False');
    await cluster.clock.advance(100);
    const keys = (await node('n1')).spec.taints?.map(({ key, effect }) => `${key}:${effect}`);
    expect(keys).toEqual(['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']);
    expect((await cluster.pods()).filter(isReady).map(({ spec }) => spec.nodeName)).toEqual(['n2', 'n2']);
    await say('True');
    await cluster.clock.advance(100);
    expect((await node('n1')).spec.taints).toBeUndefined();
  });

  it('that are not ready for 300 seconds lose their pods', async () => {
    await runWeb(4);
    cluster.nodes.get('n1')?.stop();
    await cluster.until('the pods run elsewhere', async () => (await cluster.pods()).filter((pod) => isReady(pod) && pod.spec.nodeName === 'n2').length === 4, 400_000);
    expect((await cluster.events('TaintManagerEviction'))[0]?.message).toMatch(/^Marking for deletion Pod default\/web-/);
    const left = (await cluster.pods()).filter(({ spec }) => spec.nodeName === 'n1');
    expect(left.map(({ status }) => status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason)).toEqual(['DeletionByTaintManager', 'DeletionByTaintManager']);
  });

  it('that are gone take their pods along at once', async () => {
    await runWeb(4);
    cluster.nodes.get('n1')?.stop();
    await cluster.client.delete(resourceTypes.nodes, undefined, 'n1');
    await cluster.until('the pods run elsewhere', async () => (await cluster.pods()).filter((pod) => isReady(pod) && pod.spec.nodeName === 'n2').length === 4, 2000);
    expect((await cluster.pods()).some(({ spec }) => spec.nodeName === 'n1')).toBe(false);
    await cluster.clock.advance(1000);
    await expect(cluster.client.get(resourceTypes.leases, 'kube-node-lease', 'n1')).rejects.toThrow('not found');
  });
});

describe('services', () => {
  const slices = async () =>
    (await cluster.client.list<EndpointSlice>(resourceTypes.endpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })).items;
  const ready = async () => (await slices()).flatMap(({ endpoints }) => endpoints).filter(({ conditions }) => conditions?.ready);

  it('have the ready pods as endpoints; one that ends leaves before it is gone', async () => {
    await cluster.client.create(resourceTypes.services, serviceOf('web', 'web', { ports: [{ name: 'http', port: 80, targetPort: 8080 }] }));
    await cluster.clock.advance(100);
    expect((await slices()).map(({ endpoints }) => endpoints)).toEqual([[]]);
    await runWeb(3);
    await cluster.clock.advance(100);
    const [slice, ...more] = await slices();
    expect(more).toEqual([]);
    expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).toBe('endpointslice-controller.k8s.io');
    const byPod = new Map((await cluster.pods()).map((pod) => [pod.metadata.name, pod]));
    for (const { targetRef, addresses, nodeName, zone, conditions } of slice?.endpoints ?? []) {
      const pod = byPod.get(targetRef?.name ?? '') as Pod;
      expect({ addresses, nodeName, conditions }).toEqual({
        addresses: [pod.status?.podIP],
        nodeName: pod.spec.nodeName,
        conditions: { ready: true, serving: true, terminating: false },
      });
      expect(zone).toBe(pod.spec.nodeName === 'n1' ? 'local-1a' : 'local-1b');
    }
    const [victim] = await cluster.pods();
    await cluster.client.delete(resourceTypes.pods, 'default', victim?.metadata.name ?? '');
    await cluster.clock.advance(20);
    const leaving = (await slices()).flatMap(({ endpoints }) => endpoints).find(({ targetRef }) => targetRef?.name === victim?.metadata.name);
    expect(leaving?.conditions).toEqual({ ready: false, serving: true, terminating: true });
    expect(await ready()).toHaveLength(2);
    await cluster.until('three again', async () => (await ready()).length === 3);
    const endpoints = await cluster.client.get<KubeObject & { subsets?: { addresses: object[]; ports: object[] }[] }>(resourceTypes.endpoints, 'default', 'web');
    expect(endpoints.subsets?.map(({ addresses, ports }) => [addresses.length, ports])).toEqual([[3, [{ name: 'http', port: 8080, protocol: 'TCP' }]]]);
  });

  it('fill further slices beyond a hundred endpoints, and lose them all with the service', async () => {
    for (const name of ['n3', 'n4']) await cluster.addNode(name);
    await cluster.client.create(resourceTypes.services, serviceOf('web', 'web'));
    await runWeb(120);
    await cluster.clock.advance(500);
    expect((await slices()).map(({ endpoints }) => endpoints.length).sort()).toEqual([100, 20]);
    const pods = new Set((await slices()).flatMap(({ endpoints }) => endpoints.map(({ targetRef }) => targetRef?.name)));
    expect(pods.size).toBe(120);
    await cluster.client.delete(resourceTypes.services, 'default', 'web');
    await cluster.clock.advance(500);
    expect(await slices()).toEqual([]);
    await expect(cluster.client.get(resourceTypes.endpoints, 'default', 'web')).rejects.toThrow('not found');
  });
});

it('endpoints written by hand for a service without a selector are mirrored', async () => {
  const { client, clock } = cluster;
  await client.create(resourceTypes.services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', namespace: 'default' }, spec: { ports: [{ port: 5432 }] } });
  const subsets = [{ addresses: [{ ip: '192.168.7.7' }], ports: [{ port: 5432 }] }];
  await client.create(resourceTypes.endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'default' }, subsets });
  await clock.advance(100);
  const slices = async () => (await client.list<EndpointSlice>(resourceTypes.endpointSlices, { labelSelector: 'kubernetes.io/service-name=db' })).items;
  expect((await slices()).map(({ endpoints, ports }) => [endpoints, ports])).toEqual([
    [[{ addresses: ['192.168.7.7'], conditions: { ready: true } }], [{ name: '', port: 5432, protocol: 'TCP' }]],
  ]);
  await client.delete(resourceTypes.endpoints, 'default', 'db');
  await clock.advance(100);
  expect(await slices()).toEqual([]);
});

it('every namespace has its service account and the CA', async () => {
  await cluster.client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  await cluster.clock.advance(100);
  const ca = async () => cluster.client.get<ConfigMap>(resourceTypes.configMaps, 'team', 'kube-root-ca.crt');
  expect((await ca()).data).toEqual({ 'ca.crt': 'CA' });
  await cluster.client.get(resourceTypes.serviceAccounts, 'team', 'default');
  await cluster.client.delete(resourceTypes.serviceAccounts, 'team', 'default');
  await cluster.client.patch(resourceTypes.configMaps, 'team', 'kube-root-ca.crt', { data: { 'ca.crt': 'forged' } }, 'application/merge-patch+json');
  await cluster.clock.advance(100);
  expect((await ca()).data).toEqual({ 'ca.crt': 'CA' });
  await cluster.client.get(resourceTypes.serviceAccounts, 'team', 'default');
});
