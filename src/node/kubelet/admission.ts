import type { NodeObject, Pod } from '../../kube/objects.ts';
import { quantityMilli, quantityValue } from '../../kube/quantity.ts';
import { podRequests } from './pod-resources.ts';

export interface Refusal {
  reason: string;
  message: string;
}

/** The kubelet's own check of a pod that was bound to it: the scheduler may have been wrong, or bypassed. `others` are the pods that run here. */
export function refusePod(pod: Pod, others: readonly Pod[], node: NodeObject): Refusal | undefined {
  const allocatable = node.status?.allocatable ?? {};
  const asked = podRequests(pod);
  const used = others.map(podRequests);
  const sum = (pick: (requests: { milliCpu: number; memoryBytes: number }) => number) => used.reduce((total, requests) => total + pick(requests), 0);
  const checks = [
    { resource: 'pods', requested: 1, used: others.length, capacity: quantityValue(allocatable.pods) },
    { resource: 'cpu', requested: asked.milliCpu, used: sum(({ milliCpu }) => milliCpu), capacity: quantityMilli(allocatable.cpu) },
    { resource: 'memory', requested: asked.memoryBytes, used: sum(({ memoryBytes }) => memoryBytes), capacity: quantityValue(allocatable.memory) },
  ];
  for (const { resource, requested, used: inUse, capacity } of checks) {
    if (requested === 0 || requested + inUse <= capacity) continue;
    return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${inUse}, capacity: ${capacity}` };
  }
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {}))
    if (node.metadata.labels?.[key] !== value) return { reason: 'NodeAffinity', message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" };
  return undefined;
}
