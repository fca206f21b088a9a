import { mkdir, open } from 'node:fs/promises';
import { KopsError } from '../../lib/errors.ts';
import type { RunCommand } from '../../lib/run-command.ts';

const checkedBytes = 2 ** 20;

/** Mounts a disk; one that holds nothing but zeros gets a file system first. Mounted already is fine. */
export async function mountVolume(device: string, mountPoint: string, run: RunCommand): Promise<void> {
  if (await isMounted(mountPoint, run)) return;
  await mkdir(mountPoint, { recursive: true, mode: 0o700 });
  if (await isBlank(device)) await run('mkfs.ext4', ['-q', device]);
  await run('mount', ['-o', 'noatime', device, mountPoint]);
}

async function isMounted(mountPoint: string, run: RunCommand): Promise<boolean> {
  return run('findmnt', ['--noheadings', '--output', 'TARGET', '--mountpoint', mountPoint]).then(
    (found) => found.trim() !== '',
    () => false,
  );
}

/** A file system that cannot be mounted is never written over: every one of them, and every partition table, leaves marks in the first megabyte. */
async function isBlank(device: string): Promise<boolean> {
  const handle = await open(device, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(checkedBytes), 0, checkedBytes, 0);
    if (bytesRead < checkedBytes) throw new KopsError(`${device} has less than ${checkedBytes} bytes`, { code: 'INVALID_VOLUME', exit: 'cloud', object: device });
    return buffer.every((byte) => byte === 0);
  } finally {
    await handle.close();
  }
}
