import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunCommand } from '../../../src/lib/run-command.ts';
import { mountVolume } from '../../../src/nodeup/machine/mount-volume.ts';

const megabyte = 2 ** 20;

describe('the disk of etcd', () => {
  let folder = '';
  let calls: string[] = [];
  let mounted = false;
  const run: RunCommand = async (command, args) => {
    if (command === 'findmnt') {
      if (mounted) return `${args.at(-1)}\n`;
      throw new Error('not mounted');
    }
    calls.push([command, ...args].join(' ').replaceAll(folder, ''));
    return '';
  };
  const mount = (content: Buffer): Promise<void> => {
    writeFileSync(join(folder, 'device'), content);
    return mountVolume(join(folder, 'device'), join(folder, 'mnt'), run);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kops-ts-mount-'));
    calls = [];
    mounted = false;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gets a file system when it is new', async () => {
    await mount(Buffer.alloc(2 * megabyte));
    expect(calls).toEqual(['mkfs.ext4 -q /device', 'mount -o noatime /device /mnt']);
  });

  it.each([
    ['in its boot sector', 510],
    ['where ext4 has its superblock', 1080],
    ['at the end of its first megabyte', megabyte - 1],
  ])('is never written over when it holds something %s', async (_where, at) => {
    const content = Buffer.alloc(2 * megabyte);
    content[at] = 1;
    await mount(content);
    expect(calls).toEqual(['mount -o noatime /device /mnt']);
  });

  it('is left alone when it is mounted already, or is no disk', async () => {
    mounted = true;
    await mount(Buffer.alloc(2 * megabyte));
    mounted = false;
    await expect(mount(Buffer.alloc(100))).rejects.toMatchObject({ code: 'INVALID_VOLUME' });
    expect(calls).toEqual([]);
  });
});
