import { afterEach, beforeEach, expect, it } from 'vitest';
import { createApiServer } from '../../../src/control-plane/apiserver/apiserver.ts';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import type { KubeClient, WatchHandler } from '../../../src/kube/client.ts';
import { sharedInformers, startInformer } from '../../../src/kube/informer.ts';
import { startLeaderElection } from '../../../src/kube/leader-election.ts';
import type { ConfigMap, Lease } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { StatusError } from '../../../src/kube/status.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { testEnvironment } from './environment.ts';

let clock: VirtualClock;
let environment: Environment;
let client: KubeClient;
let close: () => Promise<void>;

beforeEach(async () => {
  clock = new VirtualClock();
  environment = testEnvironment(clock);
  const store = createMemoryStore({ clock });
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
  client = api.client({ name: 'system:admin', groups: ['system:masters'] });
  for (const name of ['default', 'kube-system']) await client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  close = async () => {
    api.stop();
    await store.close();
  };
});

afterEach(() => close());

const put = async (name: string, value: string) => {
  const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } };
  await client.update(resourceTypes.configMaps, object).catch(() => client.create(resourceTypes.configMaps, object));
};

/** A client whose lists fail and whose watches end when the test says so. */
function flaky(): { client: KubeClient; failLists: number; lists: number; watches: WatchHandler[]; breakWatches(error?: Error): void } {
  const state = {
    failLists: 0,
    lists: 0,
    watches: [] as WatchHandler[],
    stops: [] as (() => void)[],
    breakWatches(error?: Error) {
      for (const stop of state.stops.splice(0)) stop();
      for (const handler of state.watches.splice(0)) handler.end(error);
    },
    client: Object.create(client, {
      list: {
        value: async (...args: Parameters<KubeClient['list']>) => {
          state.lists++;
          if (state.failLists-- > 0) throw new StatusError('ServiceUnavailable', 'not now');
          return client.list(...args);
        },
      },
      watch: {
        value: (...args: Parameters<KubeClient['watch']>) => {
          const watch = client.watch(...args);
          state.watches.push(args[2]);
          state.stops.push(() => watch.stop());
          return watch;
        },
      },
    }) as KubeClient,
  };
  return state;
}

function recorded(informer: ReturnType<typeof startInformer<ConfigMap>>): string[] {
  const calls: string[] = [];
  informer.handle({
    add: ({ metadata, data }) => calls.push(`add ${metadata.name}=${data?.value}`),
    update: (old, { metadata, data }) => calls.push(`update ${metadata.name}=${old.data?.value}→${data?.value}`),
    deleted: ({ metadata }) => calls.push(`deleted ${metadata.name}`),
  });
  return calls;
}

it('lists, then follows; tells handlers that come late what is there', async () => {
  await put('a', '1');
  const informer = startInformer<ConfigMap>(client, resourceTypes.configMaps, environment, { namespace: 'default' });
  informer.addIndex('value', ({ data }) => [data?.value ?? '']);
  const calls = recorded(informer);
  await clock.advance(0);
  expect(informer.hasSynced).toBe(true);
  await put('b', '1');
  await put('a', '2');
  await client.delete(resourceTypes.configMaps, 'default', 'b');
  await clock.advance(0);
  expect(calls).toEqual(['add a=1', 'add b=1', 'update a=1→2', 'deleted b']);
  expect(recorded(informer)).toEqual(['add a=2']);
  expect(informer.byIndex('value', '1')).toEqual([]);
  expect(informer.byIndex('value', '2').map(({ metadata }) => metadata.name)).toEqual(['a']);
  expect(Object.isFrozen(informer.get('default/a'))).toBe(true);
  informer.stop();
});

it('a watch that ends goes on where it was; one that is too old leads to a new list, and nothing is missed', async () => {
  await put('a', '1');
  await put('b', '1');
  const server = flaky();
  const informer = startInformer<ConfigMap>(server.client, resourceTypes.configMaps, environment, { namespace: 'default' });
  const calls = recorded(informer);
  await clock.advance(0);
  server.breakWatches();
  await put('a', '2');
  await clock.advance(1000);
  expect(server.lists).toBe(1);
  expect(calls.splice(0)).toEqual(['add a=1', 'add b=1', 'update a=1→2']);

  server.breakWatches(new StatusError('Expired', 'too old resource version'));
  await client.delete(resourceTypes.configMaps, 'default', 'b');
  await put('c', '1');
  server.failLists = 2;
  await clock.advance(5000);
  expect(server.lists).toBe(4);
  expect(calls).toEqual(['deleted b', 'add c=1']);
  informer.stop();
});

it('one informer for each resource, however many ask', async () => {
  const server = flaky();
  const informers = sharedInformers(server.client, environment);
  expect(informers.for(resourceTypes.configMaps)).toBe(informers.for(resourceTypes.configMaps));
  informers.for(resourceTypes.pods);
  await informers.synced();
  expect(server.lists).toBe(2);
  informers.stop();
});

it('one leads; another takes over when it stops, or falls silent for the duration of the lease', async () => {
  const leaders: string[] = [];
  const candidate = (identity: string, through = client) =>
    startLeaderElection({
      client: through,
      environment,
      identity,
      name: 'kube-scheduler',
      lead: () => {
        leaders.push(`+${identity}`);
        return { stop: async () => void leaders.push(`-${identity}`) };
      },
    });
  const a = candidate('a');
  await clock.advance(0);
  const b = candidate('b');
  await clock.advance(60_000);
  expect(leaders).toEqual(['+a']);
  expect(a.leading && !b.leading).toBe(true);

  await a.stop();
  await clock.advance(2500);
  expect(leaders).toEqual(['+a', '-a', '+b']);
  const lease = await client.get<Lease>(resourceTypes.leases, 'kube-system', 'kube-scheduler');
  expect(lease.spec).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 15 });

  await b.stop();
  // One that loses its connection.
  let connected = true;
  const broken = Object.create(client, {
    get: { value: async (...args: Parameters<KubeClient['get']>) => (connected ? client.get(...args) : Promise.reject(new StatusError('Timeout', 'gone'))) },
    update: { value: async (...args: Parameters<KubeClient['update']>) => (connected ? client.update(...args) : Promise.reject(new StatusError('Timeout', 'gone'))) },
  }) as KubeClient;
  leaders.length = 0;
  const c = candidate('c', broken);
  await clock.advance(2500);
  const d = candidate('d');
  connected = false;
  await clock.advance(11_000);
  expect(leaders).toEqual(['+c', '-c']);
  await clock.advance(8000);
  expect(leaders).toEqual(['+c', '-c', '+d']);
  await Promise.all([c.stop(), d.stop()]);
});
