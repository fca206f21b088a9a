import type { KubeClient } from '../../kube/client.ts';
import type { Informer } from '../../kube/informer.ts';
import { controllerOf, type KubeObject, type Pod } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import type { Clock } from '../../lib/clock.ts';
import { mirrorAnnotation } from '../apiserver/admission/service-account.ts';

/** kubectl's numbers: how often it looks whether pods are gone, and how long it waits after a disruption budget refused. */
const lookAgainMs = 1000;
const refusedMs = 5000;

export interface DrainOptions {
  client: KubeClient;
  /** Has an index `node`. */
  pods: Informer<Pod>;
  clock: Clock;
  /** Seconds each pod has instead of what it asks for. */
  gracePeriodSeconds?: number;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Evicts the pods of a node, within what their disruption budgets allow, and waits until they are gone. Pods of DaemonSets and static pods
 * stay: they would come back at once. Throws when pods are left after the time, and the signal's reason when it aborts.
 */
export async function drainNode(nodeName: string, options: DrainOptions): Promise<void> {
  const { pods, clock, timeoutMs, signal } = options;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const left = pods.byIndex('node', nodeName).filter(mustGo);
    if (left.length === 0) return;
    if (clock.now() >= deadline) throw new Error(`pods are left after ${timeoutMs / 1000} s: ${namesOf(left)}`);
    const waiting = left.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const evicted = await Promise.all(waiting.map((pod) => evict(pod, options)));
    await clock.sleep(evicted.includes(false) ? refusedMs : lookAgainMs, signal);
  }
}

function mustGo(pod: Pod): boolean {
  return controllerOf(pod)?.kind !== 'DaemonSet' && pod.metadata.annotations?.[mirrorAnnotation] === undefined;
}

/** False: a disruption budget says not yet. */
async function evict({ metadata }: Pod, { client, gracePeriodSeconds }: DrainOptions): Promise<boolean> {
  const { namespace = '', name, uid = '' } = metadata;
  const deleteOptions = { preconditions: { uid }, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) };
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name }, deleteOptions };
  try {
    await client.create<KubeObject>(resourceTypes.pods, eviction, { name, subresource: 'eviction' });
    return true;
  } catch (error) {
    if (isStatus(error, 'TooManyRequests')) return false;
    if (isStatus(error, 'NotFound', 'Conflict')) return true;
    throw error;
  }
}

function namesOf(pods: readonly Pod[]): string {
  return pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
}
