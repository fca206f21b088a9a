import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import { CompactedError, type Store, type StoreWatch } from '../../../src/control-plane/store/store.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Service } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { collect } from '../../contract/kube-client-suite.ts';
import { configMap, startServer } from './server.ts';

const { configMaps, services } = resourceTypes;

/** A connection to a store whose watches can break, and then have missed what was forgotten meanwhile. */
function breakable(store: Store): Store & { breakOff(): void; forgotten(): void } {
  const watches = new Set<{ stop(): void; watch: StoreWatch }>();
  const delegate = Object.create(store) as Store;
  return Object.assign(delegate, {
    watch: (key: string, end: string | undefined, startRevision: number | undefined, watch: StoreWatch) => {
      const entry = { stop: store.watch(key, end, startRevision, watch).stop, watch };
      watches.add(entry);
      return entry;
    },
    breakOff: () => {
      for (const { stop } of watches) stop();
    },
    forgotten: () => {
      for (const entry of watches) {
        watches.delete(entry);
        entry.watch.end(new CompactedError(store.revision()));
      }
    },
  });
}

describe('several API servers on one store', () => {
  it('one that missed what the store forgot finds out what changed; watches go on, and resume only from what is known', async () => {
    const clock = new VirtualClock();
    const shared = createMemoryStore({ clock });
    const cut = breakable(shared);
    const other = await startServer({ store: shared, clock });
    const server = await startServer({ store: cut, clock });
    await other.client.create(configMaps, configMap('gone'));
    await other.client.create(configMaps, configMap('changed'));
    const known = (await server.client.list(configMaps)).metadata?.resourceVersion ?? '';
    const watch = collect(server.client, configMaps, { namespace: 'default', resourceVersion: known });
    cut.breakOff();
    await other.client.delete(configMaps, 'default', 'gone');
    const { metadata } = await other.client.create(configMaps, configMap('new'));
    await other.client.patch(configMaps, 'default', 'changed', { data: { a: '1' } }, 'application/merge-patch+json');
    cut.forgotten();
    await watch.seen(3);
    expect(watch.events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED new', 'MODIFIED changed', 'DELETED gone']);
    expect(await server.client.list(configMaps, { namespace: 'default' })).toEqual(await other.client.list(configMaps, { namespace: 'default' }));
    const late = collect(server.client, configMaps, { namespace: 'default', resourceVersion: metadata.resourceVersion ?? '' });
    expect(await late.end()).toMatchObject({ reason: 'Expired' });
    await other.client.create(configMaps, configMap('after'));
    await watch.seen(4);
    expect(watch.events.at(-1)?.object.metadata.name).toBe('after');
    watch.stop();
  });

  /** Both choose alike: their chance begins with the same seed. */
  async function twins() {
    const clock = new VirtualClock();
    const store = createMemoryStore({ clock });
    return { one: (await startServer({ store, clock })).client, two: (await startServer({ store, clock })).client };
  }
  const service = (name: string, spec: object = {}) =>
    ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { type: 'NodePort', ports: [{ port: 80 }], ...spec } }) as Service;

  it('never give two Services the same address or port, though they choose at the same moment', async () => {
    const { one, two } = await twins();
    const made = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : two).create(services, service(`service-${index}`))));
    expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(40);
    expect(new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort)).size).toBe(40);
  });

  it('give what is asked for to one of two, and to the other when the first is gone', async () => {
    const { one, two } = await twins();
    const wanted = { clusterIP: '10.96.7.7', ports: [{ port: 80, nodePort: 30_777 }] };
    const results = await Promise.allSettled([one.create(services, service('a', wanted)), two.create(services, service('b', wanted))]);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
    expect(refused).toEqual([expect.stringContaining('provided IP is already allocated')]);
    const [winner, loser, loserName] = results[0]?.status === 'fulfilled' ? (['a', two, 'b'] as const) : (['b', one, 'a'] as const);
    await loser.delete(services, 'default', winner);
    expect((await loser.create(services, service(loserName, wanted))).spec.clusterIP).toBe('10.96.7.7');
  });

  it('change two Services to the same port: one has it', async () => {
    const { one, two } = await twins();
    const made = await Promise.all([one.create(services, service('a')), one.create(services, service('b'))]);
    const port = (name: string, nodePort: number) => ({ metadata: { name }, spec: { ports: [{ port: 80, nodePort }] } });
    const change = (client: KubeClient, name: string) => client.patch<Service>(services, 'default', name, port(name, 30_888), 'application/merge-patch+json');
    const results = await Promise.allSettled([change(one, 'a'), change(two, 'b')]);
    expect(results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []))).toEqual([expect.stringContaining('provided port is already allocated')]);
    const before = made[results[0]?.status === 'fulfilled' ? 0 : 1]?.spec.ports?.[0]?.nodePort ?? 0;
    expect((await two.create(services, service('c', { ports: [{ port: 80, nodePort: before }] }))).spec.ports?.[0]?.nodePort, 'what was given up is free').toBe(before);
  });

  it('try nothing out in earnest', async () => {
    const { one, two } = await twins();
    const wanted = { clusterIP: '10.96.7.8' };
    await one.create(services, service('a', wanted), { dryRun: true });
    expect((await two.create(services, service('b', wanted))).spec.clusterIP).toBe('10.96.7.8');
  });
});
