import type { Attributes } from '../cloud/resource.ts';
import { resourceKey } from '../cloud/resource.ts';
import { timestamp } from '../lib/clock.ts';
import { deepEqual, isPlainObject } from '../lib/json.ts';
import type { Plan } from '../plan/plan.ts';
import type { Operator } from './operator.ts';

/** What was last made of the specs: the middle one of spec, last applied, cloud. */
export interface AppliedState {
  apiVersion: 'kops-ts/applied/v1';
  cluster: string;
  /** RFC 3339: when an update last changed or confirmed something. */
  appliedAt: string;
  /** `Kind/name` → what was wanted of it, references unresolved. */
  resources: Record<string, { attributes: Attributes; instanceGroup?: string }>;
}

/** Below `manifests/`, where kops keeps what it generates: kops reads nothing there that it did not name itself, and its `delete cluster` takes the folder along. */
function appliedKey(cluster: string): string {
  return `${cluster}/manifests/kops-ts/applied.json`;
}

/** Undefined when no update of ours was recorded, or the record cannot be read: it says who changed something, it decides nothing. */
export async function readApplied({ store }: Operator, cluster: string): Promise<AppliedState | undefined> {
  const stored = await store.objects.get(appliedKey(cluster));
  if (!stored) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(stored.data).toString());
    const ours = isPlainObject(value) && value.apiVersion === 'kops-ts/applied/v1' && isPlainObject(value.resources);
    return ours ? (value as unknown as AppliedState) : undefined;
  } catch {
    return undefined;
  }
}

/** Notes what is as the plan wants it: what was so before, and the changes that are `done` (`Kind/name`). Writes nothing when that is known. Call it under the lock. */
export async function recordApplied(operator: Operator, plan: Plan, done: ReadonlySet<string>): Promise<void> {
  const before = (await readApplied(operator, plan.clusterName))?.resources;
  const resources = { ...before };
  for (const action of plan.actions) {
    const key = resourceKey(action);
    if (action.action === 'none' ? false : !done.has(key)) continue;
    if (action.action === 'delete') delete resources[key];
    else if (action.action !== 'none' || action.actual.owned) {
      const { attributes, instanceGroup } = action.desired;
      resources[key] = { attributes, ...(instanceGroup === undefined ? {} : { instanceGroup }) };
    }
  }
  if (deepEqual(before, resources)) return;
  const applied: AppliedState = { apiVersion: 'kops-ts/applied/v1', cluster: plan.clusterName, appliedAt: timestamp(operator.environment.clock), resources };
  await operator.store.objects.put(appliedKey(plan.clusterName), Buffer.from(`${JSON.stringify(applied)}\n`));
}
