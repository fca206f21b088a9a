import type { Container, Pod } from '../../../kube/objects.ts';
import { quantityNanos } from '../schema/quantity.ts';

/** Guaranteed: every container has equal requests and limits of both cpu and memory; BestEffort: none has any. */
export function qosClassOf(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const amounts = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].flatMap((container) => [amountsOf(container, 'cpu'), amountsOf(container, 'memory')]);
  if (amounts.every(({ request = 0n, limit }) => request === 0n && limit === 0n)) return 'BestEffort';
  return amounts.every(({ request, limit }) => limit > 0n && (request === undefined || request === limit)) ? 'Guaranteed' : 'Burstable';
}

function amountsOf({ resources }: Container, name: string): { request: bigint | undefined; limit: bigint } {
  const request = resources?.requests?.[name];
  return { request: request === undefined ? undefined : (quantityNanos(request) ?? 0n), limit: quantityNanos(resources?.limits?.[name] ?? '0') ?? 0n };
}
