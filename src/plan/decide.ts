import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, type Lifecycle, resourceKey } from '../cloud/resource.ts';
import { changedFields } from './compare.ts';
import type { Action, FieldChange, PlanFinding, PlannedChange, PlanScope } from './plan.ts';

/** What a plan does about one resource that is wanted; nothing when there is nothing to do and nothing there. */
export interface Decision {
  action?: Action;
  /** What would have been done, were it not outside of the scope. */
  excluded?: PlannedChange;
  findings: PlanFinding[];
}

export interface DecideContext {
  /** Everything that exists and keeps its outputs. */
  known: ReadonlyMap<string, ActualResource>;
  kinds: ReadonlyMap<string, ResourceKind>;
  scope: PlanScope;
}

export function lifecycleOf(desired: DesiredResource, scope: PlanScope): Lifecycle {
  return scope.lifecycleOverrides?.[desired.kind] ?? desired.lifecycle ?? 'Sync';
}

/** Whether the scope leaves this kind to somebody else: nothing of it is created, changed or deleted. */
export function isForeign(lifecycle: Lifecycle | undefined): boolean {
  return lifecycle === 'Ignore' || lifecycle === 'ExistsAndValidates' || lifecycle === 'ExistsAndWarnIfChanges';
}

export function inScope(resource: { instanceGroup?: string }, scope: PlanScope): boolean {
  return scope.instanceGroups === undefined || resource.instanceGroup === undefined || scope.instanceGroups.includes(resource.instanceGroup);
}

export function identity(resource: { kind: string; name: string; instanceGroup?: string }): { kind: string; name: string; instanceGroup?: string } {
  const { kind, name, instanceGroup } = resource;
  return { kind, name, ...(instanceGroup === undefined ? {} : { instanceGroup }) };
}

export function decide(desired: DesiredResource, existing: ActualResource | undefined, context: DecideContext): Decision {
  const lifecycle = lifecycleOf(desired, context.scope);
  if (isForeign(lifecycle)) return leave(desired, existing, lifecycle, context);
  const wanted = lifecycle === (desired.lifecycle ?? 'Sync') ? desired : { ...desired, lifecycle };
  if (!existing) return scoped({ action: 'create', ...identity(wanted), desired: wanted }, undefined, context);
  const changes = changedFields(wanted, existing, context.known, context.kinds.get(wanted.kind));
  const none: Action = { action: 'none', ...identity(wanted), desired: wanted, actual: existing };
  if (changes.length === 0) return { action: none, findings: [] };
  if (!existing.owned) return { action: none, findings: [finding('warning', desired, `is shared and stays as it is, although it differs: ${fields(changes)}`)] };
  const effect = context.kinds.get(wanted.kind)?.effect(changes.map((change) => change.field)) ?? 'update';
  return scoped({ action: effect, ...identity(wanted), desired: wanted, actual: existing, changes }, none, context);
}

function scoped(change: PlannedChange, instead: Action | undefined, { scope }: DecideContext): Decision {
  if (inScope(change, scope)) return { action: change, findings: [] };
  return { ...(instead ? { action: instead } : {}), excluded: change, findings: [] };
}

/** Existing things that are somebody else's: looked at at most. */
function leave(desired: DesiredResource, existing: ActualResource | undefined, lifecycle: Lifecycle, { known, kinds }: DecideContext): Decision {
  if (!existing) return { findings: lifecycle === 'Ignore' ? [] : [finding('error', desired, `does not exist, and its lifecycle is ${lifecycle}`)] };
  const action: Action = { action: 'none', ...identity(desired), desired, actual: existing };
  const changes = lifecycle === 'Ignore' ? [] : changedFields(desired, existing, known, kinds.get(desired.kind));
  if (changes.length === 0) return { action, findings: [] };
  const severity = lifecycle === 'ExistsAndValidates' ? 'error' : 'warning';
  return { action, findings: [finding(severity, desired, `differs, and its lifecycle is ${lifecycle}: ${fields(changes)}`)] };
}

function fields(changes: readonly FieldChange[]): string {
  return changes.map((change) => change.field).join(', ');
}

export function finding(severity: PlanFinding['severity'], { kind, name }: { kind: string; name: string }, message: string): PlanFinding {
  return { severity, kind, name, message: `${resourceKey({ kind, name })} ${message}` };
}
