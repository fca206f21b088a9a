import type { Clock } from '../../../lib/clock.ts';
import type { Store } from '../../store/store.ts';

/** Objects that are written within this time share a lease and so may live that much longer. */
const shareMs = 60_000;

/** Leases for objects that go by themselves: one for many, not one each. */
export class LeasePool {
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly open = new Map<number, { lease: Promise<number>; sinceMs: number }>();

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  /** A lease under which an object lives for `ttlSeconds`, or a minute longer. */
  leaseFor(ttlSeconds: number): Promise<number> {
    const current = this.open.get(ttlSeconds);
    if (current && this.clock.now() - current.sinceMs < shareMs) return current.lease;
    const lease = this.store.grantLease(ttlSeconds + shareMs / 1000);
    this.open.set(ttlSeconds, { lease, sinceMs: this.clock.now() });
    lease.catch(() => this.open.delete(ttlSeconds));
    return lease;
  }
}
