import { formatTime } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { formatYaml, parseYaml } from '../lib/yaml.ts';
import { parseKopsObject } from '../spec/schema.ts';
import type { KopsObject } from '../spec/types.ts';
import { ConditionFailed, type ObjectStore, type WriteCondition } from './object-store.ts';
import { alreadyStored, changedMeanwhile, corruptObject } from './state-errors.ts';

/** Something stored, with the version that was read: give the etag back to write only over that one. */
export interface Stored<T> {
  value: T;
  etag: string;
  modifiedMs: number;
}

/** Reads at once, at most: enough to hide the latency of a bucket (500 objects at 20 ms each are 160 ms of waiting), few enough not to be throttled. */
export const parallelReads = 64;

/** The object as `kind`, shape checked. Undefined when there is none; throws KopsError STATE_CORRUPT when it is something else. */
export async function readKopsObject<K extends KopsObject['kind']>(
  objects: ObjectStore,
  key: string,
  kind: K,
  name: string,
): Promise<Stored<Extract<KopsObject, { kind: K }>> | undefined> {
  const stored = await objects.get(key);
  if (!stored) return undefined;
  const value = parse(objects, key, stored.data);
  if (value.kind !== kind) throw corruptObject(key, objects.url, `it is a ${value.kind}, not a ${kind}`);
  if (value.metadata.name !== name) throw corruptObject(key, objects.url, `its metadata.name is ${JSON.stringify(value.metadata.name)}, not ${JSON.stringify(name)}`);
  return { value: value as Extract<KopsObject, { kind: K }>, etag: stored.etag, modifiedMs: stored.modifiedMs };
}

function parse(objects: ObjectStore, key: string, data: Uint8Array): KopsObject {
  try {
    return parseKopsObject(parseYaml(Buffer.from(data).toString(), key), key);
  } catch (error) {
    throw corruptObject(key, objects.url, messageOf(error), error);
  }
}

/** kops' own form: YAML with sorted keys. */
export function encodeKopsObject(object: KopsObject): Uint8Array {
  return Buffer.from(formatYaml(object, { sortKeys: true }));
}

/** `create`: must not be there yet; an etag: must still be that version; undefined: whatever is there. */
export type Expectation = 'create' | { etag: string } | undefined;

/** Throws KopsError STATE_EXISTS or STATE_CONFLICT when the expectation does not hold. */
export async function writeObject(objects: ObjectStore, key: string, data: Uint8Array, expectation: Expectation): Promise<{ etag: string }> {
  try {
    return await objects.put(key, data, conditionOf(expectation));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const winner = await lastWrite(objects, key);
    throw expectation === 'create' ? alreadyStored(key, winner) : changedMeanwhile(key, winner);
  }
}

/** Who was faster, and when: `ann@laptop pid 4711 at 2026-08-01T09:00:00Z`. */
export async function lastWrite(objects: ObjectStore, key: string): Promise<string> {
  const stored = await objects.get(key);
  const writer = stored?.writer ?? 'somebody else';
  return stored ? `${writer} at ${formatTime(stored.modifiedMs)}` : writer;
}

function conditionOf(expectation: Expectation): WriteCondition | undefined {
  if (expectation === undefined) return undefined;
  return expectation === 'create' ? { ifNoneMatch: '*' } : { ifMatch: expectation.etag };
}

/** Like Promise.all over `items`, with at most `parallelReads` at once. */
export async function mapBounded<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await run(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelReads, items.length) }, worker));
  return results;
}
