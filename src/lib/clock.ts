/** Time as a parameter: everything that waits or stamps takes a Clock, so that a simulation can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once after `delayMs`; cancelling twice is harmless. A timer never keeps the process alive by itself when `background` is set. */
  setTimer(delayMs: number, callback: () => void, options?: { background?: boolean }): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Timer {
  cancel(): void;
}

/** RFC 3339 with seconds, as Kubernetes writes metav1.Time. */
export function timestamp(clock: Clock): string {
  return formatTime(clock.now());
}

/** The last second that was asked for: a busy server asks for the same one hundreds of times. */
let latest = { second: Number.NaN, text: '' };

/** RFC 3339 to the second: `2026-01-02T03:04:05Z`. */
export function formatTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== latest.second) latest = { second, text: new Date(second * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z') };
  return latest.text;
}

/** RFC 3339 with microseconds, as Kubernetes writes metav1.MicroTime. */
export function microTimestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/Z$/, '000Z');
}

export function parseTime(text: string): number {
  return Date.parse(text);
}

abstract class BaseClock implements Clock {
  abstract now(): number;
  abstract setTimer(delayMs: number, callback: () => void, options?: { background?: boolean }): Timer;

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.setTimer(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

class RealClock extends BaseClock {
  now(): number {
    return Date.now();
  }

  setTimer(delayMs: number, callback: () => void, options?: { background?: boolean }): Timer {
    // Node fires a timer of more than 2^31 ms at once; a year-long wait is re-armed instead.
    const longest = 2 ** 31 - 1;
    const arm = (left: number): NodeJS.Timeout => {
      const part = Math.min(Math.max(left, 0), longest);
      const handle = setTimeout(() => {
        if (left > part) current = arm(left - part);
        else callback();
      }, part);
      if (options?.background) handle.unref();
      return handle;
    };
    let current = arm(delayMs);
    return { cancel: () => clearTimeout(current) };
  }
}

export const realClock: Clock = new RealClock();

interface Pending {
  at: number;
  sequence: number;
  callback: () => void;
}

/** A clock that stands still until it is told to advance; timers fire in order of time, then of arming. */
export class VirtualClock extends BaseClock {
  private current: number;
  private sequence = 0;
  private pending: Pending[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    super();
    this.current = startMs;
  }

  now(): number {
    return this.current;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const entry = { at: this.current + Math.max(0, delayMs), sequence: this.sequence++, callback };
    this.pending.push(entry);
    return {
      cancel: () => {
        const index = this.pending.indexOf(entry);
        if (index >= 0) this.pending.splice(index, 1);
      },
    };
  }

  /** Number of timers that wait. */
  get waiting(): number {
    return this.pending.length;
  }

  /** Moves time forward; after each timer, promise callbacks run before the next one. */
  async advance(byMs: number): Promise<void> {
    const target = this.current + byMs;
    await settle();
    for (let next = this.earliest(target); next; next = this.earliest(target)) {
      this.pending.splice(this.pending.indexOf(next), 1);
      this.current = next.at;
      next.callback();
      await settle();
    }
    this.current = target;
  }

  private earliest(target: number): Pending | undefined {
    let best: Pending | undefined;
    for (const entry of this.pending) {
      if (entry.at > target) continue;
      if (!best || entry.at < best.at || (entry.at === best.at && entry.sequence < best.sequence)) best = entry;
    }
    return best;
  }
}

/** Lets promise chains and immediates run out: one turn of the event loop, twice. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
