import type { ActualResource, DesiredResource, Lifecycle } from '../cloud/resource.ts';

/** desired × actual, as data. Stable order, a hash, many renderings. */
export interface Plan {
  clusterName: string;
  provider: string;
  region: string;
  scope: PlanScope;
  actions: Action[];
  /** Ours and in no spec any more: stays as it is, because the scope has no `prune`. */
  leftovers: ActualResource[];
  /** Changes of instance groups outside of the scope: not made by this plan. */
  excluded: PlannedChange[];
  /** What the lifecycles have to say. With an error among them the plan cannot be applied. */
  findings: PlanFinding[];
  /** SHA-256 (hex) of the actions and all that was left out: equal plans have equal hashes. */
  hash: string;
}

/** What a plan is about: asked for by whoever makes it, kept with it. */
export interface PlanScope {
  /** What is ours and in no spec any more is deleted. */
  prune: boolean;
  /** Only these instance groups, and what belongs to none. Absent: all. */
  instanceGroups?: readonly string[];
  /** By resource kind; stronger than what the model says. */
  lifecycleOverrides?: Readonly<Record<string, Lifecycle>>;
}

export interface PlanFinding {
  severity: 'error' | 'warning';
  kind: string;
  name: string;
  message: string;
}

interface ActionBase {
  kind: string;
  name: string;
  instanceGroup?: string;
}

export interface FieldChange {
  field: string;
  old: unknown;
  new: unknown;
}

export type Action =
  | (ActionBase & { action: 'create'; desired: DesiredResource })
  | (ActionBase & { action: 'update'; desired: DesiredResource; actual: ActualResource; changes: FieldChange[] })
  /** Deleted and created anew: an attribute changed that can't change in place. */
  | (ActionBase & { action: 'replace'; desired: DesiredResource; actual: ActualResource; changes: FieldChange[] })
  /** Changed in place; running instances keep the old until a rolling update. */
  | (ActionBase & { action: 'roll'; desired: DesiredResource; actual: ActualResource; changes: FieldChange[] })
  | (ActionBase & { action: 'delete'; actual: ActualResource })
  | (ActionBase & { action: 'none'; desired: DesiredResource; actual: ActualResource });

export type PlannedChange = Exclude<Action, { action: 'none' }>;

export function pendingChanges(plan: Plan): PlannedChange[] {
  return plan.actions.filter((action): action is PlannedChange => action.action !== 'none');
}

/** What there will be of ours when the plan is carried out: wanted things, and what stays although nobody wants it. */
export function resultOf(plan: Plan): (DesiredResource | ActualResource)[] {
  const kept = plan.excluded.flatMap((change) => ('actual' in change ? [change.actual] : []));
  const keptKeys = new Set(kept.map((resource) => `${resource.kind}/${resource.name}`));
  const wanted = plan.actions.flatMap((action) => {
    if (action.action === 'delete' || keptKeys.has(`${action.kind}/${action.name}`)) return [];
    return action.action === 'none' && !action.actual.owned ? [] : [action.desired];
  });
  return [...wanted, ...kept, ...plan.leftovers];
}
