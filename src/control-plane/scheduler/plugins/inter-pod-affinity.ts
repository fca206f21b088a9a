import { type ClusterView, maxScore, type NodeFilter, type NodeScore, type Plugin, type Rejection } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';

/** How often a topology value (`zone` = `local-1a`) was counted. */
class TopologyCounts {
  private readonly counts = new Map<string, number>();

  add(node: NodeInfo, topologyKey: string, by: number): void {
    const value = node.labels[topologyKey];
    if (value === undefined) return;
    const key = `${topologyKey}=${value}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }

  at(node: NodeInfo, topologyKey: string): number {
    return this.counts.get(`${topologyKey}=${node.labels[topologyKey]}`) ?? 0;
  }

  get empty(): boolean {
    return this.counts.size === 0;
  }

  onNode(node: NodeInfo): number {
    let sum = 0;
    for (const [key, count] of this.counts) {
      const split = key.indexOf('=');
      if (node.labels[key.slice(0, split)] === key.slice(split + 1)) sum += count;
    }
    return sum;
  }
}

/** Pods near to, or away from, other pods. */
export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  wakes: ['nodeAdded', 'nodeChanged', 'podAssigned', 'podGone'],
  filter: (pod, cluster) => {
    const concerned = cluster.anyAntiAffinity || pod.affinity.required.length > 0 || pod.antiAffinity.required.length > 0;
    return concerned ? affinityFilter(pod, cluster) : undefined;
  },
  weight: 2,
  score: (pod, cluster) => {
    const concerned = cluster.anyAffinity || pod.affinity.preferred.length > 0 || pod.antiAffinity.preferred.length > 0;
    return concerned ? affinityScore(pod, cluster) : undefined;
  },
};

const affinityRejection: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], final: true };
const antiAffinityRejection: Rejection = { reasons: ["node(s) didn't match pod anti-affinity rules"], final: false };
const existingRejection: Rejection = { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], final: false };

function affinityFilter(pod: PodInfo, cluster: ClusterView): NodeFilter {
  const existing = new TopologyCounts();
  const wanted = new TopologyCounts();
  const unwanted = new TopologyCounts();
  for (const node of cluster.nodes) {
    for (const other of node.pods.values()) {
      const matching = (terms: readonly AffinityTerm[], subject: PodInfo, counts: TopologyCounts) => {
        for (const term of terms) if (term.matches(subject.pod, cluster.namespaceLabels)) counts.add(node, term.topologyKey, 1);
      };
      matching(other.antiAffinity.required, pod, existing);
      matching(pod.antiAffinity.required, other, unwanted);
      if (matchesAll(pod.affinity.required, other, cluster)) matching(pod.affinity.required, other, wanted);
    }
  }
  // The first of a group that wants to be together: nobody is there yet, it may begin.
  const mayBegin = wanted.empty && matchesAll(pod.affinity.required, pod, cluster);
  return (node) => {
    if (!pod.affinity.required.every(({ topologyKey }) => topologyKey in node.labels && (mayBegin || wanted.at(node, topologyKey) > 0))) return affinityRejection;
    if (pod.antiAffinity.required.some(({ topologyKey }) => unwanted.at(node, topologyKey) > 0)) return antiAffinityRejection;
    return existing.onNode(node) > 0 ? existingRejection : undefined;
  };
}

function matchesAll(terms: readonly AffinityTerm[], other: PodInfo, cluster: ClusterView): boolean {
  return terms.length > 0 && terms.every((term) => term.matches(other.pod, cluster.namespaceLabels));
}

function affinityScore(pod: PodInfo, cluster: ClusterView): NodeScore | undefined {
  const counts = new TopologyCounts();
  for (const node of cluster.nodes) {
    for (const other of node.pods.values()) {
      const matching = (terms: readonly AffinityTerm[], subject: PodInfo, sign: number) => {
        for (const term of terms) if (term.matches(subject.pod, cluster.namespaceLabels)) counts.add(node, term.topologyKey, sign * term.weight);
      };
      matching(pod.affinity.preferred, other, 1);
      matching(pod.antiAffinity.preferred, other, -1);
      matching(other.affinity.required, pod, 1);
      matching(other.affinity.preferred, pod, 1);
      matching(other.antiAffinity.preferred, pod, -1);
    }
  }
  if (counts.empty) return undefined;
  return {
    score: (node) => counts.onNode(node),
    normalize: (scores) => {
      const [low, high] = [Math.min(...scores), Math.max(...scores)];
      for (const [index, score] of scores.entries()) scores[index] = high === low ? 0 : Math.floor((maxScore * (score - low)) / (high - low));
    },
  };
}
