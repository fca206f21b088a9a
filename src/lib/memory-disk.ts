import type { AppendFile, Disk } from './disk.ts';
import { type Random, SeededRandom } from './random.ts';

/** A disk in memory that can fail: operations that throw, writes that are torn, data that was never synced and goes with a crash. */
export interface MemoryDisk extends Disk {
  /** Operations so far, failed ones included: the `n` of `failAt` counts on from here. */
  readonly operations: number;
  /** The n-th operation from now (1: the next one) throws; `torn`: an append leaves a part of its data behind first. */
  failAt(n: number, how?: 'error' | 'torn'): void;
  /** Power goes: of what was appended and not synced, a random part remains, perhaps scrambled. Open files are dead. */
  crash(): void;
}

export function createMemoryDisk(options: { random?: Random } = {}): MemoryDisk {
  return new FaultyMemoryDisk(options.random ?? new SeededRandom(1));
}

interface MemoryFile {
  data: Buffer;
  /** Bytes of `data` that survive a crash. */
  synced: number;
}

class FaultyMemoryDisk implements MemoryDisk {
  operations = 0;
  readonly random: Random;
  /** Changes with every crash; an append file of an older one is dead. */
  generation = 0;
  private readonly files = new Map<string, MemoryFile>();
  private fault: { at: number; how: 'error' | 'torn' } | undefined;

  constructor(random: Random) {
    this.random = random;
  }

  failAt(n: number, how: 'error' | 'torn' = 'error'): void {
    this.fault = { at: this.operations + n, how };
  }

  crash(): void {
    this.generation++;
    this.fault = undefined;
    for (const file of this.files.values()) {
      const kept = file.synced + this.random.integer(file.data.length - file.synced + 1);
      file.data = Buffer.from(file.data.subarray(0, kept));
      if (kept > file.synced && this.random.next() < 0.5) file.data.fill(0, file.synced + this.random.integer(kept - file.synced));
      file.synced = kept;
    }
  }

  async readFile(path: string): Promise<Uint8Array> {
    this.step('read', path);
    return Buffer.from(this.existing(path).data);
  }

  async writeFile(path: string, data: Uint8Array): Promise<void> {
    this.step('write', path);
    this.files.set(path, { data: Buffer.from(data), synced: data.length });
  }

  async openAppend(path: string): Promise<AppendFile> {
    this.step('open', path);
    const file = this.files.get(path) ?? { data: Buffer.alloc(0), synced: 0 };
    this.files.set(path, file);
    return new MemoryAppendFile(this, file, path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.step('rename', from);
    this.files.set(to, this.existing(from));
    this.files.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.step('remove', path);
    for (const name of [...this.files.keys()]) if (name === path || name.startsWith(`${path}/`)) this.files.delete(name);
  }

  async list(path: string): Promise<string[]> {
    this.step('list', path);
    const prefix = path === '' ? '' : `${path}/`;
    const names = [...this.files.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length).split('/')[0] ?? '');
    return [...new Set(names)].sort();
  }

  async truncate(path: string, length: number): Promise<void> {
    this.step('truncate', path);
    const file = this.existing(path);
    file.data = Buffer.from(file.data.subarray(0, length));
    file.synced = file.data.length;
  }

  /** Counts an operation and throws when it is the one that shall fail. `tear` runs first when it shall be torn. */
  step(what: string, path: string, tear?: () => void): void {
    this.operations++;
    if (this.fault?.at !== this.operations) return;
    if (this.fault.how === 'torn') tear?.();
    this.fault = undefined;
    throw Object.assign(new Error(`EIO: i/o error, ${what} '${path}'`), { code: 'EIO' });
  }

  private existing(path: string): MemoryFile {
    const file = this.files.get(path);
    if (!file) throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
    return file;
  }
}

class MemoryAppendFile implements AppendFile {
  private readonly disk: FaultyMemoryDisk;
  private readonly file: MemoryFile;
  private readonly path: string;
  private readonly generation: number;

  constructor(disk: FaultyMemoryDisk, file: MemoryFile, path: string) {
    this.disk = disk;
    this.file = file;
    this.path = path;
    this.generation = disk.generation;
  }

  async append(buffers: readonly Uint8Array[]): Promise<void> {
    const data = Buffer.concat(buffers);
    const add = (part: Uint8Array) => {
      this.file.data = Buffer.concat([this.file.data, part]);
    };
    this.step('append', () => add(data.subarray(0, this.disk.random.integer(data.length))));
    add(data);
  }

  async sync(): Promise<void> {
    this.step('sync');
    this.file.synced = this.file.data.length;
  }

  async close(): Promise<void> {}

  private step(what: string, tear?: () => void): void {
    if (this.generation !== this.disk.generation) throw Object.assign(new Error(`EBADF: bad file descriptor, ${what} '${this.path}'`), { code: 'EBADF' });
    this.disk.step(what, this.path, tear);
  }
}
