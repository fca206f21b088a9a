import type { Clock, Timer } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import {
  CompactedError,
  type Compare,
  FutureRevisionError,
  LeaseNotFoundError,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreOperation,
  StoreUnavailableError,
  type StoreWatch,
  type TransactionResult,
} from '../store.ts';
import { EtcdCluster, probe } from './etcd-cluster.ts';
import { EtcdRefusal, status } from './etcd-errors.ts';
import type { EtcdTls } from './etcd-member.ts';
import { transact } from './etcd-transaction.ts';
import { storeItem } from './etcd-values.ts';
import { EtcdWatch } from './etcd-watch.ts';
import { compaction, type Header, leaseGrant, leaseKeepAlive, leaseRevoke, type Method, range } from './messages.ts';

export interface EtcdStoreOptions {
  /** `host:port` or URLs of the members, of one at least. */
  endpoints: readonly string[];
  tls?: EtcdTls;
  clock: Clock;
  log: Log;
  /** Ends the wait for a cluster that does not answer yet. */
  signal?: AbortSignal;
}

/** As Kubernetes' API server: every five minutes, what is older than that. */
const compactEveryMs = 300_000;
/** At the end, watches are shown what was written before, if the cluster still answers. */
const farewellMs = 2_000;
/** Every key, in etcd's way. */
const everything = { key: '\0', rangeEnd: '\0' };

