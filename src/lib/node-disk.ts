import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { AppendFile, Disk } from './disk.ts';
import { systemCode } from './errors.ts';

/** Real files under `root`. Folders are made with mode 0700, files with 0600 unless the call says otherwise. A path that leaves the root is refused. */
export function createNodeDisk(root: string): Disk {
  return new NodeDisk(resolve(root));
}

class NodeDisk implements Disk {
  readonly location: string;
  private readonly root: string;
  private sequence = 0;

  constructor(root: string) {
    this.root = root;
    this.location = root;
  }

  readFile(path: string): Promise<Uint8Array> {
    return readFile(this.absolute(path));
  }

  async writeFile(path: string, data: Uint8Array, options: { mode?: number } = {}): Promise<void> {
    const target = this.absolute(path);
    const temporary = `${target}.${process.pid}-${this.sequence++}.tmp`;
    await this.makeFolder(dirname(target));
    try {
      await writeFile(temporary, data, { mode: options.mode ?? 0o600, flush: true });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(target));
  }

  async openAppend(path: string, options: { mode?: number } = {}): Promise<AppendFile> {
    const target = this.absolute(path);
    await this.makeFolder(dirname(target));
    const handle = await open(target, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, options.mode ?? 0o600);
    await syncFolder(dirname(target));
    return new NodeAppendFile(handle);
  }

  async rename(from: string, to: string): Promise<void> {
    const target = this.absolute(to);
    await this.makeFolder(dirname(target));
    await rename(this.absolute(from), target);
    await syncFolder(dirname(target));
  }

  remove(path: string): Promise<void> {
    return rm(this.absolute(path), { recursive: true, force: true });
  }

  async list(path: string): Promise<string[]> {
    try {
      return (await readdir(this.absolute(path))).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async truncate(path: string, length: number): Promise<void> {
    await truncate(this.absolute(path), length);
    const handle = await open(this.absolute(path), 'r+');
    await handle.sync().finally(() => handle.close());
  }

  private absolute(path: string): string {
    const target = join(this.root, path);
    const inside = relative(this.root, target);
    if (inside === '..' || inside.startsWith(`..${sep}`)) throw new RangeError(`${path} is outside of ${this.root}`);
    return target;
  }

  private async makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}

class NodeAppendFile implements AppendFile {
  private readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async append(buffers: readonly Uint8Array[]): Promise<void> {
    const [first] = buffers;
    if (first) await this.handle.appendFile(buffers.length === 1 ? first : Buffer.concat(buffers));
  }

  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Makes a new name in the folder survive a crash. Some systems cannot open folders; there the name is as safe as they make it. */
export async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
