import type { Clock } from '../../lib/clock.ts';

interface Entry {
  backOffMs: number;
  lastUpdateMs: number;
}

/** Kubernetes' exponential back-off by key: doubles up to a limit, forgotten when nothing failed for twice the limit. */
export class BackOff {
  private readonly clock: Clock;
  private readonly initialMs: number;
  private readonly maxMs: number;
  private readonly entries = new Map<string, Entry>();

  constructor(clock: Clock, initialMs = 10_000, maxMs = 300_000) {
    this.clock = clock;
    this.initialMs = initialMs;
    this.maxMs = maxMs;
  }

  /** Records a failure at `eventMs`; returns the wait that now applies. */
  next(key: string, eventMs: number): number {
    const entry = this.entries.get(key);
    const fresh = !entry || this.expired(entry, eventMs);
    const backOffMs = fresh ? this.initialMs : Math.min(entry.backOffMs * 2, this.maxMs);
    this.entries.set(key, { backOffMs, lastUpdateMs: this.clock.now() });
    return backOffMs;
  }

  /** Milliseconds still to wait after what happened at `eventMs`; 0: go. */
  waitMs(key: string, eventMs: number): number {
    const entry = this.entries.get(key);
    if (!entry || this.expired(entry, eventMs)) return 0;
    return Math.max(0, eventMs + entry.backOffMs - this.clock.now());
  }

  currentMs(key: string): number {
    return this.entries.get(key)?.backOffMs ?? 0;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }

  private expired(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.lastUpdateMs > this.maxMs * 2;
  }
}

/** Go's way to print a duration of whole seconds: `10s`, `1m20s`, `5m0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
