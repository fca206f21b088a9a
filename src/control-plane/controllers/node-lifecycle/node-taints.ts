import type { Condition, NodeObject, Taint } from '../../../kube/objects.ts';
import { conditionOf } from '../conditions.ts';

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';

/** Conditions that keep new pods away, by status. */
const conditionTaints: readonly { type: string; status: Condition['status']; key: string }[] = [
  { type: 'Ready', status: 'False', key: notReadyTaint },
  { type: 'Ready', status: 'Unknown', key: unreachableTaint },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
];

const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const managed = new Set([
  ...conditionTaints.map(({ key }) => `${key}:NoSchedule`),
  `${unschedulableTaint}:NoSchedule`,
  `${notReadyTaint}:NoExecute`,
  `${unreachableTaint}:NoExecute`,
]);

/** The node's taints as its conditions want them; those set by others stay. `evict`: whether pods may be driven off. */
export function desiredTaints({ spec, status }: NodeObject, evict: boolean, now: string): Taint[] {
  const wanted: Taint[] = [];
  for (const { type, status: at, key } of conditionTaints) {
    if (conditionOf(status?.conditions, type)?.status !== at) continue;
    wanted.push({ key, effect: 'NoSchedule', timeAdded: now });
    if (type === 'Ready' && evict) wanted.push({ key, effect: 'NoExecute', timeAdded: now });
  }
  if (spec.unschedulable) wanted.push({ key: unschedulableTaint, effect: 'NoSchedule', timeAdded: now });
  const current = spec.taints ?? [];
  const kept = current.filter((taint) => !managed.has(nameOf(taint)) || wanted.some((other) => nameOf(other) === nameOf(taint)));
  const added = wanted.filter((taint) => !current.some((other) => nameOf(other) === nameOf(taint)));
  return [...kept, ...added];
}

function nameOf({ key, effect }: Taint): string {
  return `${key}:${effect}`;
}
