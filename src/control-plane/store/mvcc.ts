import { type Change, History } from './history.ts';
import { SortedMap } from './sorted-map.ts';
import { CompactedError, FutureRevisionError, type KeyValue, type RangeOptions, type RangeResult, type StoreEvent } from './store.ts';

/** A write after its transaction was decided: what the journal keeps and what replay applies. */
export type Write = { key: string; value: Uint8Array; lease?: number } | { key: string; value: undefined };

/** All versions of a key that are still known, oldest first. A version with `version: 0` is a deletion. */
interface KeyVersions {
  readonly key: string;
  versions: KeyValue[];
}

const noValue = new Uint8Array(0);

/** The state of a store and its recent past. Everything here is synchronous and knows neither durability nor watchers. */
export class Mvcc {
  /** Latest applied revision. */
  revision = 1;
  /** Oldest revision that can be read. */
  compactRevision = 0;
  readonly history = new History();
  private readonly keys = new SortedMap<KeyVersions>();

  /** The key's value at a revision, undefined when there was none. */
  get(key: string, revision = this.revision): KeyValue | undefined {
    return valueAt(this.keys.get(key), revision);
  }

  /** `visible`: the newest revision readers may see. */
  range(key: string, options: RangeOptions, visible: number): RangeResult {
    const revision = options.revision || visible;
    if (revision > visible) throw new FutureRevisionError(revision, visible);
    if (revision < this.compactRevision) throw new CompactedError(this.compactRevision);
    const items: KeyValue[] = [];
    const limit = options.countOnly ? 0 : options.limit || Number.POSITIVE_INFINITY;
    let count = 0;
    const visit = (entry: KeyVersions | undefined) => {
      const item = valueAt(entry, revision);
      if (item && count++ < limit) items.push(item);
    };
    if (options.end === undefined) visit(this.keys.get(key));
    else this.keys.each(key, options.end, visit);
    return { items, count, revision: visible };
  }

  /** Keys in [key, end) that exist now. */
  keysIn(key: string, end: string): string[] {
    const found: string[] = [];
    this.keys.each(key, end, (entry) => {
      if (valueAt(entry, this.revision)) found.push(entry.key);
    });
    return found;
  }

  /** Every key and value as of a revision. */
  itemsAt(revision: number): KeyValue[] {
    const items: KeyValue[] = [];
    this.keys.all((entry) => {
      const item = valueAt(entry, revision);
      if (item) items.push(item);
    });
    return items;
  }

  /** Applies the writes as one new revision. Each key occurs once; a deleted key exists. */
  write(writes: readonly Write[], time: number): Change {
    const revision = this.revision + 1;
    const change: Change = { revision, time, events: writes.map((write) => this.apply(write, revision)) };
    this.revision = revision;
    this.history.push(change);
    return change;
  }

  private apply(write: Write, revision: number): StoreEvent {
    const entry = this.entry(write.key);
    const last = entry.versions.at(-1);
    const previous = last && last.version > 0 ? last : undefined;
    const item = nextVersion(write, revision, previous);
    entry.versions.push(item);
    const event: StoreEvent = { type: item.version > 0 ? 'put' : 'delete', item };
    if (previous) event.previous = previous;
    return event;
  }

  private entry(key: string): KeyVersions {
    const found = this.keys.get(key);
    if (found) return found;
    const entry = { key, versions: [] };
    this.keys.add(entry);
    return entry;
  }

  /** Forgets what only readers below the revision could see. Below the last compaction it does nothing. */
  compact(revision: number): void {
    if (revision > this.revision) throw new FutureRevisionError(revision, this.revision);
    if (revision <= this.compactRevision) return;
    this.compactRevision = revision;
    for (const change of this.history.dropBefore(revision)) for (const event of change.events) this.forget(event.item.key, revision);
  }

  private forget(key: string, revision: number): void {
    const entry = this.keys.get(key);
    if (!entry) return;
    let keep = lastIndexAt(entry.versions, revision);
    // A deletion that nothing is left to precede need not be kept either.
    if (entry.versions[keep]?.version === 0) keep++;
    if (keep > 0) entry.versions.splice(0, keep);
    if (entry.versions.length === 0) this.keys.delete(key);
  }

  /** Starts from a snapshot: the items as of the revision, no past. Only on an empty state. */
  restore(items: Iterable<KeyValue>, revision: number): void {
    for (const item of items) this.keys.add({ key: item.key, versions: [item] });
    this.revision = revision;
    this.compactRevision = revision;
  }
}

function nextVersion(write: Write, revision: number, previous: KeyValue | undefined): KeyValue {
  if (write.value === undefined) return { key: write.key, value: noValue, createRevision: 0, modRevision: revision, version: 0 };
  const item: KeyValue = {
    key: write.key,
    value: write.value,
    createRevision: previous?.createRevision ?? revision,
    modRevision: revision,
    version: (previous?.version ?? 0) + 1,
  };
  if (write.lease !== undefined) item.lease = write.lease;
  return item;
}

function valueAt(entry: KeyVersions | undefined, revision: number): KeyValue | undefined {
  if (!entry) return undefined;
  const last = entry.versions.at(-1);
  const item = last && last.modRevision <= revision ? last : entry.versions[lastIndexAt(entry.versions, revision)];
  return item && item.version > 0 ? item : undefined;
}

/** Index of the newest version at or before the revision; -1 when there is none. Versions are few: from the newest. */
function lastIndexAt(versions: readonly KeyValue[], revision: number): number {
  let index = versions.length - 1;
  while (index >= 0 && (versions[index]?.modRevision ?? 0) > revision) index--;
  return index;
}
