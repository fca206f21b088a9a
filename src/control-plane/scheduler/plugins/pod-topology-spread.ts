import { matchesLabels, type Selector, selectorOf } from '../../../kube/selectors.ts';
import { untolerated } from '../../../kube/selectors-toleration.ts';
import { type ClusterView, maxScore, type NodeFilter, type NodeScore, type Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { requiredNodes } from './node-affinity.ts';

interface Constraint {
  maxSkew: number;
  topologyKey: string;
  minDomains: number;
  selector: Selector;
  /** Nodes that count: by node affinity (default yes) and taints (default no). */
  counts(node: NodeInfo): boolean;
}

interface RawConstraint {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: string;
  labelSelector?: Parameters<typeof selectorOf>[0];
  minDomains?: number;
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
  matchLabelKeys?: string[];
}

const hostnameKey = 'kubernetes.io/hostname';

/** Kubernetes' own defaults, for pods that say nothing. */
const systemDefaults = [
  { maxSkew: 3, topologyKey: hostnameKey },
  { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone' },
];

/** Pods of a kind spread over zones, nodes, or any other label. */
export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  wakes: ['nodeAdded', 'nodeChanged', 'podAssigned', 'podGone'],
  filter: (pod, cluster) => {
    const constraints = constraintsOf(pod, 'DoNotSchedule');
    return constraints.length === 0 ? undefined : spreadFilter(pod, cluster, constraints);
  },
  weight: 2,
  score: (pod, cluster, feasible) => {
    if (pod.pod.spec.topologySpreadConstraints?.length) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway');
      return constraints.length === 0 ? undefined : spreadScore(pod, cluster, feasible, constraints, true);
    }
    const selector = cluster.siblings(pod);
    if (!selector) return undefined;
    const constraints = systemDefaults.map((constraint) => ({ ...constraint, minDomains: 1, selector, counts: () => true }));
    return spreadScore(pod, cluster, feasible, constraints, false);
  },
};

function constraintsOf({ pod }: PodInfo, whenUnsatisfiable: string): Constraint[] {
  const raw = (pod.spec.topologySpreadConstraints ?? []) as RawConstraint[];
  const wanted = requiredNodes(pod);
  return raw
    .filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable)
    .map(({ maxSkew, topologyKey, minDomains = 1, labelSelector, matchLabelKeys = [], nodeAffinityPolicy, nodeTaintsPolicy }) => ({
      maxSkew,
      topologyKey,
      minDomains,
      selector: [...selectorOf(labelSelector), ...matchLabelKeys.map((key) => ({ key, operator: 'In' as const, values: [pod.metadata.labels?.[key] ?? ''] }))],
      counts: (node: NodeInfo) =>
        (nodeAffinityPolicy === 'Ignore' || wanted === undefined || wanted(node)) &&
        (nodeTaintsPolicy !== 'Honor' || untolerated(node.taints, pod.spec.tolerations, 'NoSchedule', 'NoExecute') === undefined),
    }));
}

function siblingsOn(node: NodeInfo, pod: PodInfo, selector: Selector): number {
  let count = 0;
  for (const { example, count: alike } of node.alike.values()) {
    const { metadata } = example.pod;
    if (metadata.namespace === pod.pod.metadata.namespace && metadata.deletionTimestamp === undefined && matchesLabels(selector, metadata.labels)) count += alike;
  }
  return count;
}

function hasAllKeys(node: NodeInfo, constraints: readonly Constraint[]): boolean {
  return constraints.every(({ topologyKey }) => topologyKey in node.labels);
}

function spreadFilter(pod: PodInfo, cluster: ClusterView, constraints: readonly Constraint[]): NodeFilter {
  const domains = constraints.map((constraint) => {
    const counts = new Map<string, number>();
    for (const node of cluster.nodes) {
      if (!hasAllKeys(node, constraints) || !constraint.counts(node)) continue;
      const value = node.labels[constraint.topologyKey] ?? '';
      counts.set(value, (counts.get(value) ?? 0) + siblingsOn(node, pod, constraint.selector));
    }
    const least = counts.size < constraint.minDomains ? 0 : Math.min(...counts.values());
    const itself = matchesLabels(constraint.selector, pod.pod.metadata.labels) ? 1 : 0;
    return { constraint, counts, least, itself };
  });
  return (node) => {
    for (const { constraint, counts, least, itself } of domains) {
      const value = node.labels[constraint.topologyKey];
      if (value === undefined) return { reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"], final: true };
      if ((counts.get(value) ?? 0) + itself - least > constraint.maxSkew) return { reasons: ["node(s) didn't match pod topology spread constraints"], final: false };
    }
    return undefined;
  };
}

/** `strict`: nodes without one of the labels get no score; the system's defaults are lenient. */
function spreadScore(pod: PodInfo, cluster: ClusterView, feasible: readonly NodeInfo[], constraints: readonly Constraint[], strict: boolean): NodeScore {
  const ignored = new Set(strict ? feasible.filter((node) => !hasAllKeys(node, constraints)) : []);
  const domains = constraints.map((constraint) => {
    const counts = new Map<string, number>();
    for (const node of feasible) {
      const value = node.labels[constraint.topologyKey];
      if (value !== undefined && !ignored.has(node)) counts.set(value, 0);
    }
    for (const node of cluster.nodes) {
      const value = node.labels[constraint.topologyKey];
      const known = value === undefined ? undefined : counts.get(value);
      if (value === undefined || known === undefined || (strict && !hasAllKeys(node, constraints)) || !constraint.counts(node)) continue;
      counts.set(value, known + siblingsOn(node, pod, constraint.selector));
    }
    return { constraint, counts, weight: Math.log((constraint.topologyKey === hostnameKey ? feasible.length - ignored.size : counts.size) + 2) };
  });
  return {
    score: (node) => {
      if (ignored.has(node)) return Number.NaN;
      let score = 0;
      for (const { constraint, counts, weight } of domains) {
        const value = node.labels[constraint.topologyKey];
        if (value !== undefined) score += (counts.get(value) ?? 0) * weight + constraint.maxSkew - 1;
      }
      return Math.round(score);
    },
    normalize: fewestIsBest,
  };
}

/** Nodes that were left out (NaN) get 0. */
function fewestIsBest(scores: number[]): void {
  const counted = scores.filter((score) => !Number.isNaN(score));
  const [low, high] = [Math.min(...counted), Math.max(0, ...counted)];
  for (const [index, score] of scores.entries()) {
    if (Number.isNaN(score)) scores[index] = 0;
    else scores[index] = high === 0 ? maxScore : Math.floor((maxScore * (high + low - score)) / high);
  }
}
