import { createHash } from 'node:crypto';
import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, isRef, resourceKey } from '../cloud/resource.ts';
import { canonicalJson, deepEqual } from '../lib/json.ts';
import type { Action, FieldChange, Plan } from './plan.ts';

export interface PlanInput {
  clusterName: string;
  provider: string;
  region: string;
  desired: readonly DesiredResource[];
  actual: readonly ActualResource[];
  kinds: ReadonlyMap<string, ResourceKind>;
}

/** desired × actual → plan. Pure: the same input gives the same bytes. What the cluster's own controllers made is left alone. */
export function buildPlan(input: PlanInput): Plan {
  const actual = new Map(input.actual.filter((resource) => resource.manager !== 'kubernetes').map((resource) => [resourceKey(resource), resource]));
  const desired = new Set(input.desired.map(resourceKey));
  const actions: Action[] = planDesired(input, actual);
  for (const [key, resource] of actual) {
    if (!desired.has(key) && resource.owned) actions.push({ action: 'delete', ...identity(resource), actual: resource });
  }
  const rank = (action: Action) => input.kinds.get(action.kind)?.rank ?? Number.MAX_SAFE_INTEGER;
  actions.sort((a, b) => rank(a) - rank(b) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const { clusterName, provider, region } = input;
  return { clusterName, provider, region, actions, hash: hashActions(actions) };
}

/** What is replaced gets new outputs, which may change those who refer to it: repeated until no more replacements appear. */
function planDesired(input: PlanInput, actual: ReadonlyMap<string, ActualResource>): Action[] {
  const desired = input.desired.filter((resource) => resource.lifecycle !== 'Ignore');
  const known = new Map(actual);
  for (;;) {
    const actions = desired.map((resource) => planResource(resource, actual.get(resourceKey(resource)), known, input.kinds));
    const replaced = actions.filter((action) => action.action === 'replace' && known.has(resourceKey(action)));
    if (replaced.length === 0) return actions;
    for (const action of replaced) known.delete(resourceKey(action));
  }
}

function planResource(
  desired: DesiredResource,
  existing: ActualResource | undefined,
  known: ReadonlyMap<string, ActualResource>,
  kinds: ReadonlyMap<string, ResourceKind>,
): Action {
  if (!existing) return { action: 'create', ...identity(desired), desired };
  const changes = changedFields(desired, existing, known);
  if (changes.length === 0 || !existing.owned) return { action: 'none', ...identity(desired), desired, actual: existing };
  const effect = kinds.get(desired.kind)?.effect(changes.map((change) => change.field)) ?? 'update';
  return { action: effect, ...identity(desired), desired, actual: existing, changes };
}

/** Only attributes the model names count: what it leaves out is the cloud's to choose. */
function changedFields(desired: DesiredResource, existing: ActualResource, actual: ReadonlyMap<string, ActualResource>): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of Object.keys(desired.attributes).sort()) {
    const wanted = resolveKnown(desired.attributes[field], actual);
    if (wanted === undefined) continue;
    const found = existing.attributes[field];
    if (!deepEqual(wanted, found ?? null) && !deepEqual(wanted, found)) changes.push({ field, old: found ?? null, new: wanted });
  }
  return changes;
}

/** References to things that exist become their values; the others stay references and print as such. */
function resolveKnown(value: unknown, actual: ReadonlyMap<string, ActualResource>): unknown {
  if (isRef(value)) return actual.get(resourceKey(value.$ref))?.outputs[value.$ref.output] ?? value;
  if (Array.isArray(value)) return value.map((item) => resolveKnown(item, actual));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveKnown(item, actual)]));
  return value;
}

function identity(resource: { kind: string; name: string; instanceGroup?: string }): { kind: string; name: string; instanceGroup?: string } {
  const { kind, name, instanceGroup } = resource;
  return instanceGroup === undefined ? { kind, name } : { kind, name, instanceGroup };
}

function hashActions(actions: readonly Action[]): string {
  const essence = actions.map((action) => {
    if (action.action === 'create') return [action.action, action.kind, action.name, action.desired.attributes];
    if (action.action === 'delete' || action.action === 'none') return [action.action, action.kind, action.name, action.actual.id];
    return [action.action, action.kind, action.name, action.actual.id, action.changes];
  });
  return createHash('sha256').update(canonicalJson(essence)).digest('hex');
}
