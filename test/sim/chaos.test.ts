import { expect, it } from 'vitest';
import type { Deployment, EndpointSlice, NodeObject, Pod } from '../../src/kube/objects.ts';
import { quantityMilli } from '../../src/kube/quantity.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { isStatus } from '../../src/kube/status.ts';
import { deploymentOf, isReady, type SimulatedCluster, serviceOf, startCluster } from './cluster.ts';

const apps = ['web', 'api', 'jobs'];

/** Whatever happens: no node carries more than it can. */
async function expectNoOvercommitment({ client }: SimulatedCluster): Promise<void> {
  const nodes = (await client.list<NodeObject>(resourceTypes.nodes)).items;
  const pods = (await client.list<Pod>(resourceTypes.pods)).items;
  for (const { metadata, status } of nodes) {
    const here = pods.filter(({ spec }) => spec.nodeName === metadata.name);
    const used = here.reduce((sum, { spec }) => sum + quantityMilli(spec.containers[0]?.resources?.requests?.cpu), 0);
    expect(used).toBeLessThanOrEqual(quantityMilli(status?.allocatable?.cpu));
  }
}

/** In the end everything is as the deployments want it, and the services know. */
async function isSettled({ client }: SimulatedCluster): Promise<boolean> {
  const nodes = new Set((await client.list<NodeObject>(resourceTypes.nodes)).items.map(({ metadata }) => metadata.name));
  const pods = (await client.list<Pod>(resourceTypes.pods, { namespace: 'default' })).items;
  for (const name of apps) {
    const { spec, status, metadata } = await client.get<Deployment>(resourceTypes.deployments, 'default', name);
    const own = pods.filter((pod) => pod.metadata.labels?.app === name);
    const image = spec.template.spec.containers[0]?.image;
    const good = own.filter((pod) => isReady(pod) && pod.spec.containers[0]?.image === image && nodes.has(pod.spec.nodeName ?? ''));
    if (own.length !== spec.replicas || good.length !== spec.replicas || (status?.availableReplicas ?? 0) !== spec.replicas || status?.observedGeneration !== metadata.generation)
      return false;
    const slices = (await client.list<EndpointSlice>(resourceTypes.endpointSlices, { namespace: 'default', labelSelector: `kubernetes.io/service-name=${name}` })).items;
    const ready = slices.flatMap(({ endpoints }) => endpoints.filter(({ conditions }) => conditions?.ready).flatMap(({ addresses }) => addresses));
    if (
      ready.sort().join() !==
      good
        .map((pod) => pod.status?.podIP)
        .sort()
        .join()
    )
      return false;
  }
  return true;
}

async function tolerant(action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
  }
}

async function disturb(cluster: SimulatedCluster, step: number): Promise<void> {
  const { client, environment } = cluster;
  const { random } = environment;
  const pick = <T>(list: readonly T[]) => list[random.integer(list.length)] as T;
  const app = pick(apps);
  const patch = (spec: object) => client.patch(resourceTypes.deployments, 'default', app, { spec }, 'application/strategic-merge-patch+json');
  const kinds: (() => Promise<unknown>)[] = [
    () => patch({ replicas: random.integer(15) }),
    () => patch({ template: { spec: { containers: [{ name: 'main', image: `nginx:${step}` }] } } }),
    async () => {
      const pod = pick(await cluster.pods());
      if (pod) await tolerant(client.delete(resourceTypes.pods, 'default', pod.metadata.name));
    },
    async () => {
      // A machine goes and another one comes.
      const name = pick([...cluster.nodes.keys()]);
      cluster.nodes.get(name)?.stop();
      cluster.nodes.delete(name);
      await tolerant(client.delete(resourceTypes.nodes, undefined, name));
      await cluster.addNode(`node-${100 + step}`, { zone: `local-1${pick(['a', 'b', 'c'])}` });
    },
    () => cluster.clock.advance(random.integer(3000)),
    () => cluster.restart(),
  ];
  await pick(kinds)();
  await cluster.clock.advance(random.integer(400));
}

it.each([1, 2, 3])('whatever happens, everything settles as it was asked for (seed %i)', async (seed) => {
  const cluster = await startCluster({ seed });
  try {
    for (let i = 1; i <= 4; i++) await cluster.addNode(`node-${i}`, { zone: `local-1${'abc'[i % 3]}` });
    for (const app of apps) {
      await cluster.client.create(resourceTypes.services, serviceOf(app, app));
      await cluster.client.create(resourceTypes.deployments, deploymentOf(app, 5, { cpu: '200m' }));
    }
    for (let step = 0; step < 40; step++) {
      await disturb(cluster, step);
      await expectNoOvercommitment(cluster);
    }
    await cluster.until('everything is as it was asked for', () => isSettled(cluster), 60_000);
  } finally {
    await cluster.stop();
  }
});
