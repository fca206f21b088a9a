import { resourceKey } from '../cloud/resource.ts';
import type { Plan } from '../plan/plan.ts';
import { type Costed, type CostKinds, type Estimate, type EstimateContext, estimateCost } from './estimate.ts';

/** An estimate beside what runs today. `before` is absent for a cluster that does not exist yet. */
export interface CostChange {
  before?: Estimate;
  after: Estimate;
  /** Why they differ, the dearest first. */
  causes: CostCause[];
}

export interface CostCause {
  kind: string;
  name: string;
  instanceGroup?: string;
  /** USD a month, at the current size. */
  monthly: number;
  reason: 'new' | 'deleted' | 'changed';
  /** Of a change: the fields that matter for the price. `of`: the resource they belong to, where it is another one. */
  fields: { field: string; old: unknown; new: unknown; of?: string }[];
}

/** Below this a difference is rounding. USD a month. */
const noticeable = 0.005;

/** Compares what runs with what there will be, and says which resource or field makes the difference. Pure. */
export function costChange(before: readonly Costed[], after: readonly Costed[], plan: Plan, context: EstimateContext): CostChange {
  const then = estimateCost(after, context);
  if (before.length === 0) return { after: then, causes: [] };
  const now = estimateCost(before, context);
  return { before: now, after: then, causes: causesOf(before, after, { now, then }, plan, context) };
}

function causesOf(before: readonly Costed[], after: readonly Costed[], { now, then }: { now: Estimate; then: Estimate }, plan: Plan, context: EstimateContext): CostCause[] {
  const old = new Map(now.resources.map((resource) => [resourceKey(resource), resource]));
  const next = new Map(then.resources.map((resource) => [resourceKey(resource), resource]));
  const existed = new Set(before.map(resourceKey));
  const stays = new Set(after.map(resourceKey));
  const causes = [...new Set([...old.keys(), ...next.keys()])].flatMap((key): CostCause[] => {
    const [was, is] = [old.get(key), next.get(key)];
    const monthly = (is?.monthly.desired ?? 0) - (was?.monthly.desired ?? 0);
    const resource = is ?? was;
    if (!resource || Math.abs(monthly) < noticeable) return [];
    const { kind, name, instanceGroup } = resource;
    const reason = !existed.has(key) ? 'new' : stays.has(key) ? 'changed' : 'deleted';
    const involved = [key, ...new Set([...(was?.dependsOn ?? []), ...(is?.dependsOn ?? [])])];
    const fields = reason === 'changed' ? pricedFields(key, involved, before, plan, context) : [];
    return [{ kind, name, ...(instanceGroup === undefined ? {} : { instanceGroup }), monthly, reason, fields }];
  });
  return causes.sort((a, b) => Math.abs(b.monthly) - Math.abs(a.monthly) || (resourceKey(a) < resourceKey(b) ? -1 : 1));
}

/** Of all changes of a resource and those it depends on, the ones that alone would change its price; all of them when none does alone. */
function pricedFields(key: string, involved: readonly string[], resources: readonly Costed[], plan: Plan, context: EstimateContext): CostCause['fields'] {
  const changes = plan.actions.flatMap((action) => {
    const of = resourceKey(action);
    return 'changes' in action && involved.includes(of) ? action.changes.map((change) => ({ ...change, of })) : [];
  });
  const price = priceOf(key, resources, context);
  const base = price();
  const matter = changes.filter(({ of, field, new: value }) => Math.abs(price({ of, field, value }) - base) >= noticeable);
  return (matter.length > 0 ? matter : changes).map(({ of, field, old, new: value }) => ({ field, old, new: value, ...(of === key ? {} : { of }) }));
}

/** The price of one resource among the others, with one field of one of them as it will be. */
function priceOf(key: string, resources: readonly Costed[], context: EstimateContext): (change?: { of: string; field: string; value: unknown }) => number {
  const kinds = onlyKind(key, context.kinds);
  return (change) => {
    const changed = change ? resources.map((resource) => (resourceKey(resource) === change.of ? withField(resource, change.field, change.value) : resource)) : resources;
    return estimateCost(changed, { ...context, kinds }).resources.find((resource) => resourceKey(resource) === key)?.monthly.desired ?? 0;
  };
}

function onlyKind(key: string, kinds: CostKinds): CostKinds {
  const name = key.slice(0, key.indexOf('/'));
  const kind = kinds.get(name);
  return new Map(kind ? [[name, kind]] : []);
}

function withField(resource: Costed, field: string, value: unknown): Costed {
  return { ...resource, attributes: { ...resource.attributes, [field]: value } };
}
