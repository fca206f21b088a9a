import { createHash } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../lib/clock.ts';
import { KopsError, messageOf, systemCode } from '../lib/errors.ts';
import { syncFolder } from '../lib/node-disk.ts';
import { hex, type Random } from '../lib/random.ts';
import { withFileLock } from './file-lock.ts';
import { contentEtag, holds } from './memory-object-store.ts';
import { checkKey, groupByFolder, reservedFolder } from './object-key.ts';
import { ConditionFailed, type ObjectStore, type StoredObject, type WriteCondition } from './object-store.ts';

/**
 * One file an object under `root`; the root is made when something is written. Safe against other processes of this machine: files appear
 * whole, a creation is a link (one wins), every other write holds a lock file for its moment. Only the owner can read any of it.
 */
export function openFileObjectStore(root: string, source: { clock: Clock; random: Random }): ObjectStore {
  return new FileObjectStore(resolve(root), source);
}

class FileObjectStore implements ObjectStore {
  readonly url: string;
  private readonly root: string;
  private readonly source: { clock: Clock; random: Random };
  /** Writers of this process queue here and do not contend for the lock file. */
  private readonly queues = new Map<string, Promise<void>>();

  constructor(root: string, source: { clock: Clock; random: Random }) {
    this.root = root;
    this.url = pathToFileURL(root).href;
    this.source = source;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    return this.attempt(key, () => readObject(this.path(key)));
  }

  async put(key: string, data: Uint8Array, condition?: WriteCondition): Promise<{ etag: string }> {
    checkKey(key);
    await this.attempt(key, () => (condition && 'ifNoneMatch' in condition ? this.create(key, data) : this.exclusively(key, () => this.replace(key, data, condition))));
    return { etag: contentEtag(data) };
  }

  async delete(key: string, condition?: { ifMatch: string }): Promise<void> {
    checkKey(key);
    await this.attempt(key, () =>
      this.exclusively(key, async () => {
        await this.check(key, condition);
        await rm(this.path(key), { force: true });
        await this.removeEmptyFolders(dirname(this.path(key)));
      }),
    );
  }

  async list(prefix: string, options: { delimiter?: '/' } = {}): Promise<{ keys: string[]; prefixes: string[] }> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1));
    const keys = await this.attempt(prefix, () => this.walk(folder, options.delimiter === undefined));
    return groupByFolder(keys, prefix, options.delimiter);
  }

  async honoursConditions(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}

  private path(key: string): string {
    return join(this.root, key);
  }

  private async create(key: string, data: Uint8Array): Promise<void> {
    await this.place(key, data, async (prepared, target) => {
      try {
        await link(prepared, target);
      } catch (error) {
        throw systemCode(error) === 'EEXIST' ? new ConditionFailed(key) : error;
      }
    });
  }

  private async replace(key: string, data: Uint8Array, condition: WriteCondition | undefined): Promise<void> {
    await this.check(key, condition);
    await this.place(key, data, rename);
  }

  private async check(key: string, condition: WriteCondition | undefined): Promise<void> {
    if (condition && !holds((await readObject(this.path(key)))?.etag, condition)) throw new ConditionFailed(key);
  }

  /** Writes beside, syncs, then `move`s it to its name. */
  private async place(key: string, data: Uint8Array, move: (prepared: string, target: string) => Promise<void>): Promise<void> {
    const target = this.path(key);
    const prepared = join(this.root, reservedFolder, `new-${hex(this.source.random, 32)}`);
    await mkdir(dirname(prepared), { recursive: true, mode: 0o700 });
    try {
      await writeFile(prepared, data, { mode: 0o600, flush: true });
      await this.inFolder(dirname(target), () => move(prepared, target));
    } finally {
      await rm(prepared, { force: true });
    }
    await syncFolder(dirname(target));
  }

  /** Makes the folder; a delete that removes it as empty just then means once more. */
  private async inFolder(folder: string, use: () => Promise<void>): Promise<void> {
    for (let left = 10; ; left--) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        return await use();
      } catch (error) {
        if (systemCode(error) !== 'ENOENT' || left === 0) throw error;
      }
    }
  }

  /** One writer of the key at a time, in this process and among all. */
  private async exclusively(key: string, use: () => Promise<void>): Promise<void> {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    const before = this.queues.get(key) ?? Promise.resolve();
    const mine = before.then(() => withFileLock(join(this.root, reservedFolder, `lock-${name}`), this.source, use));
    const settled = mine.catch(() => {});
    this.queues.set(key, settled);
    try {
      await mine;
    } finally {
      if (this.queues.get(key) === settled) this.queues.delete(key);
    }
  }

  private async removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at !== this.root && at.startsWith(this.root); at = dirname(at)) {
      try {
        await rmdir(at);
      } catch {
        return;
      }
    }
  }

  /** Keys of the files below a folder (`a/b/`, or empty for all). Not `deep`: a folder in it stands for what it holds, as `name/`. */
  private async walk(folder: string, deep: boolean): Promise<string[]> {
    const entries = await readFolder(this.path(folder));
    const found = await Promise.all(
      entries.map(async (entry) => {
        const key = `${folder}${entry.name}`;
        if (entry.isFile()) return [key];
        if (!entry.isDirectory() || key === reservedFolder) return [];
        return deep ? this.walk(`${key}/`, deep) : [`${key}/`];
      }),
    );
    return found.flat();
  }

  private async attempt<T>(key: string, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (error instanceof KopsError || error instanceof ConditionFailed || systemCode(error) === undefined) throw error;
      throw failure(this.path(key), error);
    }
  }
}

async function readFolder(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}

async function readObject(path: string): Promise<StoredObject | undefined> {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(path, 'r');
    const [data, { mtimeMs }] = await Promise.all([file.readFile(), file.stat()]);
    return { data, etag: contentEtag(data), modifiedMs: mtimeMs };
  } catch (error) {
    // A folder of that name is no object.
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  } finally {
    await file?.close();
  }
}

function failure(path: string, error: unknown): KopsError {
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '');
  return new KopsError(denied ? `no permission to use ${path} in the state store: ${messageOf(error)}` : `the state store failed at ${path}: ${messageOf(error)}`, {
    code: denied ? 'STATE_STORE_DENIED' : 'STATE_STORE_FAILED',
    exit: 'cloud',
    object: path,
    suggestions: denied ? [`See who owns it: ls -ld ${dirname(path)}`, 'Or keep the state elsewhere: --state file:///another/folder'] : [],
    cause: error,
  });
}
