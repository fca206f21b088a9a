import type { Labels, Selector } from '../../kube/selectors.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Why a pod cannot run on a node. */
export interface Rejection {
  /** Kubernetes' words: `Insufficient cpu`. */
  reasons: readonly string[];
  /** Removing pods from the node would not help: preemption leaves it alone. */
  final: boolean;
}

export type NodeFilter = (node: NodeInfo) => Rejection | undefined;

export interface NodeScore {
  /** Higher is better; 0 to 100 after `normalize`. */
  score(node: NodeInfo): number;
  /** Brings the scores of all feasible nodes into 0 to 100, in place. Without it they already are. */
  normalize?(scores: number[]): void;
}

/** What happened in the cluster that may make a pod fit which did not before. */
export type ClusterEvent = 'nodeAdded' | 'nodeChanged' | 'podAssigned' | 'podGone';

/** The cluster as one decision sees it. */
export interface ClusterView {
  readonly nodes: readonly NodeInfo[];
  namespaceLabels(namespace: string): Labels;
  /** What selects the pod and its siblings (their ReplicaSet, their Services): spread by default. Undefined: nothing does. */
  siblings(pod: PodInfo): Selector | undefined;
  /** False: no pod on any node has a required anti-affinity, or any affinity at all. */
  readonly anyAntiAffinity: boolean;
  readonly anyAffinity: boolean;
}

/**
 * One concern of scheduling. `filter` and `score` are called once for a pod and answer for each node; undefined: this pod does not concern it.
 */
export interface Plugin {
  name: string;
  /** Events after which a pod that it rejected is worth another try. */
  wakes: readonly ClusterEvent[];
  filter?(pod: PodInfo, cluster: ClusterView): NodeFilter | undefined;
  /** Of its scores; 1 when absent. */
  weight?: number;
  score?(pod: PodInfo, cluster: ClusterView, feasible: readonly NodeInfo[]): NodeScore | undefined;
}

export const maxScore = 100;

/** The largest becomes 100, the others in proportion; `reverse`: the largest becomes 0. */
export function normalizeToMax(scores: number[], reverse = false): void {
  const max = Math.max(0, ...scores);
  for (const [index, score] of scores.entries()) {
    const scaled = max === 0 ? 0 : Math.floor((score * maxScore) / max);
    scores[index] = reverse ? maxScore - scaled : scaled;
  }
}
