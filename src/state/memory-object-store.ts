import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { checkKey, groupByFolder } from './object-key.ts';
import { ConditionFailed, type ObjectStore, type StoredObject, type WriteCondition } from './object-store.ts';

/** `memory://name`: the same objects for every store of that name in this process, until `forgetMemoryObjects`. */
export function openMemoryObjectStore(name: string, clock: Clock): ObjectStore {
  const objects = stores.get(name) ?? new Map<string, StoredObject>();
  stores.set(name, objects);
  return new MemoryObjectStore(`memory://${name}`, objects, clock);
}

export function forgetMemoryObjects(name: string): void {
  stores.delete(name);
}

const stores = new Map<string, Map<string, StoredObject>>();

/** Hash of the content: what a file store and this one use as etag. */
export function contentEtag(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

class MemoryObjectStore implements ObjectStore {
  readonly url: string;
  private readonly objects: Map<string, StoredObject>;
  private readonly clock: Clock;

  constructor(url: string, objects: Map<string, StoredObject>, clock: Clock) {
    this.url = url;
    this.objects = objects;
    this.clock = clock;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    const object = this.objects.get(key);
    return object && { ...object, data: Uint8Array.from(object.data) };
  }

  async put(key: string, data: Uint8Array, condition?: WriteCondition): Promise<{ etag: string }> {
    checkKey(key);
    this.check(key, condition);
    const etag = contentEtag(data);
    this.objects.set(key, { data: Uint8Array.from(data), etag, modifiedMs: this.clock.now() });
    return { etag };
  }

  async delete(key: string, condition?: { ifMatch: string }): Promise<void> {
    checkKey(key);
    this.check(key, condition);
    this.objects.delete(key);
  }

  async list(prefix: string, options: { delimiter?: '/' } = {}): Promise<{ keys: string[]; prefixes: string[] }> {
    return groupByFolder([...this.objects.keys()], prefix, options.delimiter);
  }

  async honoursConditions(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}

  private check(key: string, condition: WriteCondition | undefined): void {
    const etag = this.objects.get(key)?.etag;
    if (!holds(etag, condition)) throw new ConditionFailed(key);
  }
}

/** Whether a condition holds for an object with this etag (undefined: there is none). */
export function holds(etag: string | undefined, condition: WriteCondition | undefined): boolean {
  if (!condition) return true;
  return 'ifMatch' in condition ? etag === condition.ifMatch : etag === undefined;
}
