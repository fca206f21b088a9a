import type { Pod, ReplicaSet } from '../../../kube/objects.ts';
import { matchesLabels, selectorOfLabels } from '../../../kube/selectors.ts';
import type { Clock } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import { conditionOf, withCondition, withoutCondition } from '../conditions.ts';
import { availableIn } from '../pods.ts';

/** `againInMs`: when the next pod will have been ready for long enough. */
export function replicaSetStatus(
  replicaSet: ReplicaSet,
  active: readonly Pod[],
  failure: unknown,
  clock: Clock,
): { status: NonNullable<ReplicaSet['status']>; againInMs?: number } {
  const { spec, metadata } = replicaSet;
  const templateLabels = selectorOfLabels(spec.template.metadata?.labels ?? {});
  const waits = active.map((pod) => availableIn(pod, spec.minReadySeconds ?? 0, clock.now())).filter((wait) => wait !== undefined);
  const status: NonNullable<ReplicaSet['status']> = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => matchesLabels(templateLabels, pod.metadata.labels)).length,
    readyReplicas: waits.length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: metadata.generation ?? 0,
  };
  for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) if (status[field] === 0) delete status[field];
  const conditions = conditionsOf(replicaSet, active.length, failure, clock);
  if (conditions.length > 0) status.conditions = conditions;
  const next = waits.filter((wait) => wait > 0);
  return next.length > 0 ? { status, againInMs: Math.min(...next) } : { status };
}

function conditionsOf({ spec, status }: ReplicaSet, active: number, failure: unknown, clock: Clock) {
  const current = status?.conditions ?? [];
  if (failure === undefined) return withoutCondition(current, 'ReplicaFailure');
  if (conditionOf(current, 'ReplicaFailure')) return [...current];
  const reason = active < (spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete';
  return withCondition(current, { type: 'ReplicaFailure', status: 'True', reason, message: messageOf(failure) }, clock);
}
