import { isCloudError } from '../../../src/cloud/errors.ts';
import type { Clock } from '../../../src/lib/clock.ts';

/** Creates what `find` does not find. When somebody else was faster, or the answer got lost, what is there now is adopted. */
export async function findOrCreate<T>(find: () => Promise<T | undefined>, create: () => Promise<T | undefined>): Promise<T> {
  const there = await find();
  if (there !== undefined) return there;
  try {
    const made = await create();
    if (made !== undefined) return made;
  } catch (error) {
    const adopted = isCloudError(error, 'ambiguous', 'alreadyExists') ? await find() : undefined;
    if (adopted === undefined) throw error;
    return adopted;
  }
  throw new RangeError('a create was answered without what it created');
}

/** A load balancer lets go of its groups a while after it is deleted: about two minutes are given to it. */
const waitsMs = [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 30_000, 30_000];

export async function untilFree(clock: Clock, signal: AbortSignal, remove: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await remove();
      return;
    } catch (error) {
      if (isCloudError(error, 'notFound')) return;
      const waitMs = waitsMs[attempt];
      if (waitMs === undefined || !isCloudError(error, 'dependency')) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
}

/** Waits for all, also when one fails: nothing goes on behind the back of whoever tries again. Throws the first failure. */
export async function allDone<Parts extends readonly unknown[] | []>(parts: Parts): Promise<{ -readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}
