import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CompactedError,
  FutureRevisionError,
  LeaseNotFoundError,
  prefixEnd,
  type Store,
  StoreClosedError,
  type StoreEvent,
  type StoreOperation,
} from '../../src/control-plane/store/store.ts';

export interface StoreUnderTest {
  store: Store;
  /** Lets the time pass that the store's leases go by. */
  clock: { advance(ms: number): Promise<void> };
  /** How long a lease lives in the tests; default 10. */
  leaseSeconds?: number;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const put = (key: string, value: string, lease?: number): StoreOperation => ({ type: 'put', key, value: bytes(value), ...(lease === undefined ? {} : { lease }) });

interface Recorded {
  calls: { revision: number; events: StoreEvent[] }[];
  ended: Error[];
  stop(): void;
  /** Resolves when events up to the revision were due. */
  seen(revision: number): Promise<void>;
}

export function record(store: Store, key: string, end?: string, startRevision?: number): Recorded {
  const waiting: { revision: number; resolve: () => void }[] = [];
  const calls: Recorded['calls'] = [];
  const ended: Error[] = [];
  const handle = store.watch(key, end, startRevision, {
    events(events, revision) {
      calls.push({ revision, events });
      for (const one of waiting) if (one.revision <= revision) one.resolve();
    },
    end: (error) => {
      ended.push(error);
      for (const one of waiting) one.resolve();
    },
  });
  return {
    calls,
    ended,
    stop: () => handle.stop(),
    seen: (revision) =>
      new Promise((resolve) => {
        if (ended.length > 0 || calls.some((call) => call.revision >= revision)) resolve();
        else waiting.push({ revision, resolve });
      }),
  };
}

/** What every store engine promises. `open` gives a new, empty store; `histories`: how many random ones are played. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>, histories = 60): void {
  describe(`store contract: ${name}`, () => {
    const opened: Store[] = [];
    const fresh = async () => {
      const under = await open();
      opened.push(under.store);
      return under;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    it('starts at revision 1 and takes one revision for each writing transaction', async () => {
      const { store } = await fresh();
      expect(store.revision()).toBe(1);
      expect(await store.transaction([], [put('a', '1'), put('b', '2')])).toEqual({ succeeded: true, revision: 2, current: [] });
      expect(await store.transaction([], [{ type: 'delete', key: 'nothing' }])).toMatchObject({ succeeded: true, revision: 2 });
      expect(store.revision()).toBe(2);
      const { items, count, revision } = await store.range('a', { end: 'z' });
      expect(items.map((item) => [item.key, text(item.value), item.createRevision, item.modRevision, item.version])).toEqual([
        ['a', '1', 2, 2, 1],
        ['b', '2', 2, 2, 1],
      ]);
      expect([count, revision]).toEqual([2, 2]);
    });

    it('counts versions and starts over after a deletion', async () => {
      const { store } = await fresh();
      await store.transaction([], [put('a', '1')]);
      await store.transaction([], [put('a', '2')]);
      expect((await store.range('a')).items[0]).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 });
      await store.transaction([], [{ type: 'delete', key: 'a' }]);
      expect((await store.range('a')).items).toEqual([]);
      await store.transaction([], [put('a', '3')]);
      expect((await store.range('a')).items[0]).toMatchObject({ createRevision: 5, modRevision: 5, version: 1 });
    });

    it('compares and swaps: a lost race changes nothing and shows the current value', async () => {
      const { store } = await fresh();
      const created = await store.transaction([{ key: 'a', modRevision: 0 }], [put('a', '1')]);
      expect(created.succeeded).toBe(true);
      const again = await store.transaction([{ key: 'a', modRevision: 0 }], [put('a', '2')]);
      expect(again.succeeded).toBe(false);
      expect(again.current.map((item) => text(item.value))).toEqual(['1']);
      expect((await store.transaction([{ key: 'a', modRevision: created.revision }], [put('a', '3')])).succeeded).toBe(true);
      expect(await store.transaction([{ key: 'a', modRevision: created.revision }], [])).toMatchObject({ succeeded: false, revision: 3 });
    });

    it('lets exactly one of many concurrent creators win', async () => {
      const { store } = await fresh();
      const results = await Promise.all(Array.from({ length: 50 }, (_, i) => store.transaction([{ key: 'lock', modRevision: 0 }], [put('lock', String(i))])));
      expect(results.filter((result) => result.succeeded)).toHaveLength(1);
      expect(new Set(results.filter((result) => !result.succeeded).map((result) => text(result.current[0]!.value))).size).toBe(1);
    });

    it('refuses a transaction that writes a key twice', async () => {
      const { store } = await fresh();
      await expect(store.transaction([], [put('a', '1'), put('a', '2')])).rejects.toThrow('duplicate key given in txn request');
      expect(store.revision()).toBe(1);
    });

    it('ranges with limit, count and end', async () => {
      const { store } = await fresh();
      await store.transaction(
        [],
        ['/pods/a/1', '/pods/a/2', '/pods/b/1', '/pods-other', '/nodes/1'].map((key) => put(key, key)),
      );
      const all = await store.range('/pods/', { end: prefixEnd('/pods/') });
      expect(all.items.map((item) => item.key)).toEqual(['/pods/a/1', '/pods/a/2', '/pods/b/1']);
      const page = await store.range('/pods/', { end: prefixEnd('/pods/'), limit: 2 });
      expect([page.items.length, page.count]).toEqual([2, 3]);
      expect(await store.range('/pods/', { end: prefixEnd('/pods/'), countOnly: true })).toMatchObject({ items: [], count: 3 });
      await store.transaction([], [{ type: 'delete', key: '/pods/', end: prefixEnd('/pods/') }]);
      expect((await store.range('/', { end: '0' })).items.map((item) => item.key)).toEqual(['/nodes/1', '/pods-other']);
    });

    it('reads the past, until it is compacted', async () => {
      const { store } = await fresh();
      for (const value of ['1', '2', '3', '4']) await store.transaction([], [put('a', value)]);
      expect(text((await store.range('a', { revision: 3 })).items[0]!.value)).toBe('2');
      await expect(store.range('a', { revision: 9 })).rejects.toThrow(FutureRevisionError);
      await store.compact(4);
      expect(text((await store.range('a', { revision: 4 })).items[0]!.value)).toBe('3');
      await expect(store.range('a', { revision: 3 })).rejects.toThrow(CompactedError);
      await expect(store.compact(99)).rejects.toThrow(FutureRevisionError);
      await store.compact(2);
      expect(text((await store.range('a')).items[0]!.value)).toBe('4');
    });

    it('shows a watch each revision once, whole, in order, with what was before', async () => {
      const { store } = await fresh();
      await store.transaction([], [put('x/0', 'before')]);
      const watch = record(store, 'x/', prefixEnd('x/'));
      await store.transaction([], [put('x/1', 'a'), put('y/1', 'not ours'), put('x/2', 'b')]);
      await store.transaction([], [put('y/2', 'not ours')]);
      const last = await store.transaction([], [{ type: 'delete', key: 'x/1' }]);
      await watch.seen(last.revision);
      expect(watch.calls.map((call) => [call.revision, call.events.map((event) => `${event.type} ${event.item.key} ${text(event.item.value)}`)])).toEqual([
        [3, ['put x/1 a', 'put x/2 b']],
        [5, ['delete x/1 ']],
      ]);
      expect(text(watch.calls[1]!.events[0]!.previous!.value)).toBe('a');
      expect(watch.calls[1]!.events[0]!.item.modRevision).toBe(5);
    });

    it('replays from a revision, then follows; a single key too', async () => {
      const { store } = await fresh();
      for (const value of ['1', '2', '3']) await store.transaction([], [put('a', value)]);
      const watch = record(store, 'a', undefined, 3);
      await watch.seen(4);
      await store.transaction([], [put('ab', 'no'), put('a', '4')]);
      await watch.seen(5);
      expect(watch.calls.map((call) => call.revision)).toEqual([3, 4, 5]);
      expect(watch.calls[2]!.events).toHaveLength(1);
    });

    it('waits for a start revision in the future', async () => {
      const { store } = await fresh();
      const watch = record(store, 'a', undefined, 4);
      for (const value of ['1', '2', '3']) await store.transaction([], [put('a', value)]);
      await watch.seen(4);
      expect(watch.calls.map((call) => call.revision)).toEqual([4]);
    });

    it('ends a watch whose start was compacted, and only that one', async () => {
      const { store } = await fresh();
      for (const value of ['1', '2', '3', '4']) await store.transaction([], [put('a', value)]);
      const following = record(store, 'a', undefined, 2);
      await following.seen(5);
      await store.compact(4);
      const late = record(store, 'a', undefined, 3);
      await late.seen(1);
      expect(late.ended[0]).toBeInstanceOf(CompactedError);
      expect((late.ended[0] as CompactedError).compactRevision).toBe(4);
      const justRight = record(store, 'a', undefined, 4);
      await justRight.seen(5);
      expect(justRight.calls.map((call) => call.revision)).toEqual([4, 5]);
      await store.transaction([], [put('a', '5')]);
      await following.seen(6);
      expect(following.ended).toEqual([]);
    });

    it('keeps the order when a callback writes, and isolates a callback that throws', async () => {
      const { store } = await fresh();
      const thrower: Error[] = [];
      store.watch('a', undefined, undefined, {
        events: () => {
          throw new Error('broken reader');
        },
        end: (error) => void thrower.push(error),
      });
      const writes: Promise<unknown>[] = [];
      store.watch('a', undefined, undefined, { events: (_events, revision) => void (revision < 5 && writes.push(store.transaction([], [put('a', 'again')]))), end: () => {} });
      const watch = record(store, 'a');
      await store.transaction([], [put('a', '1')]);
      await watch.seen(5);
      await Promise.all(writes);
      expect(watch.calls.map((call) => call.revision)).toEqual([2, 3, 4, 5]);
      expect(thrower.map((error) => error.message)).toEqual(['broken reader']);
    });

    it('is silent after stop, and ends watches when it is closed', async () => {
      const { store } = await fresh();
      const stopped = record(store, 'a');
      const open = record(store, 'a');
      await store.transaction([], [put('a', '1')]);
      await Promise.all([stopped.seen(2), open.seen(2)]);
      stopped.stop();
      const last = store.transaction([], [put('a', '2')]);
      await store.close();
      await last;
      expect(stopped.calls.map((call) => call.revision)).toEqual([2]);
      expect(open.calls.map((call) => call.revision)).toEqual([2, 3]);
      expect([stopped.ended.length, open.ended[0] instanceof StoreClosedError]).toEqual([0, true]);
      await expect(store.range('a')).rejects.toThrow(StoreClosedError);
      await expect(store.transaction([], [put('a', '3')])).rejects.toThrow(StoreClosedError);
    });

    it('deletes the keys of a lease that ends, all in one revision', async () => {
      const { store, clock, leaseSeconds = 10 } = await fresh();
      const lease = await store.grantLease(leaseSeconds);
      await store.transaction([], [put('a', '1', lease), put('b', '1', lease), put('c', '1', lease)]);
      await store.transaction([], [put('c', 'stays')]);
      expect((await store.range('a')).items[0]?.lease).toBe(lease);
      const watch = record(store, 'a', 'z');
      await clock.advance(leaseSeconds * 600);
      await store.keepAliveLease(lease);
      await clock.advance(leaseSeconds * 600);
      expect((await store.range('a', { end: 'z' })).count).toBe(3);
      await clock.advance(leaseSeconds * 500);
      await watch.seen(4);
      expect(watch.calls[0]!.events.map((event) => `${event.type} ${event.item.key}`)).toEqual(['delete a', 'delete b']);
      await expect(store.keepAliveLease(lease)).rejects.toThrow(LeaseNotFoundError);
      await expect(store.transaction([], [put('a', '1', lease)])).rejects.toThrow(LeaseNotFoundError);
      const other = await store.grantLease(10);
      await store.transaction([], [put('d', '1', other)]);
      await store.revokeLease(other);
      expect((await store.range('d')).items).toEqual([]);
    });

    it('answers like a plain map of every revision, whatever is done to it', async () => {
      const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/1', 'c');
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), keys: fc.uniqueArray(key, { minLength: 1, maxLength: 3 }) }) },
        { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), keys: fc.tuple(key) }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteRange' as const), keys: fc.tuple(key, key) }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), back: fc.nat(6) }) },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('watch' as const), back: fc.nat(6) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const { store } = await open();
          const past = new Map<number, Map<string, string>>([[1, new Map()]]);
          const events = new Map<number, string[]>();
          const watches: { watch: Recorded; from: number }[] = [];
          let [revision, compacted, counter] = [1, 0, 0];
          for (const one of steps) {
            if (one.kind === 'compact') {
              compacted = Math.max(compacted, revision - one.back);
              await store.compact(compacted);
            } else if (one.kind === 'watch') {
              const from = Math.max(revision - one.back, compacted, 1);
              watches.push({ watch: record(store, 'a', 'c', from), from });
            } else {
              const now = new Map(past.get(revision));
              const operations: StoreOperation[] = [];
              const happened: string[] = [];
              if (one.kind === 'deleteRange') {
                const [start, end] = [...one.keys].sort() as [string, string];
                operations.push({ type: 'delete', key: start, end });
                for (const found of [...now.keys()].filter((name) => name >= start && name < end).sort()) happened.push(`delete ${found}`);
              } else {
                for (const name of one.keys) {
                  if (one.kind === 'put') operations.push(put(name, String(++counter)));
                  else operations.push({ type: 'delete', key: name });
                  if (one.kind === 'put') happened.push(`put ${name}=${counter}`);
                  else if (now.has(name)) happened.push(`delete ${name}`);
                }
              }
              for (const what of happened) {
                const [kind, rest] = what.split(' ') as [string, string];
                const [name, value] = rest.split('=') as [string, string];
                if (kind === 'put') now.set(name, value);
                else now.delete(name);
              }
              if (happened.length > 0) {
                revision++;
                past.set(revision, now);
                events.set(revision, happened);
              }
              expect((await store.transaction([], operations)).revision).toBe(revision);
            }
          }
          for (let at = Math.max(compacted, 1); at <= revision; at++) {
            const { items } = await store.range('a', { end: 'd', revision: at });
            expect(items.map((item) => [item.key, text(item.value)])).toEqual([...past.get(at)!].sort(([a], [b]) => (a < b ? -1 : 1)));
          }
          await store.close();
          for (const { watch, from } of watches) {
            const seen = watch.calls.map((call) => [
              call.revision,
              call.events.map((event) => (event.type === 'put' ? `put ${event.item.key}=${text(event.item.value)}` : `delete ${event.item.key}`)),
            ]);
            const due = [...events]
              .map(([at, happened]) => [at, happened.filter((what) => !what.includes(' c'))] as const)
              .filter(([at, happened]) => at >= from && happened.length > 0)
              .map((pair) => [...pair]);
            // A watch that was overtaken by a compaction before it began may be ended; it never shows a gap.
            if (watch.ended[0] instanceof CompactedError) expect(seen).toEqual([]);
            else expect(seen).toEqual(due);
          }
        }),
        { numRuns: histories },
      );
    });
  });
}
