import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CompactedError, type Store } from '../../../src/control-plane/store/store.ts';
import { openWalStore } from '../../../src/control-plane/store/wal/wal-store.ts';
import { realClock, VirtualClock } from '../../../src/lib/clock.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import { isKopsError } from '../../../src/lib/errors.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createMemoryDisk, type MemoryDisk } from '../../../src/lib/memory-disk.ts';
import { createNodeDisk } from '../../../src/lib/node-disk.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { record } from '../../contract/store.ts';

const directory = mkdtempSync(join(tmpdir(), 'kops-ts-wal-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const open = (disk: Disk, options: { segmentBytes?: number; clock?: VirtualClock } = {}) =>
  openWalStore({ disk, clock: options.clock ?? new VirtualClock(), log: silentLog, ...options });
const put = (store: Store, key: string, value: string, lease?: number) =>
  store.transaction([], [lease === undefined ? { type: 'put', key, value: bytes(value) } : { type: 'put', key, value: bytes(value), lease }]);

async function contents(store: Store): Promise<Record<string, string>> {
  const { items } = await store.range('', { end: '\uffff' });
  return Object.fromEntries(items.map((item) => [item.key, `${text(item.value)}@${item.modRevision}`]));
}

describe('reopening', () => {
  it('keeps revision, versions, history and what a watch may ask for', async () => {
    const disk = createMemoryDisk();
    const store = await open(disk);
    for (const value of ['1', '2', '3']) await put(store, 'a', value);
    await store.transaction([], [{ type: 'delete', key: 'a' }]);
    await put(store, 'b', 'ü');
    await store.close();
    const again = await open(disk);
    expect(again.revision()).toBe(6);
    expect(await contents(again)).toEqual({ b: 'ü@6' });
    expect(text((await again.range('a', { revision: 3 })).items[0]!.value)).toBe('2');
    const watch = record(again, 'a', 'c', 4);
    await watch.seen(6);
    expect(watch.calls.map((call) => call.revision)).toEqual([4, 5, 6]);
    expect((await put(again, 'b', 'next')).revision).toBe(7);
    await again.close();
  });

  it('comes back from snapshots, keeps few files, and refuses what the snapshot has compacted', async () => {
    const disk = createMemoryDisk();
    const store = await open(disk, { segmentBytes: 300 });
    for (let i = 0; i < 200; i++) await put(store, `key-${i % 20}`, `value ${i}`);
    const before = await contents(store);
    await store.close();
    expect((await disk.list('store')).length).toBeLessThan(6);
    const again = await open(disk, { segmentBytes: 300 });
    expect(await contents(again)).toEqual(before);
    expect(again.revision()).toBe(201);
    await expect(again.range('key-1', { revision: 3 })).rejects.toThrow(CompactedError);
    await again.close();
  });

  it('keeps a compaction', async () => {
    const disk = createMemoryDisk();
    const store = await open(disk);
    for (const value of ['1', '2', '3']) await put(store, 'a', value);
    await store.compact(3);
    await store.close();
    const again = await open(disk);
    await expect(again.range('a', { revision: 2 })).rejects.toThrow(CompactedError);
    await again.close();
  });

  it('gives leases their whole time again, from the log and from a snapshot', async () => {
    for (const segmentBytes of [1, 1_000_000]) {
      const disk = createMemoryDisk();
      const store = await open(disk, { segmentBytes });
      const gone = await store.grantLease(5);
      const kept = await store.grantLease(10);
      await put(store, 'a', 'leased', kept);
      await put(store, 'b', 'leased', gone);
      await store.revokeLease(gone);
      await store.close();
      const clock = new VirtualClock();
      const again = await open(disk, { segmentBytes, clock });
      await clock.advance(9_000);
      expect(await contents(again)).toEqual({ a: 'leased@2' });
      await clock.advance(2_000);
      expect(await contents(again)).toEqual({});
      expect(await again.grantLease(5)).toBeGreaterThan(kept);
      await again.close();
    }
  });
});

describe('a crash', () => {
  it('loses nothing that was acknowledged and invents nothing, whatever was unsynced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 200, 100_000), async (seed, writes, segmentBytes) => {
        const random = new SeededRandom(seed);
        const disk = createMemoryDisk({ random });
        let expected: Record<string, string> = {};
        for (let round = 0; round < 3; round++) {
          const store = await open(disk, { segmentBytes });
          const found = await contents(store);
          expect(found).toMatchObject(expected);
          const last = store.revision();
          const acknowledged: number[] = [];
          const pending = Array.from({ length: writes }, (_, i) => put(store, `r${round}-${i}`, 'x').then((result) => acknowledged.push(result.revision)));
          for (let turns = random.integer(30); turns > 0; turns--) await undefined;
          const known = acknowledged.length;
          expected = await contents(store);
          expect(Object.keys(expected).length - Object.keys(found).length).toBeGreaterThanOrEqual(known);
          disk.crash();
          await Promise.allSettled(pending);
          await store.close();
          expect(acknowledged.slice(0, known)).toEqual(Array.from({ length: known }, (_, i) => last + 1 + i));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('reopens to a clean prefix after any cut or flip in the tail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(), fc.boolean(), async (writes, where, flip) => {
        const disk = createMemoryDisk();
        const store = await open(disk);
        // Keys of one length: every frame is as long as the others.
        for (let i = 0; i < writes; i++) await put(store, `k${String(i).padStart(2, '0')}`, 'value');
        await store.close();
        const [name] = await disk.list('store');
        const path = `store/${name}`;
        const whole = await disk.readFile(path);
        const frame = whole.length / writes;
        const data = Uint8Array.from(whole);
        // A flip hits the last frame, as a torn write can; a cut may fall anywhere.
        const at = flip ? whole.length - 1 - (where % Math.floor(frame)) : where % whole.length;
        data[at]! ^= 0x10;
        await disk.writeFile(path, flip ? data : whole.subarray(0, at));
        const again = await open(disk);
        const kept = flip ? writes - 1 : Math.floor(at / frame);
        expect(Object.keys(await contents(again)).length).toBe(kept);
        expect((await put(again, 'after', 'x')).revision).toBe(kept + 2);
        await again.close();
        const third = await open(disk);
        expect(Object.keys(await contents(third)).length).toBe(kept + 1);
        await third.close();
      }),
      { numRuns: 80 },
    );
  });
});

