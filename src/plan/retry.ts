import { type CloudError, isCloudError } from '../cloud/errors.ts';
import type { Environment } from '../lib/environment.ts';
import { messageOf } from '../lib/errors.ts';

export interface RetryOptions {
  environment: Pick<Environment, 'clock' | 'random'>;
  signal: AbortSignal;
  /** Give up when this much time has passed since the first failure; may depend on what the last one was. */
  limitMs: number | ((error: CloudError) => number);
  onRetry(message: string, afterMs: number): void;
}

const firstDelayMs = 250;
const longestDelayMs = 10_000;

/** Repeats what a cloud calls temporary; everything else fails at once. Exponential, with jitter of a quarter. Cancelled, it fails with what it would have retried. */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random } = options.environment;
  let firstFailure: number | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isCloudError(error) || !error.retryable || options.signal.aborted) throw error;
      firstFailure ??= clock.now();
      const limitMs = typeof options.limitMs === 'number' ? options.limitMs : options.limitMs(error);
      if (clock.now() - firstFailure >= limitMs) throw error;
      const afterMs = Math.round(Math.min(longestDelayMs, firstDelayMs * 2 ** attempt) * (1 + random.next() / 4));
      options.onRetry(messageOf(error), afterMs);
      await clock.sleep(afterMs, options.signal).catch(() => undefined);
      if (options.signal.aborted) throw error;
    }
  }
}
