import type { Clock, Timer } from '../../lib/clock.ts';
import type { StoreEvent } from './store.ts';
import { LeaseNotFoundError } from './store.ts';

interface Lease {
  readonly id: number;
  readonly ttlSeconds: number;
  readonly keys: Set<string>;
  timer: Timer | undefined;
}

export interface LeaseSnapshot {
  nextId: number;
  leases: { id: number; ttlSeconds: number }[];
}

/** Which keys go with which lease, and when. */
export class Leases {
  private readonly clock: Clock;
  private readonly leases = new Map<number, Lease>();
  private nextId = 1;
  private expired: ((id: number) => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** `id` is given when a journal is replayed. */
  grant(ttlSeconds: number, id = this.nextId): number {
    const lease: Lease = { id, ttlSeconds, keys: new Set(), timer: undefined };
    this.leases.set(id, lease);
    this.nextId = Math.max(this.nextId, id + 1);
    this.arm(lease);
    return id;
  }

  keepAlive(id: number): void {
    this.arm(this.existing(id));
  }

  keysOf(id: number): string[] {
    return [...this.existing(id).keys].sort();
  }

  remove(id: number): void {
    this.leases.get(id)?.timer?.cancel();
    this.leases.delete(id);
  }

  has(id: number): boolean {
    return this.leases.has(id);
  }

  /** Follows a write: a key belongs to the lease of its latest version. */
  apply(events: readonly StoreEvent[]): void {
    for (const { item, previous } of events) {
      if (previous?.lease !== undefined) this.leases.get(previous.lease)?.keys.delete(item.key);
      if (item.lease !== undefined) this.leases.get(item.lease)?.keys.add(item.key);
    }
  }

  /** A key of a snapshot. */
  attach(id: number, key: string): void {
    this.leases.get(id)?.keys.add(key);
  }

  snapshot(): LeaseSnapshot {
    return { nextId: this.nextId, leases: [...this.leases.values()].map(({ id, ttlSeconds }) => ({ id, ttlSeconds })) };
  }

  restore(snapshot: LeaseSnapshot): void {
    for (const { id, ttlSeconds } of snapshot.leases) this.grant(ttlSeconds, id);
    this.nextId = snapshot.nextId;
  }

  /** Time runs from here: after a restart every lease has its whole time again, as in etcd. */
  start(expired: (id: number) => void): void {
    this.expired = expired;
    for (const lease of this.leases.values()) this.arm(lease);
  }

  stop(): void {
    this.expired = undefined;
    for (const lease of this.leases.values()) lease.timer?.cancel();
  }

  private arm(lease: Lease): void {
    lease.timer?.cancel();
    const { expired } = this;
    if (expired) lease.timer = this.clock.setTimer(lease.ttlSeconds * 1000, () => expired(lease.id), { background: true });
  }

  private existing(id: number): Lease {
    const lease = this.leases.get(id);
    if (!lease) throw new LeaseNotFoundError(id);
    return lease;
  }
}
