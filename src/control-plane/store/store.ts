/**
 * etcd's semantics behind one small interface. One revision counter for the whole store; every transaction that writes
 * takes one new revision for all of its writes. Values are bytes, never changed after they are handed over.
 */
export interface KeyValue {
  key: string;
  value: Uint8Array;
  createRevision: number;
  modRevision: number;
  /** Writes since creation; the first is 1. */
  version: number;
  lease?: number;
}

export interface RangeOptions {
  /** Exclusive end of the key range; undefined: just the one key. `prefixEnd(key)` gives the end of a prefix. */
  end?: string;
  /** Read as of this revision. Throws CompactedError when it was compacted, FutureRevisionError when it has not happened. */
  revision?: number;
  limit?: number;
  countOnly?: boolean;
}

export interface RangeResult {
  items: KeyValue[];
  /** All keys in the range, whatever the limit. */
  count: number;
  /** The store's revision when the range was read. */
  revision: number;
}

/** Holds when the key's modRevision equals (0: the key does not exist). */
export interface Compare {
  key: string;
  modRevision: number;
}

export type StoreOperation = { type: 'put'; key: string; value: Uint8Array; lease?: number } | { type: 'delete'; key: string; end?: string };

export interface TransactionResult {
  succeeded: boolean;
  revision: number;
  /** When a comparison failed: the current state of the compared keys (those that exist). */
  current: KeyValue[];
}

export interface StoreEvent {
  type: 'put' | 'delete';
  /** For a delete: key, modRevision (of the delete) and an empty value. */
  item: KeyValue;
  /** The state before, when there was one. */
  previous?: KeyValue;
}

export interface StoreWatch {
  /** Events of one revision arrive in one call, revisions in order, none left out and none twice. */
  events(events: StoreEvent[], revision: number): void;
  /** Ended by the store: compacted start revision, or closed. */
  end(error: Error): void;
}

export interface Store {
  /** Latest revision. An empty store is at 1, as etcd's. Where members are needed, this and every other call fails with StoreUnavailableError while too few run. */
  revision(): number;
  /** The latest revision that there is anywhere; only where other processes write, too: this one may not have heard of it. Rejects with StoreUnavailableError. */
  latest?(): Promise<number>;
  /** Synchronous for the embedded engines' sake would tie etcd out: always a promise. */
  range(key: string, options?: RangeOptions): Promise<RangeResult>;
  /** Resolves after the write is durable (each engine says what that means). Empty operations are a read of the comparisons. */
  transaction(compares: readonly Compare[], operations: readonly StoreOperation[]): Promise<TransactionResult>;
  /** Events with revision >= startRevision (default: from now on) in [key, end). Only durable writes are seen. */
  watch(key: string, end: string | undefined, startRevision: number | undefined, watch: StoreWatch): { stop(): void };
  /** Forgets history below `revision`; current values stay. */
  compact(revision: number): Promise<void>;
  /** Keys put with the lease are deleted when it is revoked or not kept alive for `ttlSeconds`. Returns its id. */
  grantLease(ttlSeconds: number): Promise<number>;
  keepAliveLease(id: number): Promise<void>;
  revokeLease(id: number): Promise<void>;
  /** Waits for writes that were accepted; later calls fail with StoreClosedError. */
  close(): Promise<void>;
}

/** The first key after every key that starts with `prefix`. */
export function prefixEnd(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}

export class CompactedError extends Error {
  readonly compactRevision: number;
  constructor(compactRevision: number) {
    super(`the required revision has been compacted (compact revision ${compactRevision})`);
    this.name = 'CompactedError';
    this.compactRevision = compactRevision;
  }
}

export class FutureRevisionError extends Error {
  constructor(asked: number, revision: number) {
    super(`revision ${asked} is in the future (the store is at ${revision})`);
    this.name = 'FutureRevisionError';
  }
}

export class StoreClosedError extends Error {
  constructor() {
    super('the store is closed');
    this.name = 'StoreClosedError';
  }
}

/** Too few members of the store run for it to answer. */
export class StoreUnavailableError extends Error {
  constructor(why: string) {
    super(`the store is not available: ${why}`);
    this.name = 'StoreUnavailableError';
  }
}

export class LeaseNotFoundError extends Error {
  constructor(id: number) {
    super(`lease ${id} does not exist: it expired or was revoked`);
    this.name = 'LeaseNotFoundError';
  }
}
