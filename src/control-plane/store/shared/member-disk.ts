import type { Disk } from '../../../lib/disk.ts';
import { systemCode } from '../../../lib/errors.ts';

const pointerPath = 'store-current';
/** Counts how often the store was opened: tells a log that went on from one that was cut off with a write nobody acknowledged. */
const epochPath = 'store-epoch';

/** A member's part of a shared store: a folder of files, replaced as a whole or not at all, and the epoch it belongs to. */
export class MemberDisk {
  readonly name: string;
  readonly disk: Disk;
  folder: string;
  epoch: number;

  private constructor(name: string, disk: Disk, folder: string, epoch: number) {
    this.name = name;
    this.disk = disk;
    this.folder = folder;
    this.epoch = epoch;
  }

  static async open(name: string, disk: Disk): Promise<MemberDisk> {
    return new MemberDisk(name, disk, (await readText(disk, pointerPath)) ?? 'store-1', Number((await readText(disk, epochPath)) ?? 0));
  }

  path(file: string): string {
    return `${this.folder}/${file}`;
  }

  /** Takes over all files of another member. What was there before stays until the copy is complete. */
  async copyFrom(source: MemberDisk): Promise<void> {
    const before = this.folder;
    const next = `store-${Number(before.split('-')[1]) + 1}`;
    await this.disk.remove(next);
    for (const file of await source.disk.list(source.folder)) await this.disk.writeFile(`${next}/${file}`, await source.disk.readFile(source.path(file)));
    await this.disk.writeFile(pointerPath, Buffer.from(next));
    this.folder = next;
    await this.disk.remove(before);
  }

  async begin(epoch: number): Promise<void> {
    await this.disk.writeFile(epochPath, Buffer.from(String(epoch)));
    this.epoch = epoch;
  }
}

async function readText(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return Buffer.from(await disk.readFile(path)).toString();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
