import { ConditionFailed, type ObjectStore } from './object-store.ts';

/**
 * Finds out with an object of its own whether a store keeps its word on conditional writes: a second creation and a write over another version
 * must fail, a write over the right version must not (some servers get one of these wrong, some only on versioned buckets).
 */
export async function probeConditions(objects: ObjectStore, key: string): Promise<boolean> {
  const data = (text: string) => Buffer.from(`${text}: kops-ts sees whether this server honours conditional writes; may be deleted\n`);
  try {
    const first = await objects.put(key, data('1'), { ifNoneMatch: '*' });
    if (!(await fails(objects.put(key, data('2'), { ifNoneMatch: '*' })))) return false;
    const second = await objects.put(key, data('3'), { ifMatch: first.etag });
    return second.etag !== first.etag && (await fails(objects.put(key, data('4'), { ifMatch: first.etag })));
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  } finally {
    await objects.delete(key);
  }
}

async function fails(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return false;
  } catch (error) {
    if (error instanceof ConditionFailed) return true;
    throw error;
  }
}
