import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Deployment, Pod, ReplicaSet } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { deploymentOf, isReady, type SimulatedCluster, startCluster } from '../../sim/cluster.ts';

let cluster: SimulatedCluster;

beforeEach(async () => {
  cluster = await startCluster();
  await cluster.addNode('n1');
  await cluster.addNode('n2');
});

afterEach(() => cluster.stop());

const deployment = async () => cluster.client.get<Deployment>(resourceTypes.deployments, 'default', 'web');
const sets = async () => (await cluster.client.list<ReplicaSet>(resourceTypes.replicaSets)).items;
const condition = async (type: string) => (await deployment()).status?.conditions?.find((entry) => entry.type === type);
const patch = async (spec: object) => cluster.client.patch(resourceTypes.deployments, 'default', 'web', { spec }, 'application/strategic-merge-patch+json');
const image = (name: string) => ({ template: { spec: { containers: [{ name: 'main', image: name }] } } });
const revisionOf = ({ metadata }: ReplicaSet) => metadata.annotations?.['deployment.kubernetes.io/revision'];

async function create(replicas: number, more: Parameters<typeof deploymentOf>[2] = {}): Promise<void> {
  await cluster.client.create(resourceTypes.deployments, deploymentOf('web', replicas, more));
  await complete();
}

async function complete(): Promise<void> {
  await cluster.until('the deployment is complete', async () => {
    const { spec, status, metadata } = await deployment();
    return (
      status?.observedGeneration === metadata.generation &&
      (status?.updatedReplicas ?? 0) === spec.replicas &&
      (status?.replicas ?? 0) === spec.replicas &&
      (status?.availableReplicas ?? 0) === spec.replicas
    );
  });
}

