import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod, Service } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { createResolver } from '../../../src/node/dns/resolver.ts';
import { TestCluster } from '../kubelet/cluster.ts';

const netexec = { name: 'main', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['netexec', '--http-port=8080'] };

describe('traffic through a Service', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    await cluster.addNode('node-1', 1);
    await cluster.addNode('node-2', 2);
  });
  afterEach(() => cluster.close());

  async function serve(count: number, spec: Partial<Service['spec']> = {}): Promise<Service> {
    for (let i = 0; i < count; i++) await cluster.createPod(`pod-${i}`, { nodeName: `node-${(i % 2) + 1}`, containers: [netexec] }, { app: 'echo' });
    for (let i = 0; i < count; i++) await cluster.podWhere(`pod-${i}`, ({ status }) => status?.phase === 'Running');
    const service = await cluster.createService('echo', { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 8080 }], ...spec });
    await cluster.clock.advance(1_000);
    await cluster.proxy.ready();
    return service;
  }

  async function spread(ip: string, port: number, connections: number): Promise<Record<string, number>> {
    const hits: Record<string, number> = {};
    for (let i = 0; i < connections; i++) {
      const name = await cluster.get(ip, port, '/hostname');
      hits[name] = (hits[name] ?? 0) + 1;
    }
    return hits;
  }

  it('spreads connections evenly, one cursor for all its addresses', async () => {
    const { spec } = await serve(3, { type: 'NodePort' });
    const nodePort = spec.ports?.[0]?.nodePort ?? 0;
    expect(await spread(spec.clusterIP ?? '', 80, 30)).toEqual({ 'pod-0': 10, 'pod-1': 10, 'pod-2': 10 });
    expect(await spread('10.1.0.2', nodePort, 30)).toEqual({ 'pod-0': 10, 'pod-1': 10, 'pod-2': 10 });
    const mixed = [
      await cluster.get(spec.clusterIP ?? '', 80, '/hostname'),
      await cluster.get('10.1.0.1', nodePort, '/hostname'),
      await cluster.get('10.1.0.2', nodePort, '/hostname'),
    ];
    expect(new Set(mixed).size).toBe(3);
  });

  it('does not move the cursor for a health check', async () => {
    const { spec } = await serve(2, { type: 'NodePort' });
    const check = async () => {
      const stream = await cluster.fabric.connect({ type: 'loadBalancer', name: 'lb', healthCheck: true }, '10.1.0.1', spec.ports?.[0]?.nodePort ?? 0);
      stream.resume();
      await new Promise((resolve) => stream.once('end', resolve));
      stream.destroy();
    };
    const first = await cluster.get(spec.clusterIP ?? '', 80, '/hostname');
    await check();
    const second = await cluster.get(spec.clusterIP ?? '', 80, '/hostname');
    expect(second).not.toBe(first);
    await check();
    expect(await cluster.get(spec.clusterIP ?? '', 80, '/hostname')).toBe(first);
  });

  it('never fails a request while pods are deleted and replaced', async () => {
    const { spec } = await serve(3);
    let failures = 0;
    let answered = 0;
    const request = () =>
      cluster.get(spec.clusterIP ?? '', 80, '/hostname').then(
        () => answered++,
        () => failures++,
      );
    for (const victim of ['pod-0', 'pod-1']) {
      await cluster.client.delete(resourceTypes.pods, 'default', victim);
      await cluster.createPod(`${victim}-new`, { containers: [netexec] }, { app: 'echo' });
      await cluster.eventually(
        async () => {
          await Promise.all([request(), request(), request()]);
          return cluster.pod(victim);
        },
        (pod) => pod === undefined,
      );
    }
    expect({ failures, enough: answered > 20 }).toEqual({ failures: 0, enough: true });
  });

  it('sends nobody to a pod that is about to end, even before the API says so', async () => {
    const { spec } = await serve(3);
    const leaving = (await cluster.pod('pod-1'))?.status?.podIP ?? '';
    const drained = cluster.proxy.drained(leaving);
    expect(await spread(spec.clusterIP ?? '', 80, 10)).toEqual({ 'pod-0': 5, 'pod-2': 5 });
    const startedAt = cluster.clock.now();
    await cluster.until(drained);
    expect(cluster.clock.now() - startedAt).toBeLessThanOrEqual(2_100);
  });

  it('refuses a connection when nobody is behind it, and answers again as soon as someone is', async () => {
    const { spec } = await serve(0);
    await expect(cluster.get(spec.clusterIP ?? '', 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await cluster.createPod('late', { containers: [netexec] }, { app: 'echo' });
    await cluster.podWhere('late', ({ status }) => status?.phase === 'Running');
    await cluster.clock.advance(500);
    expect(await cluster.get(spec.clusterIP ?? '', 80, '/hostname')).toBe('late');
  });

  it('keeps a client with its pod when asked to', async () => {
    const { spec } = await serve(3, { sessionAffinity: 'ClientIP' });
    expect(Object.values(await spread(spec.clusterIP ?? '', 80, 6))).toEqual([6]);
  });

  it('keeps node port traffic on its node when asked to', async () => {
    const { spec } = await serve(4, { type: 'NodePort', externalTrafficPolicy: 'Local' });
    const nodePort = spec.ports?.[0]?.nodePort ?? 0;
    expect(await spread('10.1.0.1', nodePort, 6)).toEqual({ 'pod-0': 3, 'pod-2': 3 });
    for (const name of ['pod-1', 'pod-3']) await cluster.client.delete(resourceTypes.pods, 'default', name);
    await cluster.eventually(
      () => cluster.pod('pod-3'),
      (pod) => pod === undefined,
    );
    await expect(cluster.get('10.1.0.2', nodePort)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closes its addresses when the Service goes', async () => {
    const { spec } = await serve(1, { type: 'NodePort' });
    await cluster.client.delete(resourceTypes.services, 'default', 'echo');
    await cluster.clock.advance(100);
    await cluster.proxy.ready();
    expect(cluster.fabric.listeners().filter(({ owner }) => owner.name === 'default/echo')).toEqual([]);
    await expect(cluster.get(spec.clusterIP ?? '', 80)).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
  });

  it('resolves names as CoreDNS does', async () => {
    const { spec } = await serve(2);
    await cluster.createService('headless', { clusterIP: 'None', selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 8080 }] });
    await cluster.createService('alias', { type: 'ExternalName', externalName: 'echo.default.svc.cluster.local' });
    await cluster.clock.advance(1_000);
    const resolve = createResolver({ informers: cluster.informers, clusterDomain: 'cluster.local' });
    const pods = await Promise.all([0, 1].map(async (i) => ((await cluster.pod(`pod-${i}`)) as Pod).status?.podIP));
    for (const name of ['echo', 'echo.default', 'echo.default.svc', 'echo.default.svc.cluster.local', 'echo.default.svc.cluster.local.'])
      expect(await resolve(name, 'default')).toEqual([spec.clusterIP]);
    expect(await resolve('echo', 'kube-system')).toEqual([]);
    expect((await resolve('headless', 'default')).sort()).toEqual(pods.sort());
    expect(await resolve('alias', 'default')).toEqual([spec.clusterIP]);
    expect(await resolve('10-2-1-2.default.pod', 'default')).toEqual(['10.2.1.2']);
    expect(await resolve('example.com', 'default')).toEqual([]);
  });
});
