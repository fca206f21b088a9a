import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Disk } from '../../../src/lib/disk.ts';
import { createMemoryDisk } from '../../../src/lib/memory-disk.ts';
import { createNodeDisk } from '../../../src/lib/node-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'kops-ts-disk-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const bytes = (text: string) => new TextEncoder().encode(text);

for (const [name, open] of [
  ['node', () => createNodeDisk(join(root, 'made'))],
  ['memory', () => createMemoryDisk()],
] as const) {
  describe(`disk: ${name}`, () => {
    let disk: Disk;
    beforeAll(() => {
      disk = open();
    });
    const read = async (path: string) => Buffer.from(await disk.readFile(path)).toString();

    it('writes whole files and reads them back', async () => {
      await disk.writeFile('a/b/file', bytes('one'));
      await disk.writeFile('a/b/file', bytes('two'));
      expect(await read('a/b/file')).toBe('two');
      await expect(disk.readFile('a/none')).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('appends to new and to existing files, several buffers in order', async () => {
      for (const part of ['1', '2']) {
        const file = await disk.openAppend('log/file');
        await file.append([bytes(part), bytes('-'), bytes(part)]);
        await file.append([]);
        await file.sync();
        await file.close();
      }
      expect(await read('log/file')).toBe('1-12-2');
      await disk.truncate('log/file', 3);
      expect(await read('log/file')).toBe('1-1');
    });

    it('renames over what is there, lists sorted, removes folders whole', async () => {
      await disk.writeFile('c/z', bytes('z'));
      await disk.writeFile('c/a', bytes('a'));
      await disk.writeFile('c/sub/x', bytes('x'));
      await disk.rename('c/z', 'c/a');
      expect(await read('c/a')).toBe('z');
      expect(await disk.list('c')).toEqual(['a', 'sub']);
      expect(await disk.list('nowhere')).toEqual([]);
      await disk.remove('c');
      await disk.remove('c');
      expect(await disk.list('c')).toEqual([]);
    });
  });
}

it('a node disk keeps to its root, lets only the owner in, and leaves nothing half written behind', async () => {
  const disk = createNodeDisk(join(root, 'private'));
  await disk.writeFile('folder/secret', bytes('x'));
  const mode = (path: string) => (statSync(join(root, 'private', path)).mode & 0o777).toString(8);
  expect([mode('folder'), mode('folder/secret')]).toEqual(['700', '600']);
  for (const path of ['../outside', 'a/../../outside']) await expect((async () => disk.writeFile(path, bytes('x')))()).rejects.toThrow('is outside of');
  await disk.writeFile('folder/taken/inside', bytes('x'));
  await expect(disk.writeFile('folder/taken', bytes('x'))).rejects.toThrow();
  expect(readdirSync(join(root, 'private', 'folder')).sort()).toEqual(['secret', 'taken']);
});
