import type { Container, Pod, PodStatus } from '../../kube/objects.ts';
import { quantityMilli, quantityValue } from '../../kube/quantity.ts';
import { initKind } from './pod-record.ts';

export interface PodRequests {
  milliCpu: number;
  memoryBytes: number;
}

/** What a pod asks for, as the scheduler counts it: its containers and sidecars together, or its largest init container when that is more. */
export function podRequests(pod: Pod): PodRequests {
  const sum = (containers: readonly Container[]): PodRequests =>
    containers.map(requestsOf).reduce((a, b) => ({ milliCpu: a.milliCpu + b.milliCpu, memoryBytes: a.memoryBytes + b.memoryBytes }), { milliCpu: 0, memoryBytes: 0 });
  const inits = pod.spec.initContainers ?? [];
  const steady = sum([...pod.spec.containers, ...inits.filter((spec) => initKind(spec) === 'sidecar')]);
  const largest = inits
    .map(requestsOf)
    .reduce((a, b) => ({ milliCpu: Math.max(a.milliCpu, b.milliCpu), memoryBytes: Math.max(a.memoryBytes, b.memoryBytes) }), { milliCpu: 0, memoryBytes: 0 });
  return {
    milliCpu: Math.max(steady.milliCpu, largest.milliCpu) + quantityMilli(pod.spec.overhead?.cpu),
    memoryBytes: Math.max(steady.memoryBytes, largest.memoryBytes) + quantityValue(pod.spec.overhead?.memory),
  };
}

function requestsOf(container: Container): PodRequests {
  const { requests, limits } = container.resources ?? {};
  return { milliCpu: quantityMilli(requests?.cpu ?? limits?.cpu), memoryBytes: quantityValue(requests?.memory ?? limits?.memory) };
}

export function qosClass(pod: Pod): NonNullable<PodStatus['qosClass']> {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map((container) => container.resources ?? {});
  if (all.every(({ requests, limits }) => !requests?.cpu && !requests?.memory && !limits?.cpu && !limits?.memory)) return 'BestEffort';
  const guaranteed = all.every(
    ({ requests, limits }) =>
      limits?.cpu !== undefined &&
      limits.memory !== undefined &&
      quantityMilli(requests?.cpu ?? limits.cpu) === quantityMilli(limits.cpu) &&
      quantityValue(requests?.memory ?? limits.memory) === quantityValue(limits.memory),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
