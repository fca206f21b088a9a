import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../src/control-plane/control-plane.ts';
import type { Store } from '../../src/control-plane/store/store.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Deployment, KubeObject, Lease, Pod } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { isStatus } from '../../src/kube/status.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createKeyset } from '../../src/pki/keyset.ts';
import { collect } from '../contract/kube-client-suite.ts';
import { type EtcdFixture, etcdMissing, startEtcd } from './etcd.ts';

const { configMaps } = resourceTypes;
const environment: Environment = { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables: {} };

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 6,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } },
  },
};

describe.skipIf(etcdMissing !== '')(`two control planes on one etcd${etcdMissing}`, () => {
  let etcd: EtcdFixture;
  const stores: Store[] = [];
  const planes: ControlPlane[] = [];
  let one: KubeClient;
  let two: KubeClient;
  beforeAll(async () => {
    etcd = await startEtcd();
    const keyset = await createKeyset('service-account', environment);
    stores.push(await etcd.open(), await etcd.open());
    planes.push(
      ...(await Promise.all(
        stores.map((store, index) =>
          startControlPlane({
            environment,
            store,
            clusterName: 'test',
            kubernetesVersion: 'v1.36.0',
            networking: { podCIDR: '10.0.0.0/16', serviceClusterIPRange: '10.96.0.0/24', nodePodCIDRPrefix: 24 },
            serviceNodePorts: { from: 30_000, to: 30_099 },
            authorization: 'rbac',
            serviceAccountKeys: { issuer: 'https://test', keyset },
            certificateAuthority: 'CA',
            identity: `control-plane-${index}`,
            advertise: { ip: `192.168.0.${index + 1}`, port: 443 },
            kubelets: () => undefined,
          }),
        ),
      )),
    );
    [one, two] = planes.map((plane) => plane.client({ name: 'admin', groups: ['system:masters'] })) as [KubeClient, KubeClient];
  });
  afterAll(async () => {
    for (const plane of planes) await plane.stop();
    for (const store of stores) await store.close();
    await etcd?.stop();
  });

  it('what one answered with, the other knows', async () => {
    for (let round = 0; round < 20; round++) {
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one];
      const { metadata } = await writer.create(configMaps, configMap(`fresh-${round}`));
      expect((await reader.get(configMaps, 'default', `fresh-${round}`)).metadata).toEqual(metadata);
      expect((await reader.list(configMaps, { namespace: 'default' })).items.map((item) => item.metadata.name)).toContain(`fresh-${round}`);
    }
  });

  it('both show the same changes in the same order, whoever made them', async () => {
    const start = (await one.list(configMaps)).metadata?.resourceVersion ?? '';
    const watches = [one, two].map((client) => collect(client, configMaps, { namespace: 'default', resourceVersion: start }));
    await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : two).create(configMaps, configMap(`watched-${index}`))));
    await two.delete(configMaps, 'default', 'watched-0');
    await Promise.all(watches.map((watch) => watch.seen(31)));
    const [first, second] = watches.map(({ events }) => events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`));
    expect(second).toEqual(first);
    expect(first?.at(-1)).toContain('DELETED watched-0');
    for (const watch of watches) watch.stop();
  });

  it('of two writes to one version one wins, and what is retried on a conflict counts right', async () => {
    const count = async (client: KubeClient) => {
      for (let done = 0; done < 10; ) {
        const found = await client.get<KubeObject & { data: Record<string, string> }>(configMaps, 'default', 'count');
        const next = { ...found, data: { count: String(Number(found.data.count) + 1) } };
        done += await client.update(configMaps, next).then(
          () => 1,
          (error) => (isStatus(error, 'Conflict') ? 0 : Promise.reject(error)),
        );
      }
    };
    await one.create(configMaps, configMap('count', { count: '0' }));
    await Promise.all([count(one), count(two)]);
    expect(await two.get(configMaps, 'default', 'count')).toMatchObject({ data: { count: '20' } });
    const made = await Promise.allSettled([one, two].map((client) => client.create(configMaps, configMap('once'))));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('have one leader for each Lease, so that a Deployment has its pods once; at its end it gives them back', async () => {
    const holders = async () => {
      const { items } = await two.list<Lease>(resourceTypes.leases, { namespace: 'kube-system' });
      return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.holderIdentity]));
    };
    await one.create(resourceTypes.deployments, deployment);
    const pods = () => vi.waitFor(async () => expect((await two.list<Pod>(resourceTypes.pods, { namespace: 'default' })).items).toHaveLength(6), { timeout: 10_000 });
    await pods();
    const before = await holders();
    const leader = before['kube-controller-manager'];
    expect(['control-plane-0', 'control-plane-1']).toContain(leader);
    await planes[leader === 'control-plane-0' ? 0 : 1]?.stop();
    const rest = leader === 'control-plane-0' ? two : one;
    const after = await rest.get<Lease>(resourceTypes.leases, 'kube-system', 'kube-controller-manager');
    expect(after.spec.holderIdentity).not.toBe(leader);
  });
});
