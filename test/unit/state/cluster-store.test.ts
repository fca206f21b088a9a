import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import type { KopsError } from '../../../src/lib/errors.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { createKeyset } from '../../../src/pki/keyset.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';
import { type ClusterStore, createClusterStore } from '../../../src/state/cluster-store.ts';
import { acquireLock, lockKey } from '../../../src/state/lock.ts';
import { forgetMemoryObjects, openMemoryObjectStore } from '../../../src/state/memory-object-store.ts';
import type { ObjectStore } from '../../../src/state/object-store.ts';
import { openObjectStore } from '../../../src/state/open-object-store.ts';
import { secretStore } from '../../../src/state/secrets.ts';

const clock = new VirtualClock();
const cluster = (name: string): Cluster => ({ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster', metadata: { name }, spec: { kubernetesVersion: '1.36.0' } });
const group = (name: string): InstanceGroup => ({ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup', metadata: { name }, spec: { role: 'Node', minSize: 1 } });
const bytes = (text: string) => new TextEncoder().encode(text);

function fresh(): { objects: ObjectStore; store: ClusterStore } {
  forgetMemoryObjects('unit');
  const objects = openMemoryObjectStore('unit', clock);
  return { objects, store: createClusterStore(objects, clock) };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as KopsError,
  );

describe('cluster store', () => {
  it('writes what kops writes', async () => {
    const { objects, store } = fresh();
    await store.createCluster(cluster('demo.k8s.local'));
    await store.putInstanceGroup('demo.k8s.local', group('nodes'), 'create');
    expect(Buffer.from((await objects.get('demo.k8s.local/config'))!.data).toString()).toBe(
      "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  creationTimestamp: '2026-01-01T00:00:00Z'\n  name: demo.k8s.local\nspec:\n  kubernetesVersion: 1.36.0\n",
    );
    expect((await store.getInstanceGroup('demo.k8s.local', 'nodes')).value.metadata).toEqual({
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kops.k8s.io/cluster': 'demo.k8s.local' },
      name: 'nodes',
    });
  });

  it('lists what can be read and names what cannot', async () => {
    const { objects, store } = fresh();
    for (const name of ['b.k8s.local', 'a.k8s.local', 'c.k8s.local']) await store.createCluster(cluster(name));
    await objects.put('b.k8s.local/config', bytes('kind: [unclosed'));
    await objects.put('c.k8s.local/config', bytes(Buffer.from((await objects.get('a.k8s.local/config'))!.data).toString()));
    await objects.put('d.k8s.local/instancegroup/nodes', bytes('no config beside it'));
    const { clusters, problems } = await store.listClusters();
    expect(clusters.map((one) => one.metadata.name)).toEqual(['a.k8s.local']);
    expect(problems.map((problem) => [problem.cluster, problem.error.code, problem.error.object])).toEqual([
      ['b.k8s.local', 'STATE_CORRUPT', 'b.k8s.local/config'],
      ['c.k8s.local', 'STATE_CORRUPT', 'c.k8s.local/config'],
    ]);
    expect((await failure(store.getCluster('b.k8s.local')))?.message).toMatch(/^b\.k8s\.local\/config in memory:\/\/unit cannot be used: .*not valid YAML/);
    expect((await failure(store.getCluster('c.k8s.local')))?.message).toContain('its metadata.name is "a.k8s.local", not "c.k8s.local"');
  });

  it('knows the nearest name, and what exists already', async () => {
    const { store } = fresh();
    await store.createCluster(cluster('demo.k8s.local'));
    await store.putInstanceGroup('demo.k8s.local', group('nodes-1a'), 'create');
    const missing = await failure(store.getCluster('dmeo.k8s.local'));
    expect([missing?.code, missing?.exitCode, missing?.suggestions[0]]).toEqual(['CLUSTER_NOT_FOUND', 4, 'Did you mean demo.k8s.local?']);
    expect((await failure(store.getInstanceGroup('demo.k8s.local', 'node-1a')))?.suggestions[0]).toBe('Did you mean nodes-1a?');
    const exists = await failure(store.createCluster(cluster('demo.k8s.local')));
    expect([exists?.code, exists?.exitCode]).toEqual(['CLUSTER_EXISTS', 5]);
    expect((await failure(store.putInstanceGroup('demo.k8s.local', group('nodes-1a'), 'create')))?.code).toBe('STATE_EXISTS');
  });

  it('removes a cluster wholly, refuses what it does not know, and leaves its neighbour', async () => {
    const { objects, store } = fresh();
    const files = store.files('demo.k8s.local');
    await store.createCluster(cluster('demo.k8s.local'));
    await store.createCluster(cluster('demo.k8s.localhost'));
    await store.putInstanceGroup('demo.k8s.local', group('nodes'), 'create');
    await files.putKeyset(await createKeyset('kubernetes-ca', { clock, random: new SeededRandom(1) }), 'create');
    await files.putCompleted(cluster('demo.k8s.local'));
    await secretStore(objects, 'demo.k8s.local').put('dockerconfig', bytes('{}'));
    await files.putVersion('1.36.0');
    await objects.put('demo.k8s.local/notes.txt', bytes('mine'));
    const before = (await objects.list('')).keys;
    const refusal = await failure(store.deleteCluster('demo.k8s.local'));
    expect(refusal?.message).toBe('refusing to delete: unknown file found: demo.k8s.local/notes.txt');
    expect((await objects.list('')).keys).toEqual(before);
    await store.deleteCluster('demo.k8s.local', { unknownToo: true });
    expect((await objects.list('')).keys).toEqual(['demo.k8s.localhost/config']);
  });

  it('keeps key sets, SSH keys and what the last update wrote', async () => {
    const { objects, store } = fresh();
    const files = store.files('demo.k8s.local');
    const keyset = await createKeyset('kubernetes-ca', { clock, random: new SeededRandom(1) });
    const { etag } = await files.putKeyset(keyset, 'create');
    expect(await files.getKeyset('kubernetes-ca')).toMatchObject({ value: keyset, etag });
    expect((await failure(files.putKeyset(keyset, { etag: 'older' })))?.code).toBe('STATE_CONFLICT');
    expect(await files.listKeysets()).toEqual(['kubernetes-ca']);
    await objects.put('demo.k8s.local/pki/private/kubernetes-ca/keyset.yaml', bytes('kind: Keyset'));
    expect((await failure(files.getKeyset('kubernetes-ca')))?.message).toContain('demo.k8s.local/pki/private/kubernetes-ca/keyset.yaml in memory://unit');
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJwx3iJcFbhUBh0CyLbkPvMXBBLTPgNOaXaBEVKT6xqM ann@laptop';
    const fingerprint = await files.putSshKey(`${key}\n`);
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(await files.listSshKeys()).toEqual([{ fingerprint, publicKey: key }]);
    expect((await failure(files.putSshKey('-----BEGIN OPENSSH PRIVATE KEY-----')))?.code).toBe('INVALID_SSH_KEY');
    expect(await files.getVersion()).toBeUndefined();
    await files.putVersion('1.36.0');
    expect(await files.getVersion()).toBe('1.36.0');
  });
});

describe('waiting for a lock', () => {
  it('ends with the lock when it is released in time, and with an error when not', async () => {
    const { objects } = fresh();
    const time = new VirtualClock();
    const random = new SeededRandom(1);
    const first = await acquireLock(objects, 'demo.k8s.local', 'update cluster', { clock: time, random });
    const waiting = acquireLock(objects, 'demo.k8s.local', 'delete cluster', { clock: time, random, timeoutMs: 10_000 });
    const impatient = failure(acquireLock(objects, 'demo.k8s.local', 'delete cluster', { clock: time, random, timeoutMs: 3_000 }));
    await time.advance(5_000);
    expect((await impatient)?.code).toBe('CLUSTER_LOCKED');
    await first.release();
    await time.advance(2_000);
    await (await waiting).release();
  });
});

describe('a lock whose process was killed', () => {
  const left = async (objects: ObjectStore, change: object) => {
    const lock = await acquireLock(objects, 'demo.k8s.local', 'update cluster', { clock: new VirtualClock(), random: new SeededRandom(1) });
    const { process } = lock.info;
    await objects.put(lockKey('demo.k8s.local'), bytes(JSON.stringify({ ...lock.info, process: { ...process, ...change } })));
  };
  const again = (objects: ObjectStore) => acquireLock(objects, 'demo.k8s.local', 'update cluster', { clock: new VirtualClock(), random: new SeededRandom(2) });
  const deadPid = () =>
    new Promise<number>((resolve) => {
      const child = execFile(process.execPath, ['-e', '']);
      child.once('exit', () => resolve(child.pid ?? 0));
    });

  it('is taken over at once on the same machine, never on another or in another container', async () => {
    const pid = await deadPid();
    const { objects } = fresh();
    await left(objects, { pid });
    await (await again(objects)).release();
    for (const elsewhere of [{ pid, host: 'elsewhere' }, { pid, namespace: 'pid:[1]' }, { pid: process.pid }]) {
      await left(fresh().objects, elsewhere);
      expect((await failure(again(openMemoryObjectStore('unit', clock))))?.code).toBe('CLUSTER_LOCKED');
    }
  });
});

describe('opening a state store', () => {
  const environment: Environment = { clock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };

  it('goes by the scheme, and names those there are', async () => {
    expect((await openObjectStore('file:///tmp/some%20where', environment)).url).toBe('file:///tmp/some%20where');
    expect((await openObjectStore('memory://unit', environment)).url).toBe('memory://unit');
    for (const url of ['gs://bucket', 'bucket', 's3://', 'file://relative', 'memory://', '']) {
      const error = await failure(openObjectStore(url, environment));
      expect([error?.code, error?.expected], url).toEqual(['INVALID_STATE_STORE', 's3://bucket[/prefix], file:///absolute/folder or memory://name']);
    }
    expect((await failure(openObjectStore('/home/ann/state', environment)))?.suggestions).toEqual(['--state file:///home/ann/state']);
  });
});
