import type { Pod } from '../../kube/objects.ts';
import { parseTime } from '../../lib/clock.ts';

/** Neither ended nor on its way out. */
export function isActive(pod: Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined;
}

export function isEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** When it became ready, in milliseconds; undefined when it is not. */
export function readySince(pod: Pod): number | undefined {
  const condition = pod.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True');
  return condition && parseTime(condition.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}

/** Milliseconds until the pod counts as available: 0 when it does, undefined when it is not even ready. */
export function availableIn(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const since = readySince(pod);
  if (since === undefined) return undefined;
  return minReadySeconds === 0 ? 0 : Math.max(0, since + minReadySeconds * 1000 - nowMs);
}
