import { type ActualResource, type DesiredResource, isRef, resourceKey } from '../cloud/resource.ts';
import { deepEqual, sameMembers } from '../lib/json.ts';
import type { FieldChange } from './plan.ts';

type Known = ReadonlyMap<string, ActualResource>;

/** Only attributes the model names count: what it leaves out is the cloud's to choose. `unordered`: lists that are sets. */
export function changedFields(desired: Pick<DesiredResource, 'attributes'>, existing: ActualResource, known: Known, unordered: readonly string[] = []): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of Object.keys(desired.attributes).sort()) {
    const wanted = resolveKnown(desired.attributes[field], known);
    if (wanted === undefined) continue;
    const found = existing.attributes[field] ?? null;
    if (!(unordered.includes(field) ? sameMembers(wanted, found) : deepEqual(wanted, found))) changes.push({ field, old: found, new: wanted });
  }
  return changes;
}

/** References to things that exist become their values; the others stay references and print as such. */
export function resolveKnown(value: unknown, known: Known): unknown {
  if (isRef(value)) return known.get(resourceKey(value.$ref))?.outputs[value.$ref.output] ?? value;
  if (Array.isArray(value)) return value.map((item) => resolveKnown(item, known));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveKnown(item, known)]));
  return value;
}
