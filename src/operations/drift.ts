import type { ActualResource, DesiredResource } from '../cloud/resource.ts';
import { resourceKey } from '../cloud/resource.ts';
import { deepEqual } from '../lib/json.ts';
import { resolveKnown } from '../plan/compare.ts';
import { type FieldChange, type Plan, type PlanFinding, type PlannedChange, pendingChanges } from '../plan/plan.ts';
import { type AppliedState, readApplied } from './applied-state.ts';
import { clusterContext, withProvider } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { planCluster } from './plan-cluster.ts';
import { readSpecs } from './stored-clusters.ts';

/**
 * Whose doing a difference between spec and cloud is: the spec changed since the last update, the cloud was changed behind kops-ts,
 * both, or nobody knows because no update of it is on record.
 */
export type DriftOwner = 'spec' | 'cloud' | 'both' | 'unknown';

export interface DriftField {
  field: string;
  owner: DriftOwner;
  /** Null: none. */
  spec: unknown;
  applied: unknown;
  cloud: unknown;
}

export interface Difference {
  owner: DriftOwner;
  /** Seen from the spec: in the cloud it is missing, superfluous, or different. */
  type: 'missing' | 'superfluous' | 'different';
  kind: string;
  name: string;
  instanceGroup?: string;
  fields: DriftField[];
}

export interface Drift {
  cluster: string;
  /** RFC 3339; undefined when no update was recorded. */
  appliedAt?: string;
  differences: Difference[];
  /** Shared things that are not as the spec says: never ours to change, so they are no drift that an update could mend. */
  findings: PlanFinding[];
}

/** Compares spec, what was last applied, and cloud. Changes nothing. */
export async function getDrift(operator: Operator, name: string): Promise<Drift> {
  const context = await clusterContext(operator, await readSpecs(operator, name));
  return withProvider(operator, context, async (provider) => {
    const [{ plan, actual }, applied] = await Promise.all([planCluster(operator, context, provider, { scope: () => ({ prune: true }) }), readApplied(operator, name)]);
    return compareDrift(plan, actual, applied);
  });
}

/** Pure. `plan`: of the whole cluster, with `prune`. */
export function compareDrift(plan: Plan, actual: readonly ActualResource[], applied: AppliedState | undefined): Drift {
  const known = new Map(actual.map((resource) => [resourceKey(resource), resource]));
  const differences = pendingChanges(plan).map((change): Difference => {
    const { kind, name, instanceGroup } = change;
    const before = applied?.resources[resourceKey(change)];
    const fields = 'changes' in change ? change.changes.map((field) => driftField(field, change.desired, before, known)) : [];
    const owner = fields.length > 0 ? together(fields.map((field) => field.owner)) : presenceOwner(change, before !== undefined, applied, actual);
    const type = change.action === 'create' ? 'missing' : change.action === 'delete' ? 'superfluous' : 'different';
    return { owner, type, kind, name, ...(instanceGroup === undefined ? {} : { instanceGroup }), fields };
  });
  return { cluster: plan.clusterName, ...(applied ? { appliedAt: applied.appliedAt } : {}), differences, findings: plan.findings };
}

/** Something is missing or superfluous: who had it there decides. An update that never ran leaves everything to the spec. */
function presenceOwner(change: PlannedChange, wasApplied: boolean, applied: AppliedState | undefined, actual: readonly ActualResource[]): DriftOwner {
  if (!applied) return actual.length === 0 ? 'spec' : 'unknown';
  if (change.action === 'create') return wasApplied ? 'cloud' : 'spec';
  return wasApplied ? 'spec' : 'cloud';
}

function driftField(
  { field, old: cloud, new: spec }: FieldChange,
  desired: DesiredResource,
  before: { attributes: Readonly<Record<string, unknown>> } | undefined,
  known: ReadonlyMap<string, ActualResource>,
): DriftField {
  if (!before) return { field, owner: 'unknown', spec, applied: null, cloud };
  const applied = resolveKnown(before.attributes[field] ?? null, known) ?? null;
  const specChanged = !deepEqual(before.attributes[field], desired.attributes[field]);
  const cloudChanged = !deepEqual(applied, cloud);
  return { field, owner: specChanged && cloudChanged ? 'both' : specChanged ? 'spec' : 'cloud', spec, applied, cloud };
}

function together(owners: readonly DriftOwner[]): DriftOwner {
  const [first = 'unknown'] = owners;
  return owners.every((owner) => owner === first) ? first : 'both';
}
