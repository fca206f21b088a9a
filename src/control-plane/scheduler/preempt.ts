import { parseTime } from '../../lib/clock.ts';
import type { ClusterState } from './cluster-state.ts';
import { fitErrorMessage } from './fit-error.ts';
import type { ClusterView, Plugin } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { combinedFilter, type NodeRejection } from './select-node.ts';

export type Preemption = { node: string; victims: readonly PodInfo[] } | { node: undefined; message: string };

/** Where the pod would fit if pods of lower priority left, and which of them: as few and as unimportant as possible. */
export function findPreemption(plugins: readonly Plugin[], pod: PodInfo, state: ClusterState, cluster: ClusterView, rejections: ReadonlyMap<string, NodeRejection>): Preemption {
  const refusal = refused(pod, cluster);
  if (refusal) return { node: undefined, message: refusal };
  const reasons: string[] = [];
  const candidates: { node: string; victims: PodInfo[] }[] = [];
  for (const node of cluster.nodes) {
    if (rejections.get(node.name)?.final) {
      reasons.push('Preemption is not helpful for scheduling');
      continue;
    }
    const victims = victimsOn(plugins, pod, state, cluster, node);
    if (victims.length > 0) candidates.push({ node: node.name, victims });
    else reasons.push('No preemption victims found for incoming pod');
  }
  const chosen = candidates.sort((a, b) => compareVictims(a.victims, b.victims))[0];
  if (chosen) return chosen;
  return {
    node: undefined,
    message: fitErrorMessage(
      cluster.nodes.length,
      reasons.map((reason) => [reason]),
    ),
  };
}

function refused({ pod, priority }: PodInfo, cluster: ClusterView): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = cluster.nodes.find((node) => node.name === pod.status?.nominatedNodeName);
  const leaving = [...(nominated?.pods.values() ?? [])].some((other) => other.priority < priority && other.pod.metadata.deletionTimestamp !== undefined);
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

/** Empty: it would not fit even then, or nobody there is less important. */
function victimsOn(plugins: readonly Plugin[], pod: PodInfo, state: ClusterState, cluster: ClusterView, node: NodeInfo): PodInfo[] {
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (lower.length === 0) return [];
  const fits = (pods: PodInfo[]) => {
    const tried = node.with(pods);
    const view = state.viewWith(cluster.nodes.map((other) => (other === node ? tried : other)));
    return combinedFilter(plugins, pod, view)(tried) === undefined;
  };
  let staying = [...node.pods.values()].filter((other) => other.priority >= pod.priority);
  if (!fits(staying)) return [];
  const victims: PodInfo[] = [];
  for (const other of lower.sort(moreImportantFirst)) {
    if (fits([...staying, other])) staying = [...staying, other];
    else victims.push(other);
  }
  return victims;
}

function moreImportantFirst(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startOf(a) - startOf(b);
}

/** The better choice first: the lowest of the highest priorities, the lowest sum, the fewest, the youngest. */
function compareVictims(a: readonly PodInfo[], b: readonly PodInfo[]): number {
  const highest = (victims: readonly PodInfo[]) => Math.max(...victims.map(({ priority }) => priority));
  const sum = (victims: readonly PodInfo[]) => victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
  const oldest = (victims: readonly PodInfo[]) => Math.min(...victims.filter(({ priority }) => priority === highest(victims)).map(startOf));
  return highest(a) - highest(b) || sum(a) - sum(b) || a.length - b.length || oldest(b) - oldest(a);
}

function startOf({ pod }: PodInfo): number {
  const text = pod.status?.startTime ?? pod.metadata.creationTimestamp;
  return text === undefined ? 0 : parseTime(text);
}
