import { createHash } from 'node:crypto';
import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, refsIn, resourceKey } from '../cloud/resource.ts';
import { canonicalJson } from '../lib/json.ts';
import { type Decision, decide, finding, identity, inScope, isForeign } from './decide.ts';
import type { Action, Plan, PlanFinding, PlannedChange, PlanScope } from './plan.ts';
import { usersOf } from './users.ts';

export interface PlanInput {
  clusterName: string;
  provider: string;
  region: string;
  desired: readonly DesiredResource[];
  actual: readonly ActualResource[];
  kinds: ReadonlyMap<string, ResourceKind>;
  /** Absent: everything, with what is in no spec any more deleted. */
  scope?: PlanScope;
}

const everything: PlanScope = { prune: true };

/** desired × actual → plan. Pure: the same input gives the same bytes. What the cluster's own controllers made is left alone. */
export function buildPlan(input: PlanInput): Plan {
  const scope = input.scope ?? everything;
  const actual = new Map(input.actual.filter((resource) => resource.manager !== 'kubernetes').map((resource) => [resourceKey(resource), resource]));
  const decisions = decideAll(input, scope, actual);
  const actions = decisions.flatMap(({ action }) => action ?? []);
  const excluded = decisions.flatMap((decision) => decision.excluded ?? []);
  const removals = unwanted(input, scope, actual, actions);
  actions.push(...removals.deleted);
  const order = inOrder(input.kinds);
  const parts = {
    actions: actions.sort(order),
    leftovers: removals.kept.sort(order),
    excluded: [...excluded, ...removals.excluded].sort(order),
    findings: [...decisions.flatMap(({ findings }) => findings), ...missing(actions), ...blocked(input, actions), ...refused(input, actions)].sort(order),
  };
  const { clusterName, provider, region } = input;
  return { clusterName, provider, region, scope, ...parts, hash: hashOf(parts) };
}

function inOrder(kinds: ReadonlyMap<string, ResourceKind>): (a: { kind: string; name: string }, b: { kind: string; name: string }) => number {
  const rank = (kind: string) => kinds.get(kind)?.rank ?? Number.MAX_SAFE_INTEGER;
  return (a, b) => rank(a.kind) - rank(b.kind) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** What is replaced, or changed so that outputs get new values, may change those who refer to it: repeated until that is so for no more. */
function decideAll(input: PlanInput, scope: PlanScope, actual: ReadonlyMap<string, ActualResource>): Decision[] {
  const known = new Map(actual);
  for (;;) {
    const decisions = input.desired.map((resource) => decide(resource, actual.get(resourceKey(resource)), { known, kinds: input.kinds, scope }));
    const renewed = decisions.filter(({ action }) => action && forgetOutputs(action, known, input.kinds));
    if (renewed.length === 0) return decisions;
  }
}

/** What an action gives a new value is not known before it is done. Says whether it was known until now. */
function forgetOutputs(action: Action, known: Map<string, ActualResource>, kinds: ReadonlyMap<string, ResourceKind>): boolean {
  const key = resourceKey(action);
  if (action.action === 'replace') return known.delete(key);
  if (action.action !== 'update' && action.action !== 'roll') return false;
  const renewed = kinds.get(action.kind)?.newOutputs?.(action.changes.map((change) => change.field)) ?? [];
  const { outputs } = known.get(key) ?? action.actual;
  if (!renewed.some((output) => output in outputs)) return false;
  const kept = Object.entries(outputs).filter(([output]) => !renewed.includes(output));
  known.set(key, { ...action.actual, outputs: Object.fromEntries(kept) });
  return true;
}

interface Removals {
  deleted: Action[];
  kept: ActualResource[];
  excluded: PlannedChange[];
}

/** Ours and in no spec any more. Without `prune` it stays, unless something that is replaced could not go before it, or it lets somebody in. */
function unwanted(input: PlanInput, scope: PlanScope, actual: ReadonlyMap<string, ActualResource>, actions: readonly Action[]): Removals {
  const desired = new Set(input.desired.map(resourceKey));
  const candidates = [...actual.values()].filter((resource) => resource.owned && !desired.has(resourceKey(resource)) && !isForeign(scope.lifecycleOverrides?.[resource.kind]));
  const replaced = actions.flatMap((action) => (action.action === 'replace' ? [action.actual] : []));
  const inTheWay = replaced.length > 0 ? usersOf(replaced, [...candidates, ...replaced], input.kinds) : new Set<string>();
  const removals: Removals = { deleted: [], kept: [], excluded: [] };
  for (const resource of candidates) {
    const change: PlannedChange = { action: 'delete', ...identity(resource), actual: resource };
    if (inTheWay.has(resourceKey(resource))) removals.deleted.push(change);
    else if (!scope.prune && !resource.deletedWithoutPrune) removals.kept.push(resource);
    else if (inScope(resource, scope)) removals.deleted.push(change);
    else removals.excluded.push(change);
  }
  return removals;
}

/** What a change refers to and nobody makes: ignored by its lifecycle, or outside of the scope. */
function missing(actions: readonly Action[]): PlanFinding[] {
  const there = new Set(actions.filter((action) => action.action !== 'delete').map(resourceKey));
  return actions.flatMap((action) => {
    if (action.action === 'delete' || action.action === 'none') return [];
    const absent = new Set(refsIn(action.desired.attributes).flatMap(({ $ref }) => (there.has(resourceKey($ref)) ? [] : [resourceKey($ref)])));
    return [...absent].map((key) => finding('error', action, `needs ${key}, which does not exist and which this plan does not make`));
  });
}

/** A replacement that could never begin: something that stays uses what would have to go first. */
function blocked(input: PlanInput, actions: readonly Action[]): PlanFinding[] {
  const ofCluster = input.actual.filter((resource) => resource.manager === 'kubernetes');
  const staying = [...ofCluster, ...actions.flatMap((action) => (action.action === 'none' || action.action === 'update' || action.action === 'roll' ? [action.actual] : []))];
  return actions.flatMap((action) => {
    if (action.action !== 'replace') return [];
    const users = input.kinds.get(action.kind)?.deleteAfter?.(action.actual, staying) ?? [];
    const fields = action.changes.map((change) => change.field).join(', ');
    return users.length === 0 ? [] : [finding('error', action, `cannot change its ${fields} while it is in use by ${users.map(resourceKey).join(', ')}`)];
  });
}

/** A change that its kind knows to be impossible. */
function refused({ kinds }: PlanInput, actions: readonly Action[]): PlanFinding[] {
  return actions.flatMap((action) => {
    if (action.action === 'create' || action.action === 'delete' || action.action === 'none') return [];
    const why = kinds.get(action.kind)?.refuses?.(action.actual, action.desired.attributes);
    return why === undefined ? [] : [finding('error', action, why)];
  });
}

function hashOf(parts: Pick<Plan, 'actions' | 'leftovers' | 'excluded' | 'findings'>): string {
  const essence = (action: Action) => {
    if (action.action === 'create') return [action.action, action.kind, action.name, action.desired.attributes];
    if (action.action === 'delete' || action.action === 'none') return [action.action, action.kind, action.name, action.actual.id];
    return [action.action, action.kind, action.name, action.actual.id, action.changes];
  };
  const { actions, leftovers, excluded, findings } = parts;
  const all = [actions.map(essence), leftovers.map(({ id }) => id), excluded.map(essence), findings];
  return createHash('sha256').update(canonicalJson(all)).digest('hex');
}
