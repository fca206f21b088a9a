import type { Clock } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import { CompactedError, type StoreEvent, type StoreWatch } from '../store.ts';
import type { EtcdCluster } from './etcd-cluster.ts';
import { storeEvent } from './etcd-values.ts';
import type { EtcdEvent, WatchResponse } from './messages.ts';

const reopenPauseMs = 200;

/** In etcd's way: `rangeEnd` undefined is the one key, '\0' everything from `key`. */
export interface WatchedRange {
  key: string;
  rangeEnd?: string;
}

/**
 * Changes from a revision on, across members that come and go. Each stream starts one revision before the first that is wanted: until
 * 3.4.36 and 3.5.19, etcd forgets a deletion when it compacts at just that revision, and then shows a watch from there nothing. So
 * a watch either ends with CompactedError or has seen everything.
 */
export class EtcdWatch {
  private readonly cluster: EtcdCluster;
  private readonly clock: Clock;
  private readonly range: WatchedRange;
  private readonly sink: StoreWatch;
  /** Revisions below are not wanted, or were delivered. */
  private next: number;
  private stream: { stop(): void } | undefined;
  private finished = false;
  private waiting: (() => void)[] = [];

  constructor(cluster: EtcdCluster, clock: Clock, range: WatchedRange, startRevision: number, sink: StoreWatch) {
    this.cluster = cluster;
    this.clock = clock;
    this.range = range;
    this.next = startRevision;
    this.sink = sink;
    void this.run();
  }

  stop(): void {
    this.finished = true;
    this.stream?.stop();
    this.wake();
  }

  end(error: Error): void {
    if (this.finished) return;
    this.stop();
    this.sink.end(error);
  }

  /** Resolves when everything up to the revision was delivered, or nothing more will be. Only for a watch of all keys: each revision shows there. */
  async reached(revision: number): Promise<void> {
    while (!this.finished && this.next <= revision) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private async run(): Promise<void> {
    while (!this.finished) {
      try {
        await this.follow();
      } catch {
        // No member answers; the cluster keeps that, and says why.
      }
      if (!this.finished) await this.clock.sleep(reopenPauseMs);
    }
  }

  /** One stream, until it ends. */
  private async follow(): Promise<void> {
    const member = await this.cluster.find();
    if (this.finished) return;
    const createRequest = { ...this.range, startRevision: Math.max(this.next - 1, 1), prevKv: true };
    const why = await new Promise<string>((ended) => {
      this.stream = member.follow({ createRequest }, { answer: (response) => this.take(response), ended });
    });
    if (!this.finished) this.cluster.leave(member, why);
  }

  private take(response: WatchResponse): void {
    if (this.finished) return;
    if (response.canceled) {
      if (response.compactRevision > 0) this.end(new CompactedError(response.compactRevision + 1));
      // Whatever the reason, the stream has nothing more to say.
      else this.stream?.stop();
      return;
    }
    this.cluster.heard(response.header);
    try {
      for (const [revision, events] of byRevision(response.events)) this.deliver(revision, events);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(messageOf(error)));
    }
    this.wake();
  }

  private deliver(revision: number, events: StoreEvent[]): void {
    if (this.finished || revision < this.next) return;
    this.next = revision + 1;
    this.sink.events(events, revision);
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** Without fragments, which are not asked for, etcd never spreads a revision over two answers. */
function byRevision(events: readonly EtcdEvent[]): Map<number, StoreEvent[]> {
  const revisions = new Map<number, StoreEvent[]>();
  for (const event of events) {
    const known = revisions.get(event.kv.modRevision);
    if (known) known.push(storeEvent(event));
    else revisions.set(event.kv.modRevision, [storeEvent(event)]);
  }
  return revisions;
}
