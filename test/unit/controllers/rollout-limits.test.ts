import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Deployment, EndpointSlice, ReplicaSet } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { deploymentOf, isReady, type SimulatedCluster, serviceOf, startCluster } from '../../sim/cluster.ts';

let cluster: SimulatedCluster;

beforeEach(async () => {
  cluster = await startCluster();
  await cluster.addNode('n1');
  await cluster.addNode('n2');
});

afterEach(() => cluster.stop());

const deployment = async () => cluster.client.get<Deployment>(resourceTypes.deployments, 'default', 'web');
const patch = async (spec: object) => cluster.client.patch(resourceTypes.deployments, 'default', 'web', { spec }, 'application/strategic-merge-patch+json');
const image = (name: string) => ({ template: { spec: { containers: [{ name: 'main', image: name }] } } });
const available = (count: number) => cluster.until(`${count} are available`, async () => (await deployment()).status?.availableReplicas === count);

/** Sizes of the ReplicaSets, oldest revision first. */
async function sizes(): Promise<(number | undefined)[]> {
  const sets = (await cluster.client.list<ReplicaSet>(resourceTypes.replicaSets)).items;
  const revision = ({ metadata }: ReplicaSet) => Number(metadata.annotations?.['deployment.kubernetes.io/revision']);
  return [...sets].sort((a, b) => revision(a) - revision(b)).map(({ spec }) => spec.replicas);
}

it('a deployment that is scaled in the middle of a rollout spreads the pods in proportion', async () => {
  await cluster.client.create(resourceTypes.deployments, deploymentOf('web', 10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
  await available(10);
  await patch({ template: { spec: { nodeSelector: { there: 'is-none' } } } });
  await cluster.until('the rollout is stuck', async () => (await sizes()).join() === '8,5');
  await patch({ replicas: 15 });
  await cluster.until('both have grown', async () => (await sizes()).join() === '11,7');
  await cluster.clock.advance(5000);
  expect(await sizes()).toEqual([11, 7]);
});

it('percentages: surge is rounded up, unavailable down', async () => {
  await cluster.client.create(
    resourceTypes.deployments,
    deploymentOf('web', 5, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } }),
  );
  await available(5);
  await patch({ template: { spec: { nodeSelector: { there: 'is-none' } } } });
  await cluster.clock.advance(5000);
  expect(await sizes()).toEqual([4, 3]);
});

it('pods count as available after minReadySeconds, and old ReplicaSets beyond the limit go', async () => {
  const wanted = deploymentOf('web', 2);
  await cluster.client.create(resourceTypes.deployments, { ...wanted, spec: { ...wanted.spec, minReadySeconds: 10, revisionHistoryLimit: 1 } });
  await cluster.until('the pods are ready', async () => (await cluster.pods()).filter(isReady).length === 2);
  await cluster.clock.advance(5000);
  expect((await deployment()).status?.availableReplicas).toBeUndefined();
  await available(2);
  for (const name of ['nginx:2', 'nginx:3', 'nginx:4']) {
    await patch(image(name));
    await cluster.until(`${name} is rolled out`, async () => {
      const { status, metadata } = await deployment();
      return status?.observedGeneration === metadata.generation && status?.updatedReplicas === 2 && status.availableReplicas === 2 && status.replicas === 2;
    });
  }
  await cluster.clock.advance(1000);
  expect(await sizes()).toEqual([0, 2]);
});

it('who publishes addresses that are not ready says so in the slices; a headless service is labelled', async () => {
  await cluster.client.create(resourceTypes.services, serviceOf('all', 'web', { publishNotReadyAddresses: true, clusterIP: 'None' }));
  await cluster.client.create(resourceTypes.services, serviceOf('ready', 'web'));
  await cluster.client.create(resourceTypes.deployments, deploymentOf('web', 1));
  await available(1);
  const [pod] = await cluster.pods();
  const conditions = [{ type: 'Ready', status: 'False' }];
  await cluster.client.patch(resourceTypes.pods, 'default', pod?.metadata.name ?? '', { status: { conditions } }, 'application/strategic-merge-patch+json', {
    subresource: 'status',
  });
  await cluster.clock.advance(500);
  const slice = async (name: string) =>
    (await cluster.client.list<EndpointSlice>(resourceTypes.endpointSlices, { namespace: 'default', labelSelector: `kubernetes.io/service-name=${name}` })).items[0];
  expect((await slice('ready'))?.endpoints.map((endpoint) => endpoint.conditions)).toEqual([{ ready: false, serving: false, terminating: false }]);
  expect((await slice('all'))?.endpoints.map((endpoint) => endpoint.conditions)).toEqual([{ ready: true, serving: false, terminating: false }]);
  expect((await slice('all'))?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
});
