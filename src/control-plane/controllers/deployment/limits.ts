import type { Deployment } from '../../../kube/objects.ts';

export interface RollingLimits {
  maxSurge: number;
  maxUnavailable: number;
}

export function replicasOf(object: { spec: { replicas?: number } }): number {
  return object.spec.replicas ?? 1;
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type !== 'Recreate';
}

/** In pods: surge rounded up, unavailable rounded down, and never both zero, which could not move. */
export function rollingLimits(deployment: Deployment): RollingLimits {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const replicas = replicasOf(deployment);
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = absolute(maxSurge, replicas, Math.ceil);
  const unavailable = absolute(maxUnavailable, replicas, Math.floor);
  const limited = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge: surge, maxUnavailable: Math.min(limited, Math.max(replicas, 0)) };
}

/** How many pods may exist at most while rolling. */
export function maxReplicas(deployment: Deployment): number {
  return replicasOf(deployment) + rollingLimits(deployment).maxSurge;
}

function absolute(value: number | string, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const number = Number.parseInt(value, 10);
  return value.endsWith('%') ? round((number * total) / 100) : number;
}
