import type { Clock } from '../../lib/clock.ts';

/** Longest time a pod's end waits for its endpoint to leave. */
const longestMs = 2_000;
/** For connections that were handed over just before: their first request is still on its way. */
const settleMs = 300;

/** Counts in how many Services an address is ready, and tells when it is in none any more. */
export class DrainWatch {
  private readonly clock: Clock;
  private readonly uses = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(ip: string): void {
    this.uses.set(ip, (this.uses.get(ip) ?? 0) + 1);
  }

  has(ip: string): boolean {
    return this.uses.has(ip);
  }

  /** True when it was the last. */
  remove(ip: string): boolean {
    const left = (this.uses.get(ip) ?? 0) - 1;
    if (left > 0) {
      this.uses.set(ip, left);
      return false;
    }
    this.uses.delete(ip);
    for (const resolve of this.waiting.get(ip) ?? []) resolve();
    this.waiting.delete(ip);
    return true;
  }

  async drained(ip: string): Promise<void> {
    if (!this.uses.has(ip)) return;
    await new Promise<void>((resolve) => {
      const callbacks = this.waiting.get(ip) ?? new Set();
      this.waiting.set(ip, callbacks);
      const timer = this.clock.setTimer(longestMs, () => {
        callbacks.delete(done);
        resolve();
      });
      const done = () => {
        timer.cancel();
        this.clock.setTimer(settleMs, resolve);
      };
      callbacks.add(done);
    });
  }
}
