import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import { SortedMap } from '../../../src/control-plane/store/sorted-map.ts';
import { CompactedError, type Store } from '../../../src/control-plane/store/store.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { record } from '../../contract/store.ts';

const put = (store: Store, key: string) => store.transaction([], [{ type: 'put', key, value: new Uint8Array(1) }]);

describe('history', () => {
  it('is bounded by number, and a watch that follows misses nothing', async () => {
    const store = createMemoryStore({ clock: new VirtualClock(), history: { maxRevisions: 100 } });
    const watch = record(store, 'key');
    for (let i = 0; i < 500; i++) await put(store, 'key');
    await watch.seen(501);
    expect(watch.calls.map((call) => call.revision)).toEqual(Array.from({ length: 500 }, (_, i) => i + 2));
    await expect(store.range('key', { revision: 380 })).rejects.toThrow(CompactedError);
    expect((await store.range('key', { revision: 402 })).items[0]?.modRevision).toBe(402);
    await store.close();
  });

  it('is bounded by age, but nothing that still holds goes', async () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ clock, history: { maxAgeMs: 60_000 } });
    await put(store, 'old');
    await put(store, 'old');
    await clock.advance(61_000);
    await put(store, 'new');
    await clock.advance(61_000);
    await put(store, 'new');
    await expect(store.range('old', { revision: 2 })).rejects.toThrow(CompactedError);
    expect((await store.range('old')).items[0]).toMatchObject({ modRevision: 3, version: 2 });
    await store.close();
  });

  it('drops all at once when everything is burst into one turn, without hiding an event', async () => {
    const store = createMemoryStore({ clock: new VirtualClock(), history: { maxRevisions: 10 } });
    const watch = record(store, 'a', 'z');
    await Promise.all(Array.from({ length: 300 }, (_, i) => put(store, `k${i % 7}`)));
    await watch.seen(301);
    expect(watch.calls).toHaveLength(300);
    await store.close();
  });
});

it('a sorted map of thousands of keys holds, finds and gives up each of them', () => {
  const map = new SortedMap<{ key: string }>();
  const random = new SeededRandom(3);
  const keys = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    const key = `k${random.integer(6_000)}`;
    if (keys.has(key) && random.next() < 0.5) {
      map.delete(key);
      keys.delete(key);
    } else if (!keys.has(key)) {
      map.add({ key });
      keys.add(key);
    }
  }
  const sorted = [...keys].sort();
  const visited: string[] = [];
  map.all((entry) => visited.push(entry.key));
  expect(visited).toEqual(sorted);
  const part: string[] = [];
  map.each('k2', 'k4', (entry) => part.push(entry.key));
  expect(part).toEqual(sorted.filter((key) => key >= 'k2' && key < 'k4'));
  expect(sorted.every((key) => map.get(key)?.key === key)).toBe(true);
  expect(map.get('none')).toBeUndefined();
});