it('makes a ReplicaSet, says what it did, and reports when it is done', async () => {
  await create(3);
  const [set] = await sets();
  expect(set?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
  expect(set?.metadata.labels?.['pod-template-hash']).toBe(set?.metadata.name.slice(4));
  expect((await cluster.events('ScalingReplicaSet')).map(({ message }) => message)).toEqual([`Scaled up replica set ${set?.metadata.name} from 0 to 3`]);
  const created = await cluster.events('SuccessfulCreate');
  expect(created.map(({ message }) => message).sort()).toEqual((await cluster.pods()).map(({ metadata }) => `Created pod: ${metadata.name}`).sort());
  expect(await condition('Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' });
  expect(await condition('Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
  });
  expect((await deployment()).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
});

it('replaces a deleted pod before it is gone', async () => {
  await create(3);
  const [victim] = await cluster.pods();
  await cluster.client.delete(resourceTypes.pods, 'default', victim?.metadata.name ?? '');
  await cluster.clock.advance(10);
  const pods = await cluster.pods();
  expect(pods).toHaveLength(4);
  expect(pods.filter(({ metadata }) => metadata.deletionTimestamp)).toHaveLength(1);
});

it('scales up and down, unready and unscheduled pods going first', async () => {
  await create(2);
  await patch({ replicas: 5 });
  await complete();
  expect(await cluster.pods()).toHaveLength(5);
  await patch({ replicas: 100 });
  await cluster.until('some cannot run', async () => (await cluster.pods()).filter(isReady).length === 80);
  await patch({ replicas: 80 });
  await complete();
  expect((await cluster.pods()).every(isReady)).toBe(true);
  await patch({ replicas: 0 });
  await cluster.until('none is left', async () => (await cluster.pods()).length === 0);
});

it('keeps history and goes back to an older template under a new revision', async () => {
  await create(2);
  await patch(image('nginx:2'));
  await complete();
  await patch(image('nginx:1'));
  await complete();
  expect((await sets()).map(revisionOf).sort()).toEqual(['2', '3']);
  const back = (await sets()).find((set) => revisionOf(set) === '3');
  expect(back?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
  expect(back?.spec.replicas).toBe(2);
  await patch({ revisionHistoryLimit: 0 });
  await cluster.until('the history is gone', async () => (await sets()).length === 1);
});

it('Recreate ends all old pods before the first new one begins', async () => {
  await create(3, { strategy: { type: 'Recreate' } });
  await patch(image('nginx:2'));
  await cluster.until('the new ones run', async () => {
    const images = new Set((await cluster.pods()).map(({ spec }) => spec.containers[0]?.image));
    expect(images.size).toBeLessThanOrEqual(1);
    return images.has('nginx:2') && (await cluster.pods()).filter(isReady).length === 3;
  });
});

it('a paused deployment scales but does not roll', async () => {
  await create(2);
  await patch({ paused: true });
  await cluster.clock.advance(100);
  expect(await condition('Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
  await patch({ ...image('nginx:2'), replicas: 4 });
  await cluster.clock.advance(2000);
  expect((await cluster.pods()).map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(4).fill('nginx:1'));
  await patch({ paused: false });
  await complete();
  expect((await cluster.pods()).filter(isReady).map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(4).fill('nginx:2'));
});

it('says when it does not get on, and keeps serving', async () => {
  await create(3);
  await patch({ progressDeadlineSeconds: 10, template: { spec: { nodeSelector: { there: 'is-none' } } } });
  await cluster.until('the deadline passes', async () => (await condition('Progressing'))?.status === 'False');
  expect(await condition('Progressing')).toMatchObject({
    reason: 'ProgressDeadlineExceeded',
    message: expect.stringMatching(/^ReplicaSet "web-\w+" has timed out progressing\.$/),
  });
  expect((await cluster.pods()).filter(isReady)).toHaveLength(3);
});

it('maxSurge and maxUnavailable are kept', async () => {
  await create(10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } });
  await patch(image('nginx:2'));
  await cluster.until('the rollout is done', async () => {
    const pods = await cluster.pods();
    expect(pods.filter(({ metadata }) => !metadata.deletionTimestamp).length).toBeLessThanOrEqual(10);
    expect(pods.filter(isReady).length).toBeGreaterThanOrEqual(9);
    return pods.filter((pod) => isReady(pod) && pod.spec.containers[0]?.image === 'nginx:2').length === 10;
  });
});

it('adopts pods that match and lets go of those that match no longer', async () => {
  await create(2);
  const [set] = await sets();
  const labels = set?.spec.template.metadata?.labels ?? {};
  const [first] = await cluster.pods();
  await cluster.client.patch(resourceTypes.pods, 'default', first?.metadata.name ?? '', { metadata: { labels: { app: 'other' } } }, 'application/merge-patch+json');
  await cluster.until('a replacement is there', async () => (await cluster.pods()).length === 3);
  const released = await cluster.client.get<Pod>(resourceTypes.pods, 'default', first?.metadata.name ?? '');
  expect(released.metadata.ownerReferences).toBeUndefined();
  await cluster.client.patch(resourceTypes.pods, 'default', released.metadata.name, { metadata: { labels } }, 'application/merge-patch+json');
  await cluster.until('one too many is gone again', async () => (await cluster.pods()).length === 2);
});

it('takes a new deployment with the selector of an old, orphaned ReplicaSet over', async () => {
  await create(2);
  const names = (await cluster.pods()).map(({ metadata }) => metadata.name).sort();
  await cluster.client.delete(resourceTypes.deployments, 'default', 'web', { propagationPolicy: 'Orphan' });
  await cluster.until('the deployment is gone', async () => (await cluster.client.list(resourceTypes.deployments)).items.length === 0);
  expect((await sets())[0]?.metadata.ownerReferences).toBeUndefined();
  await create(2);
  expect((await cluster.pods()).map(({ metadata }) => metadata.name).sort()).toEqual(names);
  expect((await sets())[0]?.metadata.ownerReferences?.[0]?.uid).toBe((await deployment()).metadata.uid);
});
