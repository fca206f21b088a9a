import type { Condition } from '../../kube/objects.ts';
import { type Clock, timestamp } from '../../lib/clock.ts';

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The list with this condition in it; the transition time moves only with the status. Equal status and reason: unchanged. */
export function withCondition(conditions: readonly Condition[], condition: Condition, clock: Clock): Condition[] {
  const current = conditionOf(conditions, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return [...conditions];
  const now = timestamp(clock);
  const lastTransitionTime = current?.status === condition.status ? (current.lastTransitionTime ?? now) : now;
  return [...withoutCondition(conditions, condition.type), { lastTransitionTime, ...condition }];
}

export function withoutCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}
