import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../../../src/lib/clock.ts';
import type { KopsError } from '../../../src/lib/errors.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { withFileLock } from '../../../src/state/file-lock.ts';
import { openFileObjectStore } from '../../../src/state/file-object-store.ts';
import { ownProcess } from '../../../src/state/process-identity.ts';

const source = { clock: realClock, random: systemRandom };
const bytes = (text: string) => new TextEncoder().encode(text);
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kops-ts-files-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('file object store', () => {
  it('keeps its promises among processes', async () => {
    const folder = join(root, 'shared');
    const store = openFileObjectStore(folder, source);
    await store.put('counter', bytes('0'));
    const [processes, rounds] = [4, 15];
    const run = promisify(execFile);
    const outputs = await Promise.all(
      Array.from({ length: processes }, () => run(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'file-writer.ts'), folder, String(rounds)])),
    );
    expect(outputs.reduce((sum, { stdout }) => sum + Number(stdout), 0)).toBe(rounds);
    expect(Buffer.from((await store.get('counter'))!.data).toString()).toBe(String(processes * rounds));
    expect(readdirSync(join(folder, '.kops-ts'))).toEqual([]);
  });

  it('lets only the owner in', async () => {
    const folder = join(root, 'modes');
    await openFileObjectStore(folder, source).put('demo/pki/private/kubernetes-ca/keyset.yaml', bytes('secret'));
    const mode = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8);
    expect([mode('.'), mode('demo'), mode('demo/pki/private'), mode('demo/pki/private/kubernetes-ca/keyset.yaml')]).toEqual(['700', '700', '700', '600']);
  });

  it('leaves no empty folders, and takes a folder for no object', async () => {
    const folder = join(root, 'folders');
    const store = openFileObjectStore(folder, source);
    await store.put('a/b/c', bytes('x'));
    expect(await store.get('a/b')).toBeUndefined();
    await store.delete('a/b/c');
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('says so when it may not write (skipped for root, who always may)', async () => {
    const folder = join(root, 'closed');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    const error = (await openFileObjectStore(folder, source)
      .put('a/b', bytes('x'))
      .catch((reason: unknown) => reason)) as KopsError;
    expect([error.code, error.message]).toEqual(['STATE_STORE_DENIED', expect.stringContaining(join(folder, 'a/b'))]);
  });

  it('names the place when a file is where a folder should be', async () => {
    const folder = join(root, 'plain');
    writeFileSync(folder, '');
    await expect(openFileObjectStore(folder, source).put('a/b', bytes('x'))).rejects.toThrow(`the state store failed at ${join(folder, 'a/b')}`);
    expect((await openFileObjectStore(folder, source).list('')).keys).toEqual([]);
  });

  it('does not follow links out of a listing', async () => {
    const folder = join(root, 'links');
    const store = openFileObjectStore(folder, source);
    await store.put('a/file', bytes('x'));
    symlinkSync('/', join(folder, 'a', 'outside'));
    expect((await store.list('')).keys).toEqual(['a/file']);
  });
});

describe('file lock', () => {
  const path = () => join(root, 'lock');
  const holder = (pid: number, host = hostname()) => JSON.stringify({ ...ownProcess(), pid, host, since: '2026-01-01T00:00:00Z', token: 'theirs' });

  it('is taken over from a process that is gone, by one at a time', async () => {
    const gone = await new Promise<number>((resolve) => {
      const child = execFile(process.execPath, ['-e', '']);
      child.once('exit', () => resolve(child.pid ?? 0));
    });
    writeFileSync(path(), holder(gone));
    let inside = 0;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        withFileLock(path(), source, async () => {
          expect(++inside).toBe(1);
          // Long enough for another to come in, if it could.
          for (let i = 0; i < 5; i++) await access(root);
          inside--;
        }),
      ),
    );
    expect(readdirSync(root).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  it('is respected while its process lives, or may live elsewhere; then it is named', async () => {
    for (const [pid, host] of [
      [process.pid, hostname()],
      [1, 'elsewhere'],
    ] as const) {
      writeFileSync(path(), holder(pid, host));
      const clock = new VirtualClock();
      const refusal = withFileLock(path(), { clock, random: systemRandom }, async () => {}).catch((error: KopsError) => error);
      let done = false;
      void refusal.then(() => {
        done = true;
      });
      while (!done) await clock.advance(1_000);
      const error = (await refusal) as KopsError;
      expect([error.code, error.message, error.suggestions]).toEqual([
        'STATE_FILE_LOCKED',
        `process ${pid} on ${host} has been writing to the state store since 2026-01-01T00:00:00Z and does not end`,
        [`If that process is gone: rm ${path()}`],
      ]);
    }
    rmSync(path());
  });
});
