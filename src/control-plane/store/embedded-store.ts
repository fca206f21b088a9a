import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Journal, JournalRecord } from './journal.ts';
import type { Leases } from './leases.ts';
import type { Mvcc, Write } from './mvcc.ts';
import {
  type Compare,
  FutureRevisionError,
  type KeyValue,
  LeaseNotFoundError,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreOperation,
  type StoreWatch,
  type TransactionResult,
} from './store.ts';
import { WatchHub } from './watch-hub.ts';

/** How much past is kept for watches and for reads at a revision: what is over either bound is compacted as writes come. */
export interface HistoryOptions {
  /** Default 10,000. */
  maxRevisions?: number;
  /** Default ten minutes: Kubernetes compacts etcd every five and keeps the last five. */
  maxAgeMs?: number;
}

export const defaultHistory: Required<HistoryOptions> = { maxRevisions: 10_000, maxAgeMs: 600_000 };

/** A store's state as it is in memory; new, or rebuilt from a journal. */
export interface EmbeddedState {
  mvcc: Mvcc;
  leases: Leases;
}

/** The store in this process: state in memory, durability through a journal. */
export class EmbeddedStore implements Store {
  private readonly mvcc: Mvcc;
  private readonly hub: WatchHub;
  private readonly leases: Leases;
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly history: Required<HistoryOptions>;
  /** Latest durable revision: what readers and watchers see. The state may be ahead of it. */
  private visible: number;
  /** Set once the store takes no more calls. */
  private stopped: Error | undefined;

  constructor(options: { clock: Clock; journal: Journal; state: EmbeddedState; history?: HistoryOptions }) {
    this.clock = options.clock;
    this.journal = options.journal;
    this.mvcc = options.state.mvcc;
    this.leases = options.state.leases;
    this.history = { ...defaultHistory, ...options.history };
    this.visible = this.mvcc.revision;
    this.hub = new WatchHub(this.mvcc);
    // An expiry that the journal refuses has stopped the store already: its callers hear of that.
    this.leases.start((id) => void this.revokeLease(id).catch(() => {}));
  }

  revision(): number {
    return this.visible;
  }

  async range(key: string, options: RangeOptions = {}): Promise<RangeResult> {
    this.check();
    return this.mvcc.range(key, options, this.visible);
  }

  async transaction(compares: readonly Compare[], operations: readonly StoreOperation[]): Promise<TransactionResult> {
    this.check();
    const succeeded = compares.every((compare) => (this.mvcc.get(compare.key)?.modRevision ?? 0) === compare.modRevision);
    if (!succeeded || operations.length === 0) return this.decided(succeeded, this.mvcc.revision, this.currentOf(compares));
    const writes = this.writesOf(operations);
    if (writes.length === 0) return this.decided(true, this.mvcc.revision, []);
    return { succeeded: true, revision: await this.commit(writes), current: [] };
  }

  watch(key: string, end: string | undefined, startRevision: number | undefined, watch: StoreWatch): { stop(): void } {
    this.check();
    return this.hub.add(key, end, startRevision, watch);
  }

  async compact(revision: number): Promise<void> {
    this.check();
    // A delivery that is due runs in a microtask that is queued already: it goes first.
    await undefined;
    if (revision > this.visible) throw new FutureRevisionError(revision, this.visible);
    this.mvcc.compact(revision);
    await this.record({ type: 'compact', revision });
  }

  async grantLease(ttlSeconds: number): Promise<number> {
    this.check();
    const lease = this.leases.grant(ttlSeconds);
    await this.record({ type: 'grant', lease, ttlSeconds });
    return lease;
  }

  async keepAliveLease(id: number): Promise<void> {
    this.check();
    this.leases.keepAlive(id);
  }

  async revokeLease(id: number): Promise<void> {
    this.check();
    const writes = this.leases.keysOf(id).map((key): Write => ({ key, value: undefined }));
    this.leases.remove(id);
    if (writes.length > 0) await this.commit(writes, id);
    else await this.record({ type: 'revoke', lease: id });
  }

  async close(): Promise<void> {
    if (this.stopped instanceof StoreClosedError) return;
    const failed = this.stopped !== undefined;
    this.stop(new StoreClosedError());
    await this.journal.close();
    if (!failed) this.hub.publish(this.mvcc.revision);
    this.hub.close(new StoreClosedError());
  }

  /** An answer that may rest on writes which are not durable yet: it waits for them. */
  private async decided(succeeded: boolean, revision: number, current: KeyValue[]): Promise<TransactionResult> {
    await this.journal.settled();
    return { succeeded, revision, current };
  }

  private currentOf(compares: readonly Compare[]): KeyValue[] {
    return compares.flatMap((compare) => this.mvcc.get(compare.key) ?? []);
  }

  private writesOf(operations: readonly StoreOperation[]): Write[] {
    const writes = operations.flatMap((operation): Write[] => {
      if (operation.type === 'put') return [this.putOf(operation)];
      const keys = operation.end === undefined ? [operation.key] : this.mvcc.keysIn(operation.key, operation.end);
      return keys.filter((key) => this.mvcc.get(key)).map((key) => ({ key, value: undefined }));
    });
    const keys = new Set(writes.map((write) => write.key));
    if (keys.size !== writes.length) throw new RangeError('duplicate key given in txn request');
    return writes;
  }

  private putOf({ key, value, lease }: { key: string; value: Uint8Array; lease?: number }): Write {
    if (lease === undefined) return { key, value };
    if (!this.leases.has(lease)) throw new LeaseNotFoundError(lease);
    return { key, value, lease };
  }

  /** Applies the writes, resolves to their revision when it is durable. */
  private async commit(writes: readonly Write[], revokes?: number): Promise<number> {
    const change = this.mvcc.write(writes, this.clock.now());
    this.leases.apply(change.events);
    await this.record({ type: 'write', revision: change.revision, writes, ...(revokes === undefined ? {} : { revokes }) });
    this.visible = Math.max(this.visible, change.revision);
    this.hub.publish(change.revision);
    this.trim();
    return change.revision;
  }

  /** A journal that fails leaves the state ahead of the disk: nothing may be served from it any more. */
  private async record(record: JournalRecord): Promise<void> {
    try {
      await this.journal.append(record);
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(messageOf(error));
      if (!this.stopped) this.stop(reason);
      this.hub.close(reason);
      throw error;
    }
  }

  private stop(reason: Error): void {
    this.stopped = reason;
    this.leases.stop();
  }

  /** Drops history that is over its bounds, a tenth of it at a time; never what is not delivered yet. */
  private trim(): void {
    const { history } = this.mvcc;
    const oldest = history.oldest;
    if (!oldest) return;
    const { maxRevisions, maxAgeMs } = this.history;
    const tooMany = history.length > maxRevisions * 1.1;
    const horizon = this.clock.now() - maxAgeMs;
    if (!tooMany && oldest.time >= horizon - maxAgeMs / 10) return;
    let keepFrom = tooMany ? oldest.revision + history.length - maxRevisions : oldest.revision;
    while ((history.at(keepFrom)?.time ?? Number.POSITIVE_INFINITY) < horizon) keepFrom++;
    const bound = Math.min(keepFrom, this.hub.delivered + 1, this.visible);
    if (bound > this.mvcc.compactRevision) this.mvcc.compact(bound);
  }

  private check(): void {
    if (this.stopped) throw this.stopped;
  }
}