describe('damage and failing disks', () => {
  it('names file and offset of damage in the middle, and leaves the file alone', async () => {
    const disk = createMemoryDisk();
    const store = await open(disk);
    for (const key of ['a', 'b', 'c']) await put(store, key, 'value');
    await store.close();
    const path = 'store/wal-0000000000.log';
    const data = Uint8Array.from(await disk.readFile(path));
    const frame = data.length / 3;
    data[frame + 14]! ^= 1;
    await disk.writeFile(path, data);
    const error = await open(disk).catch((reason: unknown) => reason);
    expect(isKopsError(error, 'STORE_CORRUPT') && error.message).toBe(`the cluster store's file ${path} is corrupt at offset ${frame}: the record there is damaged`);
    expect(Uint8Array.from(await disk.readFile(path))).toEqual(data);
    // What the error proposes works.
    await disk.truncate(path, frame);
    const again = await open(disk);
    expect(Object.keys(await contents(again))).toEqual(['a']);
    await again.close();
  });

  it('names a damaged snapshot and a missing segment', async () => {
    const disk = createMemoryDisk();
    const store = await open(disk, { segmentBytes: 10 });
    for (const key of ['a', 'b', 'c', 'd']) await put(store, key, 'value');
    await store.close();
    const snapshot = (await disk.list('store')).find((name) => name.startsWith('snapshot'))!;
    const good = await disk.readFile(`store/${snapshot}`);
    await disk.writeFile(`store/${snapshot}`, good.subarray(0, good.length - 3));
    await expect(open(disk)).rejects.toThrow(`store/${snapshot} is corrupt at offset`);
    await disk.remove(`store/${snapshot}`);
    await expect(open(disk)).rejects.toThrow('the file is missing');
  });

  it('stops when the disk fails, and holds everything acknowledged when it is opened again: for every operation that can fail', async () => {
    for (const how of ['error', 'torn'] as const) {
      for (let n = 1; n <= 60; n++) {
        const disk = createMemoryDisk({ random: new SeededRandom(n) });
        const store = await open(disk, { segmentBytes: 120 });
        disk.failAt(n, how);
        const acknowledged: string[] = [];
        for (let i = 0; i < 15; i++) {
          try {
            await put(store, `k${i}`, 'value');
            acknowledged.push(`k${i}`);
          } catch {
            // From the first failure on, nothing is served.
            await expect(store.range('k0')).rejects.toThrow('EIO');
          }
        }
        await store.close();
        disk.crash();
        const again = await open(disk);
        expect(Object.keys(await contents(again))).toEqual(expect.arrayContaining(acknowledged));
        await again.close();
      }
    }
  });

  it('shows nobody a write that is not durable', async () => {
    const disk = slowSync(createMemoryDisk());
    const store = await open(disk.disk);
    const watch = record(store, 'a');
    const write = put(store, 'a', '1');
    const lost = store.transaction([{ key: 'a', modRevision: 0 }], [{ type: 'put', key: 'a', value: bytes('2') }]);
    await disk.waiting();
    expect([store.revision(), (await store.range('a')).items, watch.calls]).toEqual([1, [], []]);
    disk.go();
    await write;
    expect((await lost).succeeded).toBe(false);
    expect((await store.range('a')).count).toBe(1);
    await watch.seen(2);
    await store.close();
  });
});

