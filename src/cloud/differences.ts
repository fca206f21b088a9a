import { deepEqual, sameMembers } from '../lib/json.ts';
import type { ResourceKind } from './provider.ts';
import type { ActualResource } from './resource.ts';

type Rules = Pick<ResourceKind, 'unordered' | 'clearable' | 'same'>;

/**
 * Attributes that are not as wanted, in order. Only what the model names counts, and what a kind says can be cleared: everything else that it
 * leaves out is the cloud's to choose. `wanted`: with Refs resolved as far as they are known.
 */
export function differingFields(wanted: Readonly<Record<string, unknown>>, { attributes }: Pick<ActualResource, 'attributes'>, rules: Rules = {}): string[] {
  const isSet = (value: unknown) => value !== undefined && value !== null;
  const cleared = (rules.clearable ?? []).filter((field) => !isSet(wanted[field]) && isSet(attributes[field]));
  const named = Object.keys(wanted).filter((field) => {
    if (wanted[field] === undefined) return false;
    const said = rules.same?.(field, wanted[field], attributes);
    const equal = rules.unordered?.includes(field) ? sameMembers : deepEqual;
    return !(said ?? equal(wanted[field], attributes[field] ?? null));
  });
  return [...new Set([...named, ...cleared])].sort();
}
