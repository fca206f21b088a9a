import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiServer } from '../../../src/control-plane/apiserver/apiserver.ts';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import type { Fabric } from '../../../src/fabric/fabric.ts';
import { createMemoryFabric } from '../../../src/fabric/memory-fabric.ts';
import { type SharedInformers, sharedInformers } from '../../../src/kube/informer.ts';
import type { Endpoint, EndpointSlice, KubeObject } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { realClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { createResolver } from '../../../src/node/dns/resolver.ts';
import { createProxy, type ServiceProxy } from '../../../src/node/proxy/proxy.ts';

const environment: Environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const admin = { name: 'admin', groups: ['system:masters'] };
const clusterIP = '10.96.0.50';
const pods = ['10.244.0.2', '10.244.0.3', '10.244.1.2'];

async function start() {
  const store = createMemoryStore({ clock: realClock });
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
  const client = api.client(admin);
  await client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return { store, api, client };
}

const endpoint = (ip: string, conditions: Endpoint['conditions'] = { ready: true, serving: true, terminating: false }): Endpoint => ({
  addresses: [ip],
  conditions,
  nodeName: 'n1',
});

const slice = (endpoints: Endpoint[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints,
});

describe('service proxy', () => {
  let cluster: Awaited<ReturnType<typeof start>>;
  let fabric: Fabric;
  let informers: SharedInformers;
  let proxy: ServiceProxy;
  const hits: string[] = [];

  beforeEach(async () => {
    hits.length = 0;
    cluster = await start();
    fabric = createMemoryFabric({ environment });
    informers = sharedInformers(cluster.client, environment);
    proxy = createProxy({ environment, fabric, informers });
    proxy.addNode({ name: 'n1', ip: '10.0.0.1' });
    for (const ip of pods) await servePod(ip);
    const service: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { type: 'NodePort', clusterIP, selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] },
    };
    await cluster.client.create(resourceTypes.services, service);
    await cluster.client.create(resourceTypes.endpointSlices, slice(pods.map((ip) => endpoint(ip))));
    await expect.poll(() => fabric.listeners().length).toBe(pods.length + 2);
    await expect.poll(() => dial()).toBeDefined();
    hits.length = 0;
  });

  afterEach(async () => {
    await proxy.stop();
    informers.stop();
    cluster.api.stop();
    await fabric.close();
    await cluster.store.close();
  });

  const servePod = (ip: string) =>
    fabric.listen({ type: 'pod', name: ip }, ip, 8080, ({ stream }) => {
      hits.push(ip);
      stream.end('ok');
    });

  async function dial(ip = clusterIP, port = 80): Promise<string | undefined> {
    const before = hits.length;
    const stream = await fabric.connect({ type: 'outside' }, ip, port);
    stream.resume();
    await new Promise<void>((resolve) =>
      stream
        .once('end', () => resolve())
        .once('close', () => resolve())
        .once('error', () => resolve()),
    );
    return hits[before];
  }

  it('gives 30 connections to 3 pods 10 each, whichever door they come through', async () => {
    for (let i = 0; i < 15; i++) {
      await dial();
      await dial('10.0.0.1', 30080);
    }
    expect(pods.map((ip) => hits.filter((hit) => hit === ip).length)).toEqual([10, 10, 10]);
  });

  it('passes over a pod that does not listen any more', async () => {
    const [gone] = pods;
    for (const { owner, listener } of fabric.listeners()) if (owner.name === gone) await listener.close();
    for (let i = 0; i < 6; i++) expect(await dial()).not.toBe(gone);
    expect(hits).toHaveLength(6);
  });

  it('says when an address has left every Service, and uses terminating pods only when no other is left', async () => {
    const [leaving, ...rest] = pods as [string, ...string[]];
    const drained = proxy.drained(leaving);
    const going = { ready: false, serving: true, terminating: true };
    await cluster.client.update(resourceTypes.endpointSlices, slice([endpoint(leaving, going), ...rest.map((ip) => endpoint(ip))]));
    await drained;
    for (let i = 0; i < 4; i++) expect(await dial()).not.toBe(leaving);
    await cluster.client.update(resourceTypes.endpointSlices, slice([endpoint(leaving, going)]));
    await expect.poll(() => dial()).toBe(leaving);
  });

  it('stops listening when the Service is gone', async () => {
    await cluster.client.delete(resourceTypes.services, 'default', 'web');
    await expect.poll(() => fabric.listeners().length).toBe(pods.length);
  });

  it('answers the names of the cluster as a pod sees them', async () => {
    const resolve = createResolver({ informers, clusterDomain: 'cluster.local' });
    for (const name of ['web', 'web.default', 'web.default.svc', 'web.default.svc.cluster.local', 'web.default.svc.cluster.local.']) {
      expect(await resolve(name, 'default'), name).toEqual([clusterIP]);
    }
    expect(await resolve('web', 'other')).toEqual([]);
    expect(await resolve('example.com', 'default')).toEqual([]);
  });
});
