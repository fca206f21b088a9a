import type { ReplicaSet } from '../../../kube/objects.ts';
import { replicasOf, rollingLimits } from './limits.ts';
import { ensureNewest, newestReplicas } from './newest-replica-set.ts';
import { allReplicaSets, byCreation, type Rollout, scaleReplicaSet, totalReplicas, totalStatus } from './rollout.ts';

/** One step: the new ones up as far as the surge allows, or else the old ones down as far as availability allows. */
export async function rollOut(rollout: Rollout): Promise<void> {
  await ensureNewest(rollout, true);
  if (await scaleNewest(rollout)) return;
  await scaleOld(rollout);
}

async function scaleNewest(rollout: Rollout): Promise<boolean> {
  const { newest, deployment } = rollout;
  if (!newest) return false;
  const wanted = replicasOf(deployment);
  const current = replicasOf(newest);
  if (current === wanted) return false;
  return scaleReplicaSet(rollout, newest, current > wanted ? wanted : newestReplicas(rollout));
}

async function scaleOld(rollout: Rollout): Promise<boolean> {
  const { newest, deployment } = rollout;
  if (!newest || totalReplicas(rollout.old) === 0) return false;
  const minAvailable = replicasOf(deployment) - rollingLimits(deployment).maxUnavailable;
  const newUnavailable = replicasOf(newest) - (newest.status?.availableReplicas ?? 0);
  const mayGo = totalReplicas(allReplicaSets(rollout)) - minAvailable - newUnavailable;
  if (mayGo <= 0) return false;
  const cleaned = await cleanUnhealthy(rollout, mayGo);
  return (await scaleDownAvailable(rollout, minAvailable)) || cleaned;
}

/** Old pods that are not available go first: they serve nobody. */
async function cleanUnhealthy(rollout: Rollout, limit: number): Promise<boolean> {
  let left = limit;
  for (const replicaSet of [...rollout.old].sort(byCreation)) {
    const replicas = replicasOf(replicaSet);
    const goes = Math.min(left, replicas - (replicaSet.status?.availableReplicas ?? 0));
    if (left <= 0 || replicas === 0 || goes <= 0) continue;
    await scaleReplicaSet(rollout, replicaSet, replicas - goes);
    left -= goes;
  }
  return left < limit;
}

async function scaleDownAvailable(rollout: Rollout, minAvailable: number): Promise<boolean> {
  let left = totalStatus(allReplicaSets(rollout), 'availableReplicas') - minAvailable;
  let scaled = false;
  for (const replicaSet of [...rollout.old].sort(byCreation)) {
    const replicas = replicasOf(replicaSet);
    if (left <= 0) break;
    if (replicas === 0) continue;
    const goes = Math.min(replicas, left);
    scaled = (await scaleReplicaSet(rollout, replicaSet, replicas - goes)) || scaled;
    left -= goes;
  }
  return scaled;
}

/** True when old pods were told to go. */
export async function scaleAllToZero(rollout: Rollout, replicaSets: readonly ReplicaSet[]): Promise<boolean> {
  let scaled = false;
  for (const replicaSet of replicaSets) {
    if (replicasOf(replicaSet) > 0) scaled = (await scaleReplicaSet(rollout, replicaSet, 0)) || scaled;
  }
  return scaled;
}
