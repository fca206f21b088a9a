import { describe, expect, it } from 'vitest';
import { proposeBlock } from '../../../providers/local/cloud/propose-block.ts';
import { createMemoryDisk } from '../../../src/lib/memory-disk.ts';
import { MemoryHome, openCloud } from '../../contract/local-cloud-harness.ts';

describe('proposeBlock', () => {
  it('names the block that reserving gives, and reserves nothing', async () => {
    const home = new MemoryHome();
    const { cloud } = await openCloud({ home });
    const disk = home.openDisk('cloud');
    await cloud.reserveBlock('a.k8s.local', 16);
    const proposed = await proposeBlock(disk, 'b.k8s.local', 16);
    expect(proposed).toBe('127.17.0.0/16');
    expect(await proposeBlock(disk, 'c.k8s.local', 16)).toBe(proposed);
    expect(await cloud.reserveBlock('b.k8s.local', 16)).toBe(proposed);
    expect(await proposeBlock(disk, 'a.k8s.local', 16)).toBe('127.16.0.0/16');
  });

  it('leaves damaged files where they are', async () => {
    const disk = createMemoryDisk();
    await disk.writeFile('blocks.json', Buffer.from('{'));
    expect(await proposeBlock(disk, 'a.k8s.local', 16)).toBe('127.16.0.0/16');
    expect(await disk.list('')).toEqual(['blocks.json']);
  });
});
