import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { createClusterStore } from '../../src/state/cluster-store.ts';
import { acquireLock, breakLock, lockKey, readLock } from '../../src/state/lock.ts';
import { ConditionFailed, type ObjectStore } from '../../src/state/object-store.ts';

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (data: Uint8Array) => new TextDecoder().decode(data);

/** What every object store promises, and the lock that is built on it. `open` opens a second handle on the same, initially empty store. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`object store contract: ${name}`, () => {
    let store: ObjectStore;
    let other: ObjectStore;
    beforeAll(async () => {
      [store, other] = [await open(), await open()];
    });
    afterAll(async () => {
      await store.close();
      await other.close();
    });

    it('gives back what was put, and nothing where nothing is', async () => {
      expect(await store.get('a/none')).toBeUndefined();
      const data = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
      const { etag } = await store.put('a/object', data);
      const stored = await other.get('a/object');
      expect(stored && Buffer.compare(stored.data, data)).toBe(0);
      expect(stored?.etag).toBe(etag);
      expect(stored?.modifiedMs).toBeGreaterThan(Date.UTC(2020, 0));
      await store.put('a/empty', bytes(''));
      expect((await store.get('a/empty'))?.data.length).toBe(0);
      await store.put('a/object', bytes('shorter'));
      expect(text((await other.get('a/object'))!.data)).toBe('shorter');
    });

    it('creates only what is absent and replaces only the version named', async () => {
      const first = await store.put('b/object', bytes('1'), { ifNoneMatch: '*' });
      await expect(other.put('b/object', bytes('2'), { ifNoneMatch: '*' })).rejects.toThrow(ConditionFailed);
      const second = await other.put('b/object', bytes('2'), { ifMatch: first.etag });
      await expect(store.put('b/object', bytes('3'), { ifMatch: first.etag })).rejects.toThrow('b/object was changed by somebody else');
      await expect(store.put('b/none', bytes('3'), { ifMatch: first.etag })).rejects.toThrow(ConditionFailed);
      await expect(store.delete('b/object', { ifMatch: first.etag })).rejects.toThrow(ConditionFailed);
      await expect(store.delete('b/none', { ifMatch: first.etag })).rejects.toThrow(ConditionFailed);
      expect(text((await store.get('b/object'))!.data)).toBe('2');
      await store.delete('b/object', { ifMatch: second.etag });
      expect(await store.get('b/object')).toBeUndefined();
      await store.delete('b/object');
      await store.put('b/object', bytes('again'), { ifNoneMatch: '*' });
      expect(await store.honoursConditions()).toBe(true);
    });

    it('lists by prefix, sorted, and by folder', async () => {
      for (const key of ['c/demo.k8s.local/config', 'c/demo.k8s.local/instancegroup/nodes', 'c/demo.k8s.local/instancegroup/a', 'c/demo.k8s.localhost/config', 'c/top']) {
        await store.put(key, bytes(key));
      }
      expect(await store.list('c/demo.k8s.local/')).toEqual({
        keys: ['c/demo.k8s.local/config', 'c/demo.k8s.local/instancegroup/a', 'c/demo.k8s.local/instancegroup/nodes'],
        prefixes: [],
      });
      expect(await store.list('c/', { delimiter: '/' })).toEqual({ keys: ['c/top'], prefixes: ['c/demo.k8s.local/', 'c/demo.k8s.localhost/'] });
      expect(await store.list('c/demo', { delimiter: '/' })).toEqual({ keys: [], prefixes: ['c/demo.k8s.local/', 'c/demo.k8s.localhost/'] });
      expect(await store.list('c/demo.k8s.local/instancegroup/', { delimiter: '/' })).toEqual({
        keys: ['c/demo.k8s.local/instancegroup/a', 'c/demo.k8s.local/instancegroup/nodes'],
        prefixes: [],
      });
      expect(await store.list('nothing/', { delimiter: '/' })).toEqual({ keys: [], prefixes: [] });
      await store.delete('c/demo.k8s.localhost/config');
      expect((await store.list('c/', { delimiter: '/' })).prefixes).toEqual(['c/demo.k8s.local/']);
    });

    it('refuses keys that could lead elsewhere', async () => {
      for (const key of ['../x', 'a/../../x', '/etc/passwd', 'a//b', '', 'a/', './a', 'a\\b', 'a\0b', '.kops-ts/lock']) {
        await expect(store.put(key, bytes('x')), key).rejects.toThrow('cannot be the key of an object');
        await expect(store.get(key), key).rejects.toThrow('cannot be the key of an object');
        await expect(store.delete(key), key).rejects.toThrow('cannot be the key of an object');
      }
    });

    it('lets exactly one of 50 creators win', async () => {
      const results = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => (i % 2 ? store : other).put('d/one', bytes(`writer ${i}`), { ifNoneMatch: '*' })));
      const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
      expect(winners).toHaveLength(1);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConditionFailed);
      expect(text((await store.get('d/one'))!.data)).toBe(`writer ${winners[0]}`);
    });

    it('lets exactly one of 50 writers over the same version win', async () => {
      const { etag } = await store.put('d/two', bytes('start'));
      const results = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => (i % 2 ? store : other).put('d/two', bytes(`writer ${i}`), { ifMatch: etag })));
      const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(text((await store.get('d/two'))!.data)).toBe(`writer ${winners[0]}`);
    });

    describe('with a lock', () => {
      const options = () => ({ clock: new VirtualClock(), random: new SeededRandom(5) });

      it('says who holds it, since when, for what, and how to go on', async () => {
        const { clock, random } = options();
        const lock = await acquireLock(store, 'one.k8s.local', 'update cluster', { clock, random });
        await lock.check();
        const refusal = await acquireLock(other, 'one.k8s.local', 'delete cluster', { clock, random: new SeededRandom(6) }).catch((error: Error) => error);
        expect((refusal as Error).message).toMatch(/^cluster one\.k8s\.local is locked by \S+@\S+ pid \d+ since 2026-01-01T00:00:00Z for "update cluster"$/);
        expect((refusal as { suggestions?: string[] }).suggestions?.join()).toContain('kops-ts unlock one.k8s.local');
        await lock.release();
        expect(await readLock(store, 'one.k8s.local')).toBeUndefined();
        const next = await acquireLock(other, 'one.k8s.local', 'delete cluster', { clock, random });
        await next.release();
      });

      it('keeps it alive, and hands an expired one over', async () => {
        const { clock, random } = options();
        const lock = await acquireLock(store, 'two.k8s.local', 'update cluster', { clock, random });
        const { token } = lock.info;
        await clock.advance(21_000);
        // Renewing goes over the store: it is seen when it is through.
        await expect.poll(async () => (await readLock(store, 'two.k8s.local'))?.expires).toBe('2026-01-01T00:01:20Z');
        const later = new VirtualClock(clock.now() + 120_000);
        const taker = await acquireLock(other, 'two.k8s.local', 'update cluster', { clock: later, random: new SeededRandom(9) });
        expect(taker.info.token).not.toBe(token);
        await clock.advance(21_000);
        await expect.poll(() => lock.lost.aborted).toBe(true);
        await expect(lock.check()).rejects.toThrow('the lock of cluster two.k8s.local was lost: somebody else took it or removed it');
        await lock.release();
        expect((await readLock(store, 'two.k8s.local'))?.token).toBe(taker.info.token);
        await taker.release();
      });

      it('is lost to the one who breaks it, and not held up by nonsense', async () => {
        const { clock, random } = options();
        const lock = await acquireLock(store, 'three.k8s.local', 'update cluster', { clock, random });
        expect((await breakLock(other, 'three.k8s.local'))?.token).toBe(lock.info.token);
        await clock.advance(21_000);
        await expect.poll(() => lock.lost.aborted).toBe(true);
        await lock.release();
        await store.put(lockKey('three.k8s.local'), bytes('{ nonsense'));
        const next = await acquireLock(store, 'three.k8s.local', 'update cluster', { clock, random });
        await next.release();
      });

      it('goes to exactly one of 20 who want it', async () => {
        const { clock } = options();
        const results = await Promise.allSettled(
          Array.from({ length: 20 }, (_, i) => acquireLock(i % 2 ? store : other, 'four.k8s.local', 'update cluster', { clock, random: new SeededRandom(100 + i) })),
        );
        const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
        expect(winners).toHaveLength(1);
        await winners[0]!.release();
        expect((await store.list('locks/')).keys).toEqual([]);
      });
    });

    it('carries a cluster in kops’ layout from creation to removal', async () => {
      const clock = new VirtualClock();
      const [mine, theirs] = [createClusterStore(store, clock), createClusterStore(other, clock)];
      const cluster = { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster' as const, metadata: { name: 'whole.k8s.local' }, spec: { kubernetesVersion: '1.36.0' } };
      const group = { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup' as const, metadata: { name: 'nodes' }, spec: { role: 'Node' as const, minSize: 1 } };
      await mine.putInstanceGroup('whole.k8s.local', group, 'create');
      const creations = await Promise.allSettled([mine.createCluster(cluster), theirs.createCluster(cluster)]);
      expect(creations.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      const stored = await theirs.getCluster('whole.k8s.local');
      await mine.putCluster({ ...stored.value, spec: { kubernetesVersion: '1.36.1' } }, stored.etag);
      await expect(theirs.putCluster(stored.value, stored.etag)).rejects.toThrow(
        /^whole\.k8s\.local\/config was changed by (somebody else|\S+@\S+ pid \d+) at \S+Z, after it was read; nothing was overwritten$/,
      );
      expect((await theirs.listClusters()).clusters.map((one) => [one.metadata.name, one.spec.kubernetesVersion])).toEqual([['whole.k8s.local', '1.36.1']]);
      expect((await store.list('whole.k8s.local/')).keys).toEqual(['whole.k8s.local/config', 'whole.k8s.local/instancegroup/nodes']);
      await mine.deleteCluster('whole.k8s.local');
      expect((await store.list('whole.k8s.local/')).keys).toEqual([]);
    });
  });
}
