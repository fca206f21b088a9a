import type { Timer } from '../lib/clock.ts';
import type { Environment } from '../lib/environment.ts';
import { messageOf } from '../lib/errors.ts';
import { isStatus } from './status.ts';

export interface WorkQueueOptions {
  name: string;
  environment: Environment;
  /** Different keys at the same time; one key never twice at once. Default 5. */
  concurrency?: number;
  /** Brings one thing to its desired state. A key that fails comes again after its back-off; Conflict and NotFound are not worth a log line. */
  reconcile(key: string): Promise<void>;
  /** Back-off of a failing key, doubling: default 5 ms up to 60 s. */
  firstDelayMs?: number;
  longestDelayMs?: number;
}

/** Keys to look at: each once however often it is added, again when it was added while it was worked on. */
export interface WorkQueue {
  /**
   * A key that was just worked on rests a few times as long as that took, so that a storm of changes becomes a handful of looks;
   * `urgent` does not wait for that.
   */
  add(key: string, urgent?: boolean): void;
  /** The earliest of several times counts. */
  addAfter(key: string, delayMs: number): void;
  /** Keys waiting, being worked on, or due later. */
  readonly size: number;
  /** Nothing waits and nothing is worked on now; delayed keys do not count. */
  readonly idle: boolean;
  /** No key is taken up any more; resolves when those being worked on are done. */
  stop(): Promise<void>;
}

const restFactor = 4;
const longestRestMs = 100;

export function startWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedWorkQueue(options);
}

class KeyedWorkQueue implements WorkQueue {
  private readonly options: WorkQueueOptions;
  private readonly concurrency: number;
  private readonly waiting = new Set<string>();
  private readonly working = new Map<string, Promise<void>>();
  /** Added while worked on; true: urgently. */
  private readonly again = new Map<string, boolean>();
  /** Until when a key rests. */
  private readonly resting = new Map<string, number>();
  private readonly delayed = new Map<string, { atMs: number; timer: Timer }>();
  private readonly failures = new Map<string, number>();
  private scheduled = false;
  private stopped = false;

  constructor(options: WorkQueueOptions) {
    this.options = options;
    this.concurrency = options.concurrency ?? 5;
  }

  get size(): number {
    return this.waiting.size + this.working.size + this.delayed.size;
  }

  get idle(): boolean {
    return this.waiting.size === 0 && this.working.size === 0;
  }

  add(key: string, urgent = false): void {
    if (this.stopped || this.waiting.has(key)) return;
    if (this.working.has(key)) {
      this.again.set(key, urgent || this.again.get(key) === true);
      return;
    }
    const restMs = (this.resting.get(key) ?? 0) - this.options.environment.clock.now();
    if (restMs > 0 && !urgent) {
      this.addAfter(key, restMs);
      return;
    }
    this.resting.delete(key);
    this.waiting.add(key);
    this.pump();
  }

  addAfter(key: string, delayMs: number): void {
    if (this.stopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const { clock } = this.options.environment;
    const atMs = clock.now() + delayMs;
    const known = this.delayed.get(key);
    if (known && known.atMs <= atMs) return;
    known?.timer.cancel();
    const timer = clock.setTimer(
      delayMs,
      () => {
        this.delayed.delete(key);
        this.add(key);
      },
      { background: true },
    );
    this.delayed.set(key, { atMs, timer });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.delayed.values()) timer.cancel();
    this.delayed.clear();
    this.waiting.clear();
    this.again.clear();
    this.resting.clear();
    await Promise.all(this.working.values());
  }

  /** In a microtask: what is added in one go is seen as one, and a handler never runs a reconcile inside itself. */
  private pump(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      for (const key of this.waiting) {
        if (this.working.size >= this.concurrency) return;
        this.waiting.delete(key);
        this.working.set(key, this.work(key));
      }
    });
  }

  private async work(key: string): Promise<void> {
    const { clock } = this.options.environment;
    const startMs = clock.now();
    try {
      await this.options.reconcile(key);
      this.failures.delete(key);
    } catch (error) {
      this.failed(key, error);
    }
    this.working.delete(key);
    this.rest(key, clock.now() - startMs);
    const again = this.again.get(key);
    this.again.delete(key);
    if (again !== undefined) this.add(key, again);
    this.pump();
  }

  private rest(key: string, tookMs: number): void {
    if (tookMs === 0) return;
    const { clock } = this.options.environment;
    if (this.resting.size > 1000) for (const [other, untilMs] of this.resting) if (untilMs <= clock.now()) this.resting.delete(other);
    this.resting.set(key, clock.now() + Math.min(tookMs * restFactor, longestRestMs));
  }

  private failed(key: string, error: unknown): void {
    const { name, environment, firstDelayMs = 5, longestDelayMs = 60_000 } = this.options;
    const count = this.failures.get(key) ?? 0;
    this.failures.set(key, count + 1);
    const expected = isStatus(error, 'Conflict', 'NotFound', 'AlreadyExists');
    if (!expected && !this.stopped) environment.log.warn(`${name}: ${key} failed, comes again`, { error: messageOf(error), failures: count + 1 });
    this.addAfter(key, Math.min(firstDelayMs * 2 ** Math.min(count, 40), longestDelayMs));
  }
}
