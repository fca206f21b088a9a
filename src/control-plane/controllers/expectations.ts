import type { Clock } from '../../lib/clock.ts';

interface Expected {
  creations: number;
  deletions: Set<string>;
  atMs: number;
}

const forgottenAfterMs = 300_000;

/** What a controller has asked for and not yet seen come true in its informers: until then its picture is too old to act on. */
export class Expectations {
  private readonly clock: Clock;
  private readonly expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** True also after five minutes: an event may have been missed. */
  satisfied(key: string): boolean {
    const expected = this.expected.get(key);
    return !expected || (expected.creations <= 0 && expected.deletions.size === 0) || this.clock.now() - expected.atMs > forgottenAfterMs;
  }

  expectCreations(key: string, count: number): void {
    this.expected.set(key, { creations: count, deletions: new Set(), atMs: this.clock.now() });
  }

  expectDeletions(key: string, uids: Iterable<string>): void {
    this.expected.set(key, { creations: 0, deletions: new Set(uids), atMs: this.clock.now() });
  }

  /** Seen, or never coming. */
  created(key: string, count = 1): void {
    const expected = this.expected.get(key);
    if (expected) expected.creations -= count;
  }

  deleted(key: string, uid: string): void {
    this.expected.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.expected.delete(key);
  }
}
