import { describe, expect, it } from 'vitest';
import { Buckets } from '../../../providers/local/object-storage/buckets.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createMemoryDisk } from '../../../src/lib/memory-disk.ts';

const environment = { clock: new VirtualClock(), log: silentLog };
const always = () => {};
const put = (buckets: Buckets, key: string, text: string) => buckets.write('state', { key, data: Buffer.from(text), headers: {} }, always);

type Step = [string, (buckets: Buckets) => Promise<unknown>];
const steps: Step[] = [
  ['state:', (buckets) => buckets.create('state', 'us-east-1')],
  ['state:a=1', (buckets) => put(buckets, 'a', '1')],
  ['state:a=1,b=1', (buckets) => put(buckets, 'b', '1')],
  ['state:a=2,b=1', (buckets) => put(buckets, 'a', '2')],
  ['state:b=1', (buckets) => buckets.erase('state', 'a', always)],
  ['state:', (buckets) => buckets.erase('state', 'b', always)],
  ['', (buckets) => buckets.remove('state')],
];

async function content(buckets: Buckets): Promise<string> {
  const [bucket] = buckets.list();
  if (!bucket) return '';
  const heads = await buckets.heads(bucket.name);
  const objects = await Promise.all(heads.map(async ({ key }) => `${key}=${(await buckets.read(bucket.name, key)).data}`));
  return `${bucket.name}:${objects.join()}`;
}

describe('buckets on a disk', () => {
  it('have what was answered, whichever operation of the disk fails, before and after they are opened again', async () => {
    const disk = createMemoryDisk();
    const buckets = await Buckets.open(disk, environment);
    for (const [, run] of steps) await run(buckets);
    const operations = disk.operations;
    for (let n = 1; n <= operations; n++) {
      const faulty = createMemoryDisk();
      let opened = await Buckets.open(faulty, environment);
      faulty.failAt(n);
      let before = '';
      for (const [after, run] of steps) {
        const failed = await run(opened).then(
          () => false,
          () => true,
        );
        const allowed = failed ? [before, after] : [after];
        const seen = await content(opened).catch(() => content(opened));
        expect(allowed, `failure ${n}, on the way to ${after || 'nothing'}`).toContain(seen);
        opened = await Buckets.open(faulty, environment).catch(() => Buckets.open(faulty, environment));
        expect(allowed, `failure ${n}, opened again, on the way to ${after || 'nothing'}`).toContain(await content(opened).catch(() => content(opened)));
        if (failed) await run(opened);
        before = after;
        expect(await content(opened)).toBe(after);
      }
    }
  });

  it('do not lose the rest when a file is damaged', async () => {
    const disk = createMemoryDisk();
    const buckets = await Buckets.open(disk, environment);
    await buckets.create('state', 'us-east-1');
    await put(buckets, 'whole', '1');
    await disk.writeFile(`buckets/state/objects/${'0'.repeat(64)}`, Buffer.from('nonsense'));
    await disk.writeFile('buckets/state/objects/half.1-1.tmp', Buffer.from('half'));
    expect(await content(await Buckets.open(disk, environment))).toBe('state:whole=1');
    expect(await disk.list('buckets/state/objects')).not.toContain('half.1-1.tmp');
    await disk.writeFile('buckets/state/bucket.json', Buffer.from('nonsense'));
    const damaged = await Buckets.open(disk, environment);
    expect(damaged.list()).toEqual([]);
    await damaged.create('state', 'us-east-1');
    expect(await content(damaged)).toBe('state:whole=1');
  });
});
