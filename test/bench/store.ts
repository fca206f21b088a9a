import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import { prefixEnd, type Store } from '../../src/control-plane/store/store.ts';
import { openWalStore } from '../../src/control-plane/store/wal/wal-store.ts';
import { realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createNodeDisk } from '../../src/lib/node-disk.ts';
import { etcdMissing, startEtcd } from '../integration/etcd.ts';

export interface Measure {
  name: string;
  value: number;
  unit: string;
}

const value = new Uint8Array(2_000);

async function rate(name: string, count: number, run: () => Promise<unknown>): Promise<Measure> {
  const start = process.hrtime.bigint();
  await run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { name, value: Math.round(count / seconds), unit: '1/s' };
}

const put = (store: Store, i: number) => store.transaction([], [{ type: 'put', key: `/registry/pods/default/pod-${i}`, value }]);

async function parallel(count: number, width: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await run(next++);
    }),
  );
}

async function engine(name: string, store: Store, writes: number, reads = 100_000, pages = 500): Promise<Measure[]> {
  let seen = 0;
  const watches = Array.from({ length: 100 }, () =>
    store.watch('/registry/pods/', prefixEnd('/registry/pods/'), undefined, {
      events: (events) => {
        seen += events.length;
      },
      end: () => {},
    }),
  );
  const measures = [
    await rate(`${name}: writes of 2 kB, one at a time`, writes / 10, () => parallel(writes / 10, 1, (i) => put(store, i))),
    await rate(`${name}: writes of 2 kB, 100 at a time, 100 watches`, writes, () => parallel(writes, 100, (i) => put(store, i))),
    await rate(`${name}: reads of one key`, reads, () => parallel(reads, 1, (i) => store.range(`/registry/pods/default/pod-${i % writes}`))),
    await rate(`${name}: pages of 500`, pages, () => parallel(pages, 1, () => store.range('/registry/pods/', { end: prefixEnd('/registry/pods/'), limit: 500 }))),
  ];
  for (const watch of watches) watch.stop();
  if (seen < writes) throw new Error(`the watches saw ${seen} events`);
  return measures;
}

export async function storeBench(): Promise<Measure[]> {
  const root = mkdtempSync(join(tmpdir(), 'kops-ts-bench-'));
  try {
    const open = () => openWalStore({ disk: createNodeDisk(root), clock: realClock, log: silentLog });
    const memory = createMemoryStore({ clock: realClock });
    const measures = await engine('memory', memory, 20_000);
    await memory.close();
    const wal = await open();
    measures.push(...(await engine('wal', wal, 10_000)));
    await wal.close();
    let again: Store | undefined;
    measures.push(
      await rate('wal: reopen, keys', 10_000, async () => {
        again = await open();
      }),
    );
    await again?.close();
    if (!etcdMissing) measures.push(...(await etcdBench()));
    return measures;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** One member on this machine: what the way there and back costs. */
async function etcdBench(): Promise<Measure[]> {
  const etcd = await startEtcd();
  try {
    const store = await etcd.open();
    const measures = await engine('etcd', store, 1_000, 5_000, 50);
    await store.close();
    return measures;
  } finally {
    await etcd.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) for (const { name, value, unit } of await storeBench()) console.log(`${name}: ${value} ${unit}`);
