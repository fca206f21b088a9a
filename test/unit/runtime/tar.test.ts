import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulated } from './runtime-fixture.ts';

let world: ReturnType<typeof simulated>;
beforeEach(() => {
  world = simulated();
});
afterEach(async () => {
  await world.fabric.close();
  expect(world.problems).toEqual([]);
});

const never = new AbortController().signal;
const sleeper = { spec: { command: ['sleep', '3600'] } };

async function run(id: string, command: string[], stdin?: Buffer): Promise<{ code: number; out: Buffer; err: string }> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 3001) yield bytes.subarray(at, at + 3001);
  }
  const streams = { stdout: (chunk: Uint8Array) => void out.push(Buffer.from(chunk)), stderr: (chunk: Uint8Array) => void err.push(Buffer.from(chunk)) };
  const code = await world.runtime.exec(id, command, { ...streams, tty: false, signal: never, ...(stdin ? { stdin: pieces(stdin) } : {}) });
  return { code, out: Buffer.concat(out), err: Buffer.concat(err).toString() };
}

const deep = Array.from({ length: 12 }, (_, level) => `a-folder-with-a-long-name-${level}`).join('/');
const contents: [string, Buffer][] = [
  ['plain.txt', Buffer.from('hello\n')],
  ['empty', Buffer.alloc(0)],
  ['block', Buffer.alloc(512, 7)],
  ['binary', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))],
  [`${'n'.repeat(60)}/${'m'.repeat(90)}`, Buffer.from('prefix')],
  [`${deep}/leaf`, Buffer.from('deep')],
  ['grüße/☃', Buffer.from('snow')],
];

async function pod(image = 'busybox'): Promise<string> {
  return (await world.h.start(image, sleeper)).id;
}

async function expectContents(id: string, folder: string): Promise<void> {
  for (const [name, content] of contents) expect((await run(id, ['cat', `${folder}/${name}`])).out.equals(content), name).toBe(true);
}

describe('tar', () => {
  it('carries a folder from one pod to another', async () => {
    const from = await pod();
    for (const [name, content] of contents) {
      await run(from, ['mkdir', '-p', dirname(`/data/${name}`)]);
      await run(from, ['tee', `/data/${name}`], content);
    }
    const packed = await run(from, ['tar', 'cf', '-', '/data']);
    expect(packed).toMatchObject({ code: 0, err: "tar: removing leading '/' from member names\n" });
    const to = await pod('nginx');
    expect(await run(to, ['tar', '--no-same-permissions', '--no-same-owner', '-xmf', '-', '-C', '/tmp'], packed.out)).toMatchObject({ code: 0, err: '' });
    await expectContents(to, '/tmp/data');
    const rest = await run(from, ['sh', '-c', 'tar cf - /data | tail -c+1025; tar cf - /data | tail -c+0']);
    expect(rest.out.length).toBe(2 * packed.out.length - 1024);
  });

  it('packs with gzip, into files, and lists', async () => {
    const id = await pod();
    const script =
      'mkdir /d && echo one > /d/one && echo two > /d/two && chmod +x /d/two && tar czf /tmp/d.tgz -C / d && rm -r /d && tar tzf /tmp/d.tgz && tar xzvf /tmp/d.tgz d/two -C /tmp && ls /tmp/d && test -x /tmp/d/two && tar xOzf /tmp/d.tgz d/one';
    expect((await run(id, ['sh', '-c', script])).out.toString()).toBe('d/\nd/one\nd/two\nd/two\ntwo\none\n');
  });

  it('says what is wrong', async () => {
    const id = await pod();
    expect(await run(id, ['tar', 'cf', '-', '/nope'])).toMatchObject({ code: 1, err: 'tar: /nope: No such file or directory\ntar: error exit delayed from previous errors\n' });
    expect(await run(await pod('nginx'), ['tar', 'cf', '-', '/nope'])).toMatchObject({
      code: 2,
      err: 'tar: /nope: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n',
    });
    expect(await run(id, ['tar', 'xf', '-', '-C', '/nope'], Buffer.alloc(1024))).toMatchObject({
      code: 1,
      err: "tar: can't change directory to '/nope': No such file or directory\n",
    });
    expect(await run(id, ['tar', 'xf', '-'], Buffer.alloc(1024, 1))).toMatchObject({ code: 1, err: 'tar: invalid tar magic\n' });
    expect(await run(id, ['tar', 'xf', '-', '--wildcards'], Buffer.alloc(0))).toMatchObject({ code: 1, err: 'tar: unrecognized option: wildcards\n' });
    expect(await run(id, ['tar', 'x', '-C', '/proc'], (await run(id, ['tar', 'c', '/etc/hosts'])).out)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Read-only file system'),
    });
  });

  it('refuses damaged archives without failing itself', async () => {
    const id = await pod();
    const { out } = await run(id, ['tar', 'c', '/etc', '/usr']);
    const damage = fc.array(fc.tuple(fc.nat({ max: out.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat({ max: out.length }), async (changes, length) => {
        const bytes = Buffer.from(out.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
        const { code, err } = await run(id, ['tar', 'xf', '-', '-C', '/tmp'], bytes);
        expect([0, 1]).toContain(code);
        expect(code === 0).toBe(err === '');
      }),
      { numRuns: 60 },
    );
  });

  describe.skipIf(spawnSync('tar', ['--version']).status !== 0)('and the tar of this machine (skipped where there is none)', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tar-test-'));
      for (const [name, content] of contents) {
        mkdirSync(join(folder, 'in/data', dirname(name)), { recursive: true });
        writeFileSync(join(folder, 'in/data', name), content);
      }
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it.each(['gnu', 'pax', 'gzip'])('reads what it writes: %s', async (format) => {
      const bytes = spawnSync('tar', ['-c', `--format=${format === 'gzip' ? 'gnu' : format}`, '-f', '-', '-C', join(folder, 'in'), 'data']).stdout;
      const id = await pod();
      const [flags, input] = format === 'gzip' ? ['-xzmf', gzipSync(bytes)] : ['-xmf', bytes];
      expect(await run(id, ['tar', flags, '-', '-C', '/tmp'], input)).toMatchObject({ code: 0, err: '' });
      await expectContents(id, '/tmp/data');
    });

    it('writes what it reads', async () => {
      const id = await pod();
      const bytes = spawnSync('tar', ['-cf', '-', '-C', join(folder, 'in'), 'data']).stdout;
      await run(id, ['tar', '-xmf', '-', '-C', '/tmp'], bytes);
      const packed = await run(id, ['tar', 'cf', '-', '-C', '/tmp', 'data']);
      mkdirSync(join(folder, 'out'));
      expect(spawnSync('tar', ['-xf', '-', '-C', join(folder, 'out')], { input: packed.out }).status).toBe(0);
      for (const [name, content] of contents) expect(readFileSync(join(folder, 'out/data', name)).equals(content), name).toBe(true);
    });
  });
});
