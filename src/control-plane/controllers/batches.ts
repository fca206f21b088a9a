/** Runs `action` for 1, 2, 4 … of the items at once, and stops after the first batch with a failure. Gives how many succeeded, and the first failure. */
export async function slowStart<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<{ succeeded: number; error?: unknown }> {
  let succeeded = 0;
  for (let start = 0, size = 1; start < items.length; start += size, size *= 2) {
    const results = await Promise.allSettled(items.slice(start, start + size).map(action));
    succeeded += results.filter(({ status }) => status === 'fulfilled').length;
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) return { succeeded, error: failed.reason };
  }
  return { succeeded };
}