/**
 * A store in an etcd cluster of version 3.4 or later. Durable means: on a majority of its members. Resolves when the cluster answers;
 * with a signal it waits for that as long as it takes, without one it rejects with StoreUnavailableError after some seconds.
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const { signal, log } = options;
  const cluster = new EtcdCluster(options);
  for (;;) {
    try {
      await unlessAborted(cluster.ask(range, probe, true), signal);
      return new EtcdStore(cluster, options.clock, log);
    } catch (error) {
      if (!(signal && !signal.aborted && error instanceof StoreUnavailableError)) {
        cluster.close();
        throw error;
      }
      log.info('waiting for etcd', { why: error.message });
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

class EtcdStore implements Store {
  private readonly cluster: EtcdCluster;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly watches = new Set<EtcdWatch>();
  private readonly writing = new Set<Promise<unknown>>();
  /** What this process forgot: etcd itself keeps one revision more (see EtcdWatch). */
  private compacted = 0;
  private lastLease = 0;
  private compactor: Timer | undefined;
  /** The question for the latest revision that is under way, and the one that waits for it. */
  private asked: Promise<unknown> = Promise.resolve();
  private asking: Promise<number> | undefined;
  private closing: Promise<void> | undefined;
  /** The connections are gone, too. */
  private closed = false;

  constructor(cluster: EtcdCluster, clock: Clock, log: Log) {
    this.cluster = cluster;
    this.clock = clock;
    this.log = log;
    this.compactLater();
  }

  revision(): number {
    this.check();
    if (this.cluster.problem) throw this.cluster.problem;
    return this.cluster.seen;
  }

  /** One question at a time, which answers everybody who asked before it was sent. */
  latest(): Promise<number> {
    this.asking ??= this.askLatest(this.asked);
    return this.asking;
  }

  async range(key: string, options: RangeOptions = {}): Promise<RangeResult> {
    this.check();
    const { end, ...rest } = options;
    if (options.revision && options.revision < this.compacted) throw new CompactedError(this.compacted);
    const { header, kvs, count } = await this.ask(range, { key, ...(end === undefined ? {} : { rangeEnd: end }), ...rest }, true).catch((error) => {
      throw pastError(error, options.revision ?? 0, this.cluster.seen);
    });
    return { items: kvs.map(storeItem), count, revision: header.revision };
  }

  async transaction(compares: readonly Compare[], operations: readonly StoreOperation[]): Promise<TransactionResult> {
    this.check();
    const leases = operations.flatMap((operation) => (operation.type === 'put' && operation.lease) || []);
    return this.write(transact(this.cluster, this.clock, compares, operations)).catch((error) => {
      throw leaseError(error, leases[0] ?? 0);
    });
  }

  /** The stream is of all keys: so it is known how far the watch is, whoever writes what. */
  watch(key: string, end: string | undefined, startRevision: number | undefined, sink: StoreWatch): { stop(): void } {
    this.check();
    const inRange = end === undefined ? (name: string) => name === key : (name: string) => name >= key && name < end;
    const watch = new EtcdWatch(this.cluster, this.clock, everything, startRevision || this.cluster.seen + 1, {
      events: (events, revision) => {
        const chosen = events.filter(({ item }) => inRange(item.key));
        if (chosen.length > 0) sink.events(chosen, revision);
      },
      end: (error) => {
        this.watches.delete(watch);
        sink.end(error);
      },
    });
    this.watches.add(watch);
    return {
      stop: () => {
        this.watches.delete(watch);
        watch.stop();
      },
    };
  }

  async compact(revision: number): Promise<void> {
    this.check();
    const { header } = await this.ask(range, probe, true);
    if (revision > header.revision) throw new FutureRevisionError(revision, header.revision);
    this.compacted = Math.max(this.compacted, revision);
    if (revision < 2) return;
    try {
      await this.ask(compaction, { revision: revision - 1 }, true);
    } catch (error) {
      // Somebody was faster, or forgot more.
      if (!(error instanceof EtcdRefusal && error.status === status.outOfRange)) throw error;
    }
  }

  /** The id is chosen here: etcd's own do not fit in a number. One that is taken, by another process or by an attempt whose answer was lost, is refused; a lease that nobody knows of ends by itself. */
  async grantLease(ttlSeconds: number): Promise<number> {
    this.check();
    for (;;) {
      const id = Math.max(this.lastLease + 1, this.clock.now() * 1024);
      this.lastLease = id;
      try {
        await this.write(this.ask(leaseGrant, { ttl: Math.ceil(ttlSeconds), id }, true));
        return id;
      } catch (error) {
        if (!(error instanceof EtcdRefusal && error.status === status.failedPrecondition)) throw error;
      }
    }
  }

  async keepAliveLease(id: number): Promise<void> {
    this.check();
    const { ttl } = await this.ask(leaseKeepAlive, { id }, true);
    if (ttl === 0) throw new LeaseNotFoundError(id);
  }

  async revokeLease(id: number): Promise<void> {
    this.check();
    await this.write(this.ask(leaseRevoke, { id }, true)).catch((error) => {
      throw leaseError(error, id);
    });
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.compactor?.cancel();
    await Promise.allSettled(this.writing);
    const farewell = new AbortController();
    const shown = Promise.all([...this.watches].map((watch) => watch.reached(this.cluster.seen)));
    await Promise.race([shown, this.clock.sleep(farewellMs, farewell.signal).catch(() => undefined)]);
    farewell.abort();
    for (const watch of [...this.watches]) watch.end(new StoreClosedError());
    this.closed = true;
    this.cluster.close();
  }

  private async askLatest(before: Promise<unknown>): Promise<number> {
    await before;
    this.asking = undefined;
    this.check();
    const answer = this.ask(range, probe, true);
    this.asked = answer.catch(() => undefined);
    return (await answer).header.revision;
  }

  private async ask<Request, Response extends { header: Header }>(method: Method<Request, Response>, request: Request, repeatable: boolean): Promise<Response> {
    try {
      return (await this.cluster.ask(method, request, repeatable)).response;
    } catch (error) {
      throw this.closed ? new StoreClosedError() : error;
    }
  }

  private write<T>(write: Promise<T>): Promise<T> {
    this.writing.add(write);
    return write.finally(() => this.writing.delete(write));
  }

  /** Each of several processes may do it: what one forgets is old for all. */
  private compactLater(): void {
    const horizon = this.cluster.seen;
    this.compactor = this.clock.setTimer(
      compactEveryMs,
      () => {
        this.compact(horizon).catch((error) => this.log.debug('etcd was not compacted', { why: messageOf(error) }));
        this.compactLater();
      },
      { background: true },
    );
  }

  private check(): void {
    if (this.closing) throw new StoreClosedError();
  }
}

/** Reading a revision fails in one way for two reasons. */
function pastError(error: unknown, asked: number, seen: number): unknown {
  if (!(error instanceof EtcdRefusal && error.status === status.outOfRange)) return error;
  return error.message.includes('future') ? new FutureRevisionError(asked, seen) : new CompactedError(asked + 1);
}

function leaseError(error: unknown, id: number): unknown {
  if (!(error instanceof EtcdRefusal)) return error;
  if (error.status === status.notFound) return new LeaseNotFoundError(id);
  return error.status === status.invalidArgument ? new RangeError(error.message) : error;
}
