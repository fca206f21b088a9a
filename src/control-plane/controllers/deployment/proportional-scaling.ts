import type { ReplicaSet } from '../../../kube/objects.ts';
import { isRollingUpdate, maxReplicas, replicasOf } from './limits.ts';
import { desiredAnnotation, maxAnnotation } from './revision.ts';
import { scaleAllToZero } from './rolling-update.ts';
import { allReplicaSets, byCreation, type Rollout, scaleReplicaSet, totalReplicas } from './rollout.ts';

/** Whether the Deployment was scaled since its ReplicaSets got their shares. */
export function wasScaled(rollout: Rollout): boolean {
  const desired = replicasOf(rollout.deployment);
  return active(rollout).some(({ metadata }) => {
    const share = metadata.annotations?.[desiredAnnotation];
    return share !== undefined && Number(share) !== desired;
  });
}

/** Scales without rolling: all to the one that serves; in the middle of a rollout each in proportion to its size. */
export async function scale(rollout: Rollout): Promise<void> {
  const { deployment, newest } = rollout;
  const wanted = replicasOf(deployment);
  const only = activeOrLatest(rollout);
  if (only) {
    await scaleReplicaSet(rollout, only, wanted);
  } else if (newest && isSaturated(newest, wanted)) {
    await scaleAllToZero(rollout, rollout.old);
  } else if (isRollingUpdate(deployment)) {
    await spread(rollout, wanted > 0 ? maxReplicas(deployment) : 0);
  }
}

async function spread(rollout: Rollout, allowed: number): Promise<void> {
  const sets = active(rollout);
  const missing = allowed - totalReplicas(sets);
  // When there are more the newest get them first, when fewer the oldest lose first, and big ones before small ones.
  sets.sort((a, b) => replicasOf(b) - replicasOf(a) || (missing > 0 ? byCreation(b, a) : byCreation(a, b)));
  const shares = new Map<ReplicaSet, number>();
  let given = 0;
  for (const replicaSet of sets) {
    const share = missing === 0 ? 0 : limited(shareOf(replicaSet, rollout, allowed), missing - given);
    given += share;
    shares.set(replicaSet, replicasOf(replicaSet) + share);
  }
  const [first] = sets;
  if (first) shares.set(first, Math.max(0, (shares.get(first) ?? 0) + missing - given));
  for (const [replicaSet, replicas] of shares) await scaleReplicaSet(rollout, replicaSet, replicas);
}

/** What the size of one should change by. */
function shareOf(replicaSet: ReplicaSet, { deployment }: Rollout, allowed: number): number {
  const current = replicasOf(replicaSet);
  if (replicasOf(deployment) === 0) return -current;
  const before = Number(replicaSet.metadata.annotations?.[maxAnnotation] ?? 0) || allowed;
  return Math.round((current * allowed) / before) - current;
}

function limited(share: number, left: number): number {
  return left > 0 ? Math.min(Math.max(share, 0), left) : Math.max(Math.min(share, 0), left);
}

function isSaturated({ metadata, spec, status }: ReplicaSet, wanted: number): boolean {
  return spec.replicas === wanted && Number(metadata.annotations?.[desiredAnnotation]) === wanted && status?.availableReplicas === wanted;
}

function active(rollout: Rollout): ReplicaSet[] {
  return allReplicaSets(rollout).filter((replicaSet) => replicasOf(replicaSet) > 0);
}

function activeOrLatest(rollout: Rollout): ReplicaSet | undefined {
  const [first, ...more] = active(rollout);
  if (first) return more.length === 0 ? first : undefined;
  return rollout.newest ?? [...rollout.old].sort(byCreation).at(-1);
}
