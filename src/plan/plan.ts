import type { ActualResource, DesiredResource } from '../cloud/resource.ts';

/** desired × actual, as data. Stable order, a hash, many renderings. */
export interface Plan {
  clusterName: string;
  provider: string;
  region: string;
  actions: Action[];
  /** SHA-256 (hex) of the actions: equal plans have equal hashes. */
  hash: string;
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
