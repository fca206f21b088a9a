import type { KubeObject } from './objects.ts';
import { objectKey } from './objects.ts';

interface Index<T> {
  values: (object: T) => readonly string[];
  entries: Map<string, Map<string, T>>;
}

/** Objects by key, with indexes. What `list` and `byIndex` give is made once per change and shared. */
export class InformerStore<T extends KubeObject> {
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.objects.size;
  }

  get(key: string): T | undefined {
    return this.objects.get(key);
  }

  keys(): string[] {
    return [...this.objects.keys()];
  }

  list(): T[] {
    return [...this.objects.values()];
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    if (this.indexes.has(name)) return;
    const index: Index<T> = { values, entries: new Map() };
    this.indexes.set(name, index);
    for (const [key, object] of this.objects) enter(index, key, object);
  }

  byIndex(name: string, value: string): T[] {
    const index = this.indexes.get(name);
    if (!index) throw new Error(`the informer has no index "${name}"`);
    return [...(index.entries.get(value)?.values() ?? [])];
  }

  /** Gives the object that stood there before. */
  put(object: T): T | undefined {
    const key = objectKey(object);
    const old = this.objects.get(key);
    this.objects.set(key, object);
    for (const index of this.indexes.values()) {
      if (old) leave(index, key, old);
      enter(index, key, object);
    }
    return old;
  }

  remove(key: string): T | undefined {
    const old = this.objects.get(key);
    if (!old) return undefined;
    this.objects.delete(key);
    for (const index of this.indexes.values()) leave(index, key, old);
    return old;
  }
}

function enter<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    let entry = index.entries.get(value);
    if (!entry) {
      entry = new Map();
      index.entries.set(value, entry);
    }
    entry.set(key, object);
  }
}

function leave<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    const entry = index.entries.get(value);
    entry?.delete(key);
    if (entry?.size === 0) index.entries.delete(value);
  }
}
