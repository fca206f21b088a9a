import type { KubeObject } from '../../../kube/objects.ts';
import type { StoreEvent } from '../../store/store.ts';
import { StoredObject } from './stored-object.ts';
import { WatchEvent } from './watch-event.ts';

/** Changes remembered for each resource, for watches that resume. */
const ringCapacity = 2048;

export type EventListener = (event: WatchEvent) => void;

/** All objects of one resource in key order, its recent changes, and those who watch. */
export class ResourceCache {
  readonly prefix: string;
  private readonly items = new Map<string, StoredObject>();
  private keys: string[] = [];
  private ring: WatchEvent[] = [];
  /** Changes after this revision are all in the ring. */
  private floor: number;
  private readonly listeners = new Set<EventListener>();

  constructor(prefix: string, revision: number) {
    this.prefix = prefix;
    this.floor = revision;
  }

  get(key: string): StoredObject | undefined {
    return this.items.get(key);
  }

  /** Objects whose key starts with `prefix`, in order of their keys. */
  list(prefix: string = this.prefix): StoredObject[] {
    const found: StoredObject[] = [];
    for (let index = this.position(prefix); index < this.keys.length; index++) {
      const key = this.keys[index] as string;
      if (!key.startsWith(prefix)) break;
      found.push(this.items.get(key) as StoredObject);
    }
    return found;
  }

  get size(): number {
    return this.items.size;
  }

  /** Fills the cache at start, in key order. */
  load(stored: StoredObject): void {
    this.keys.push(stored.key);
    this.items.set(stored.key, stored);
  }

  apply(event: StoreEvent, decode: (event: StoreEvent) => KubeObject): void {
    const { key, value, modRevision } = event.item;
    const previous = this.items.get(key);
    if (event.type === 'delete') {
      if (!previous) return;
      this.items.delete(key);
      this.keys.splice(this.position(key), 1);
      this.publish(new WatchEvent('DELETED', previous.at(modRevision), previous));
      return;
    }
    const stored = new StoredObject(key, decode(event), value, modRevision);
    if (!previous) this.keys.splice(this.position(key), 0, key);
    this.items.set(key, stored);
    this.publish(new WatchEvent(previous ? 'MODIFIED' : 'ADDED', stored, previous));
  }

  /** Changes after `revision`, or undefined when they are no longer all known. */
  since(revision: number): WatchEvent[] | undefined {
    if (revision < this.floor) return undefined;
    let index = this.ring.length;
    while (index > 0 && (this.ring[index - 1] as WatchEvent).stored.revision > revision) index--;
    return this.ring.slice(index);
  }

  /** Not all changes up to the revision are known: watches cannot resume from before it. Those that listen were told what came out. */
  forgetPast(revision: number): void {
    this.ring = [];
    this.floor = revision;
  }

  listen(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private publish(event: WatchEvent): void {
    this.ring.push(event);
    // Dropped in halves: a shift on every event would move the whole array each time.
    if (this.ring.length > ringCapacity) {
      const dropped = this.ring.length - ringCapacity / 2;
      this.floor = (this.ring[dropped - 1] as WatchEvent).stored.revision;
      this.ring = this.ring.slice(dropped);
    }
    for (const listener of this.listeners) listener(event);
  }

  /** Index of the first key that is not before `key`. */
  private position(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