/** A disk whose first sync waits to be told. */
function slowSync(disk: MemoryDisk): { disk: Disk; waiting(): Promise<void>; go(): void } {
  let go = () => {};
  let reached = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const waiting = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const slow: Disk = Object.assign(Object.create(disk) as Disk, {
    openAppend: async (path: string) => {
      const file = await disk.openAppend(path);
      return {
        append: (buffers: readonly Uint8Array[]) => file.append(buffers),
        close: () => file.close(),
        sync: async () => {
          reached();
          await held;
          await file.sync();
        },
      };
    },
  });
  return { disk: slow, waiting: () => waiting, go: () => go() };
}

describe('a volume that moves to another machine', () => {
  it('belongs to the store that was opened last; the one before stops and writes nothing more', async () => {
    const root = join(directory, 'moved');
    const openHere = () => openWalStore({ disk: createNodeDisk(root), clock: realClock, log: silentLog });
    const first = await openHere();
    await put(first, 'a', '1');
    const under = put(first, 'b', 'under way').then(
      () => 'kept',
      () => 'refused',
    );
    const [second, third] = await Promise.all([openHere(), openHere()]);
    const fate = await under;
    await expect(put(first, 'c', 'too late')).rejects.toThrow('was opened again: this one stops');
    await expect(put(second, 'c', 'too late')).rejects.toThrow('was opened again: this one stops');
    await put(third, 'd', '2');
    await Promise.all([first.close(), second.close()]);
    await put(third, 'e', '3');
    await third.close();
    const last = await openHere();
    expect(Object.keys(await contents(last))).toEqual(fate === 'kept' ? ['a', 'b', 'd', 'e'] : ['a', 'd', 'e']);
    await last.close();
  });
});

describe('kill -9', () => {
  it('keeps every acknowledged write of a process that is killed while it writes', async () => {
    const root = join(directory, 'killed');
    let acknowledged = 0;
    for (let round = 0; round < 2; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'wal-writer.ts'), root], { stdio: ['ignore', 'pipe', 'inherit'] });
      const enough = acknowledged + 300;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (acknowledged >= enough) child.kill('SIGKILL');
      }
      const store = await openWalStore({ disk: createNodeDisk(root), clock: realClock, log: silentLog });
      expect(store.revision()).toBeGreaterThanOrEqual(acknowledged);
      const { items } = await store.range('k', { end: 'l' });
      expect(items.map((item) => item.modRevision).sort((a, b) => a - b)).toEqual(Array.from({ length: store.revision() - 1 }, (_, i) => i + 2));
      await store.close();
    }
  });
});
