import type { KubeObject } from '../../../kube/objects.ts';
import { StatusError } from '../../../kube/status.ts';
import type { Clock } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import {
  CompactedError,
  type Compare,
  type KeyValue,
  prefixEnd,
  type RangeResult,
  type Store,
  type StoreEvent,
  type StoreOperation,
  StoreUnavailableError,
  type TransactionResult,
} from '../../store/store.ts';
import { LeasePool } from './lease-pool.ts';
import { ResourceCache } from './resource-cache.ts';
import { decodeValue, encodeValue, StoredObject } from './stored-object.ts';

const root = '/registry/';
const claimRoot = '/kops-ts/claims/';
const retryMs = 1_000;

/** A write lost its race: `current` is what stands there now (undefined: nothing). */
export interface Lost {
  lost: true;
  current: StoredObject | undefined;
  /** The object stands as expected: something it claims is another's. */
  claimed: boolean;
}

/** What one object alone may have, besides its key: what this write takes and what it gives up. See KindStrategy.claims. */
export interface Claims {
  take: readonly string[];
  release: readonly string[];
}

export interface PutOptions {
  ttlSeconds?: number | undefined;
  claims?: Claims | undefined;
}

/**
 * Kubernetes objects over the store. One watch of the store feeds the caches of all resources, so revisions move forward
 * for all of them together; reads are answered from the caches once these have seen what the store has.
 */
export class Storage {
  private readonly store: Store;
  private readonly caches = new Map<string, ResourceCache>();
  private startRevision = 0;
  private seen = 0;
  private waiters: { revision: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  private readonly stopListeners = new Set<() => void>();
  // Objects of our own writes by the bytes handed to the store: engines that give the same bytes back spare us the parsing.
  private readonly written = new WeakMap<Uint8Array, KubeObject>();
  private watch: { stop(): void } | undefined;
  private failure: Error | undefined;
  private readonly clock: Clock;
  private readonly leases: LeasePool;

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
    this.leases = new LeasePool(store, clock);
  }

  async start(): Promise<void> {
    const { items, revision } = await this.store.range(root, { end: prefixEnd(root) });
    this.startRevision = revision;
    this.seen = revision;
    for (const item of items) {
      this.cacheOf(item.key).load(new StoredObject(item.key, decodeValue(item.value), item.value, item.modRevision));
    }
    this.follow(revision + 1);
  }

  /** All keys, not only those of objects: reads wait for a revision, and each one shows here, whoever wrote what. */
  private follow(from: number): void {
    if (this.failure) return;
    this.watch = this.store.watch('\0', '\uffff', from, {
      events: (events, at) => this.apply(events, at),
      end: (error) => {
        if (error instanceof CompactedError) this.catchUp().catch((cause) => this.fail(cause));
        else this.fail(error);
      },
    });
  }

  /** The store forgot what comes next, as after a long time without connection: what changed is found by comparing, as clients do with a new list. */
  private async catchUp(): Promise<void> {
    const { items, revision } = await this.whenAvailable(() => this.store.range(root, { end: prefixEnd(root) }));
    const existing = new Set(items.map(({ key }) => key));
    const written = items.filter(({ modRevision }) => modRevision > this.seen).sort((a, b) => a.modRevision - b.modRevision);
    for (const item of written) this.apply([{ type: 'put', item }], item.modRevision);
    const gone = [...this.caches.values()].flatMap((cache) => cache.list()).filter(({ key }) => !existing.has(key));
    const deletion = { value: new Uint8Array(0), createRevision: 0, modRevision: revision, version: 0 };
    this.apply(
      gone.map(({ key }) => ({ type: 'delete', item: { key, ...deletion } })),
      revision,
    );
    this.startRevision = revision;
    for (const cache of this.caches.values()) cache.forgetPast(revision);
    this.follow(revision + 1);
  }

