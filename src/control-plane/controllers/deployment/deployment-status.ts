import type { Condition, Deployment } from '../../../kube/objects.ts';
import { parseTime, timestamp } from '../../../lib/clock.ts';
import { conditionOf, withCondition, withoutCondition } from '../conditions.ts';
import { replicasOf, rollingLimits } from './limits.ts';
import { allReplicaSets, type Rollout, totalStatus } from './rollout.ts';

type Status = NonNullable<Deployment['status']>;

/** The counts, and whether enough pods are available. */
export function countStatus(rollout: Rollout): Status {
  const { deployment, newest, clock } = rollout;
  const all = allReplicaSets(rollout);
  const replicas = totalStatus(all, 'replicas');
  const available = totalStatus(all, 'availableReplicas');
  const wanted = replicasOf(deployment);
  const enough = available >= wanted - rollingLimits(deployment).maxUnavailable;
  const availability: Condition = enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' };
  const status: Status = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas: newest ? totalStatus([newest], 'replicas') : 0,
    readyReplicas: totalStatus(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wantedTotal(rollout) - available),
    conditions: withCondition(rollout.conditions, { ...availability, lastUpdateTime: timestamp(clock) }, clock),
  };
  if (rollout.collisionCount !== undefined) status.collisionCount = rollout.collisionCount;
  return status;
}

function wantedTotal(rollout: Rollout): number {
  return allReplicaSets(rollout).reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);
}

/** Whether the rollout is done. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const wanted = replicasOf(deployment);
  return (
    status.updatedReplicas === wanted &&
    status.replicas === wanted &&
    status.availableReplicas === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** The status while rolling out, with the Progressing and ReplicaFailure conditions. `checkInMs`: when the progress deadline is to be looked at. */
export function rolloutStatus(rollout: Rollout): { status: Status; checkInMs?: number } {
  const status = countStatus(rollout);
  const { deployment, clock } = rollout;
  const deadline = deployment.spec.progressDeadlineSeconds;
  // 2147483647 means: none.
  const limited = deadline !== undefined && deadline !== 2 ** 31 - 1;
  if (!limited) status.conditions = withoutCondition(status.conditions ?? [], 'Progressing');
  else status.conditions = progress(rollout, status, deadline);
  const failure = replicaFailure(rollout);
  status.conditions = failure ? withCondition(status.conditions, failure, clock) : withoutCondition(status.conditions, 'ReplicaFailure');
  const progressing = conditionOf(status.conditions, 'Progressing');
  if (!limited || !progressing || isComplete(deployment, status) || progressing.reason === 'ProgressDeadlineExceeded') return { status: trimmed(status) };
  const checkInMs = Math.max(0, parseTime(progressing.lastUpdateTime ?? '') + deadline * 1000 - clock.now()) + 1000;
  return { status: trimmed(status), checkInMs };
}

function progress(rollout: Rollout, status: Status, deadline: number): Condition[] {
  const { deployment, newest, clock } = rollout;
  const conditions = status.conditions ?? [];
  const current = conditionOf(conditions, 'Progressing');
  const idle = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const lastUpdateTime = timestamp(clock);
  if (idle) return conditions;
  if (isComplete(deployment, status)) {
    return withCondition(
      conditions,
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: `${subject} has successfully progressed.`, lastUpdateTime },
      clock,
    );
  }
  if (hasMoved(deployment.status ?? {}, status)) {
    const condition: Condition = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.`, lastUpdateTime };
    const lastTransitionTime = current?.status === 'True' ? current.lastTransitionTime : lastUpdateTime;
    return [...withoutCondition(conditions, 'Progressing'), { ...(lastTransitionTime ? { lastTransitionTime } : {}), ...condition }];
  }
  const late = current !== undefined && parseTime(current.lastUpdateTime ?? '') + deadline * 1000 < clock.now();
  if (!late || current.reason === 'NewReplicaSetAvailable') return conditions;
  return withCondition(
    conditions,
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `${subject} has timed out progressing.`, lastUpdateTime },
    clock,
  );
}

function hasMoved(before: Status, now: Status): boolean {
  const old = (status: Status) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function replicaFailure(rollout: Rollout): Condition | undefined {
  for (const replicaSet of [rollout.newest, ...rollout.old]) {
    const failure = conditionOf(replicaSet?.status?.conditions, 'ReplicaFailure');
    if (failure) return { lastUpdateTime: failure.lastTransitionTime ?? timestamp(rollout.clock), ...failure };
  }
  return undefined;
}

/** Zero counts are left out, as the API does. */
export function trimmed(status: Status): Status {
  return Object.fromEntries(Object.entries(status).filter(([name, value]) => value !== 0 || name === 'collisionCount' || name === 'observedGeneration')) as Status;
}
