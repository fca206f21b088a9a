import type { Pod } from '../../../kube/objects.ts';
import { parseTime } from '../../../lib/clock.ts';
import { isReady, readySince } from '../pods.ts';

const phaseOrder: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/** Those whose end costs least, in Kubernetes' order. `related`: active pods of the same family, to find crowded nodes. */
export function podsToDelete(active: readonly Pod[], related: readonly Pod[], count: number, nowMs: number): Pod[] {
  if (count >= active.length) return [...active];
  const onNode = new Map<string, number>();
  for (const { spec } of related) if (spec.nodeName) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1);
  const rank = (pod: Pod): number[] => [
    pod.spec.nodeName ? 1 : 0,
    phaseOrder[pod.status?.phase ?? 'Pending'] ?? 0,
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
    -(onNode.get(pod.spec.nodeName ?? '') ?? 0),
    // Youngest first, but only by order of magnitude: among equals the uid decides, which spreads over failure domains.
    magnitude(nowMs, readySince(pod)),
    -restarts(pod),
    magnitude(nowMs, createdAt(pod)),
  ];
  return active
    .map((pod) => ({ pod, rank: rank(pod) }))
    .sort((a, b) => compare(a.rank, b.rank) || ((a.pod.metadata.uid ?? '') < (b.pod.metadata.uid ?? '') ? -1 : 1))
    .slice(0, count)
    .map(({ pod }) => pod);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}

function magnitude(nowMs: number, sinceMs: number | undefined): number {
  return sinceMs === undefined ? 0 : Math.floor(Math.log2(Math.max(1, nowMs - sinceMs)));
}

function createdAt({ metadata }: Pod): number | undefined {
  return metadata.creationTimestamp === undefined ? undefined : parseTime(metadata.creationTimestamp);
}

function restarts({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}