  private async whenAvailable<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (this.failure || !(error instanceof StoreUnavailableError)) throw error;
        await this.clock.sleep(retryMs);
      }
    }
  }

  stop(): void {
    this.watch?.stop();
    this.fail(new Error('the API server stops'));
  }

  /** Revision up to which all caches are complete. */
  get revision(): number {
    return this.seen;
  }

  /** Why the store no longer answers, or undefined. */
  get problem(): string | undefined {
    return this.failure?.message ?? this.storeProblem();
  }

  /** The cache of a resource; `prefix` as resourcePrefix makes it. */
  cache(prefix: string): ResourceCache {
    let cache = this.caches.get(prefix);
    if (!cache) {
      cache = new ResourceCache(prefix, this.startRevision);
      this.caches.set(prefix, cache);
    }
    return cache;
  }

  /** Resolves when the caches hold everything the store had acknowledged at the time of the call, to whomever. */
  fresh(): Promise<void> | undefined {
    if (this.store.latest) return this.freshEverywhere(this.store.latest());
    try {
      return this.observed(this.store.revision());
    } catch (error) {
      return Promise.reject(unavailable(error));
    }
  }

  private async freshEverywhere(latest: Promise<number>): Promise<void> {
    const revision = await latest.catch((error: unknown) => {
      throw unavailable(error);
    });
    await this.observed(revision);
  }

  private storeProblem(): string | undefined {
    try {
      this.store.revision();
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Resolves when the caches are at `revision` or later; undefined when they already are. */
  observed(revision: number): Promise<void> | undefined {
    if (this.failure) return Promise.reject(unavailable(this.failure));
    if (this.seen >= revision) return undefined;
    return new Promise((resolve, reject) => this.waiters.push({ revision, resolve, reject }));
  }

  /** Calls back when no more changes will come: stopped, or the store failed. */
  onStop(listener: () => void): () => void {
    this.stopListeners.add(listener);
    return () => this.stopListeners.delete(listener);
  }

  /**
   * Writes `object` when the key still stands at `expected` (undefined: does not exist). The object is kept: the caller gives it away.
   * With a time to live it is deleted when nobody wrote it again for that long (or a minute longer).
   */
  async put(key: string, object: KubeObject, expected: StoredObject | undefined, { ttlSeconds, claims }: PutOptions = {}): Promise<StoredObject | Lost> {
    const value = encodeValue(object);
    this.written.set(value, object);
    const lease = ttlSeconds === undefined ? {} : { lease: await this.leases.leaseFor(ttlSeconds).catch(throwUnavailable) };
    const compare = { key, modRevision: expected?.revision ?? 0 };
    const result = await this.commit(compare, { type: 'put', key, value, ...lease }, claims);
    // Also who lost is told when the caches hold what stood in the way: another API server may have written it.
    await this.observed(result.revision);
    if (!result.succeeded) return this.lost(compare, result.current);
    const cached = this.cacheOf(key).get(key);
    return cached?.revision === result.revision ? cached : new StoredObject(key, object, value, result.revision);
  }

  /** Deletes the key when it still stands at `expected`; gives the last state under the revision of the deletion. */
  async remove(expected: StoredObject, claims?: Claims): Promise<StoredObject | Lost> {
    const { key, revision } = expected;
    const compare = { key, modRevision: revision };
    const result = await this.commit(compare, { type: 'delete', key }, claims);
    // Also who lost is told when the caches hold what stood in the way: another API server may have written it.
    await this.observed(result.revision);
    if (!result.succeeded) return this.lost(compare, result.current);
    return expected.at(result.revision);
  }

  /** A list as it was at `revision`. Throws StatusError Expired when that is gone. */
  async rangeAt(start: string, prefix: string, revision: number, limit: number | undefined): Promise<RangeResult & { objects: StoredObject[] }> {
    try {
      const options = limit === undefined ? { revision } : { revision, limit };
      const result = await this.store.range(start, { end: prefixEnd(prefix), ...options });
      return { ...result, objects: result.items.map((item) => this.storedOf(item)) };
    } catch (error) {
      if (error instanceof CompactedError) throw new StatusError('Expired', 'The resourceVersion for the provided list is too old.');
      throw unavailable(error);
    }
  }

  private commit(compare: Compare, operation: StoreOperation, claims?: Claims): Promise<TransactionResult> {
    const { take = [], release = [] } = claims ?? {};
    const value = Buffer.from(compare.key);
    const free = take.map((claim) => ({ key: claimRoot + claim, modRevision: 0 }));
    const taking = free.map(({ key }): StoreOperation => ({ type: 'put', key, value }));
    const releasing = release.map((claim): StoreOperation => ({ type: 'delete', key: claimRoot + claim }));
    return this.store.transaction([compare, ...free], [operation, ...taking, ...releasing]).catch(throwUnavailable);
  }

  private storedOf(item: { key: string; value: Uint8Array; modRevision: number }): StoredObject {
    const cached = this.cacheOf(item.key).get(item.key);
    if (cached?.revision === item.modRevision) return cached;
    return new StoredObject(item.key, this.written.get(item.value) ?? decodeValue(item.value), item.value, item.modRevision);
  }

  private lost({ key, modRevision }: Compare, current: readonly KeyValue[]): Lost {
    const now = current.find((item) => item.key === key);
    return { lost: true, current: now && this.storedOf(now), claimed: (now?.modRevision ?? 0) === modRevision };
  }

  private apply(events: StoreEvent[], revision: number): void {
    for (const event of events) {
      if (event.item.key.startsWith(root)) this.cacheOf(event.item.key).apply(event, this.decode);
    }
    this.seen = Math.max(this.seen, revision);
    if (this.waiters.length > 0) {
      const due = this.waiters.filter((waiter) => waiter.revision <= this.seen);
      this.waiters = this.waiters.filter((waiter) => waiter.revision > this.seen);
      for (const waiter of due) waiter.resolve();
    }
  }

  private decode = (event: StoreEvent): KubeObject => this.written.get(event.item.value) ?? decodeValue(event.item.value);

  private fail(error: Error): void {
    this.failure = error;
    for (const waiter of this.waiters) waiter.reject(unavailable(error));
    this.waiters = [];
    for (const listener of [...this.stopListeners]) listener();
  }

  private cacheOf(key: string): ResourceCache {
    return this.cache(key.slice(0, key.indexOf('/', key.indexOf('/', root.length) + 1) + 1));
  }
}

/** `/registry/apps/deployments/` */
export function resourcePrefix(group: string, resource: string): string {
  return `${root}${group === '' ? 'core' : group}/${resource}/`;
}

export function isLost(result: StoredObject | Lost): result is Lost {
  return 'lost' in result;
}

function throwUnavailable(error: unknown): never {
  throw unavailable(error);
}

function unavailable(error: unknown): StatusError {
  // The request itself is wrong, as one that is larger than the store takes.
  if (error instanceof RangeError) return new StatusError('InternalError', `Internal error occurred: ${error.message}`);
  return new StatusError('ServiceUnavailable', `the store of the cluster does not answer: ${messageOf(error)}`);
}
