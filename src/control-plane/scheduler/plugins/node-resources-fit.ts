import { maxScore, type Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

/** What the pod asks for must be free; the emptier node is the better one (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  wakes: ['nodeAdded', 'nodeChanged', 'podGone'],
  filter: ({ requests }) => {
    return (node) => {
      const reasons: string[] = [];
      let final = false;
      if (node.pods.size + 1 > (node.allocatable.get('pods') ?? 0)) reasons.push('Too many pods');
      for (const [name, amount] of requests) {
        const allocatable = node.allocatable.get(name) ?? 0;
        if (amount === 0 || amount <= allocatable - (node.used.get(name) ?? 0)) continue;
        reasons.push(`Insufficient ${name}`);
        final ||= amount > allocatable;
      }
      return reasons.length === 0 ? undefined : { reasons, final };
    };
  },
  score: (pod) => ({ score: (node) => Math.floor((cpuLeft(pod, node) + memoryLeft(pod, node)) / 2) }),
};

function cpuLeft(pod: PodInfo, node: NodeInfo): number {
  return leftOf(node.allocatable.get('cpu') ?? 0, node.scoredCpu + pod.scoredCpu);
}

function memoryLeft(pod: PodInfo, node: NodeInfo): number {
  return leftOf(node.allocatable.get('memory') ?? 0, node.scoredMemory + pod.scoredMemory);
}

function leftOf(allocatable: number, used: number): number {
  return allocatable === 0 || used > allocatable ? 0 : Math.floor(((allocatable - used) * maxScore) / allocatable);
}
