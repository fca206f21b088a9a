import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedStore } from '../../../src/control-plane/store/shared/shared-store.ts';
import { type Store, StoreUnavailableError } from '../../../src/control-plane/store/store.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createMemoryDisk, type MemoryDisk } from '../../../src/lib/memory-disk.ts';

const never = new AbortController().signal;
const bytes = (text: string) => new TextEncoder().encode(text);
const names = ['a', 'b', 'c'];

/** Three disks, of which machines come and go. */
class Members {
  readonly disks = new Map<string, MemoryDisk>(names.map((name) => [name, createMemoryDisk()]));
  readonly stores = new Map<string, Store>();
  shared = this.fresh();

  private fresh(): SharedStore {
    return new SharedStore({ members: 3, clock: new VirtualClock(), log: silentLog, segmentBytes: 200 });
  }

  async start(...which: string[]): Promise<void> {
    await Promise.all(which.map(async (name) => this.stores.set(name, await this.shared.join(name, this.disks.get(name) as MemoryDisk, never))));
  }

  async stop(name: string): Promise<void> {
    await this.stores.get(name)?.close();
    this.stores.delete(name);
  }

  /** The process dies: what was not synced may be gone. */
  crash(): void {
    for (const disk of this.disks.values()) disk.crash();
    this.stores.clear();
    this.shared = this.fresh();
  }

  async put(name: string, key: string, value: string): Promise<void> {
    const store = this.stores.get(name);
    const before = (await store?.range(key))?.items[0]?.modRevision ?? 0;
    await store?.transaction([{ key, modRevision: before }], [{ type: 'put', key, value: bytes(value) }]);
  }

  async get(name: string, key: string): Promise<string | undefined> {
    const [item] = (await this.stores.get(name)?.range(key))?.items ?? [];
    return item && new TextDecoder().decode(item.value);
  }
}

describe('a store that three members share', () => {
  it('opens when two are there, and shows one state to all', async () => {
    const members = new Members();
    let opened = false;
    const first = members.start('a').then(() => {
      opened = true;
    });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(opened).toBe(false);
    await members.start('b');
    await first;
    await members.put('a', 'k', 'one');
    expect(await members.get('b', 'k')).toBe('one');
    await members.start('c');
    expect(await members.get('c', 'k')).toBe('one');
  });

  it('goes on without any one of them, refuses without two, and goes on when one is back', async () => {
    const members = new Members();
    await members.start(...names);
    await members.put('a', 'k', 'one');
    await members.stop('a');
    await members.put('b', 'k', 'two');
    await members.stop('b');
    await expect(members.get('c', 'k')).rejects.toThrow(StoreUnavailableError);
    await expect(members.put('c', 'k', 'never')).rejects.toThrow('1 of 3 members run, 2 are needed');
    await members.start('a');
    expect(await members.get('a', 'k')).toBe('two');
    await members.put('c', 'k', 'three');
    await members.stop('c');
    await members.start('b');
    expect(await members.get('b', 'k')).toBe('three');
  });

  it('ends the watches of a member that stops, and only those', async () => {
    const members = new Members();
    await members.start(...names);
    const seen: string[] = [];
    const watch = (name: string) => members.stores.get(name)?.watch('k', undefined, undefined, { events: () => seen.push(`${name} event`), end: () => seen.push(`${name} end`) });
    watch('a');
    watch('b');
    await members.stop('a');
    await members.put('b', 'k', 'one');
    expect(seen).toEqual(['a end', 'b event']);
  });

  it('prefers what went on to what was cut off: a write that one disk has and nobody acknowledged', async () => {
    const members = new Members();
    await members.start('a', 'b');
    await members.put('a', 'k', 'both');
    members.disks.get('b')?.failAt(1);
    await expect(members.put('a', 'k', 'on a only')).rejects.toThrow();
    members.crash();
    await members.start('b', 'c');
    await members.put('b', 'k', 'went on');
    members.crash();
    await members.start('a', 'b');
    expect(await members.get('a', 'k')).toBe('went on');
  });

  it('gives up waiting when the machine is stopped', async () => {
    const { shared, disks } = new Members();
    const abort = new AbortController();
    const waiting = shared.join('a', disks.get('a') as MemoryDisk, abort.signal);
    abort.abort(new Error('switched off'));
    await expect(waiting).rejects.toThrow('switched off');
  });

  it('loses nothing that was acknowledged, whoever comes, goes or dies', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), member: fc.constantFrom(...names) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('start' as const, 'stop' as const), member: fc.constantFrom(...names) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), member: fc.constantFrom(...names) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const members = new Members();
        const starting = new Map<string, Promise<void>>();
        let acknowledged = 'none';
        await members.start('a', 'b');
        await members.put('a', 'k', acknowledged);
        for (const [n, { do: what, member }] of steps.entries()) {
          if (what === 'start' && !members.stores.has(member) && !starting.has(member)) {
            starting.set(
              member,
              members.start(member).catch(() => undefined),
            );
          } else if (what === 'stop') await members.stop(member);
          else if (what === 'crash') {
            members.crash();
            starting.clear();
          } else if (what === 'put' && members.stores.has(member)) {
            await members.put(member, 'k', `${n}`).then(
              () => {
                acknowledged = `${n}`;
              },
              () => undefined,
            );
          }
          for (let turn = 0; turn < 200; turn++) await Promise.resolve();
          for (const name of members.stores.keys()) starting.delete(name);
        }
        members.crash();
        const pair = steps.length % 3;
        await members.start(names[pair] as string, names[(pair + 1) % 3] as string);
        expect(await members.get(names[pair] as string, 'k')).toBe(acknowledged);
      }),
      { numRuns: 60 },
    );
  });
});
