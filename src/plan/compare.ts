import { differingFields } from '../cloud/differences.ts';
import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, isRef, resourceKey } from '../cloud/resource.ts';
import type { FieldChange } from './plan.ts';

type Known = ReadonlyMap<string, ActualResource>;

/** What differs, as values: references to things that exist are resolved. */
export function changedFields(desired: Pick<DesiredResource, 'attributes'>, existing: ActualResource, known: Known, kind: ResourceKind | undefined): FieldChange[] {
  const wanted = resolveKnown(desired.attributes, known) as Readonly<Record<string, unknown>>;
  return differingFields(wanted, existing, kind).map((field) => ({ field, old: existing.attributes[field] ?? null, new: wanted[field] ?? null }));
}

/** References to things that exist become their values; the others stay references and print as such. */
export function resolveKnown(value: unknown, known: Known): unknown {
  if (isRef(value)) return known.get(resourceKey(value.$ref))?.outputs[value.$ref.output] ?? value;
  if (Array.isArray(value)) return value.map((item) => resolveKnown(item, known));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveKnown(item, known)]));
  return value;
}
