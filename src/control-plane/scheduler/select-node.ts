import type { Random } from '../../lib/random.ts';
import { type ClusterView, maxScore, type NodeFilter, type Plugin, type Rejection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

export interface NodeRejection extends Rejection {
  plugin: Plugin;
}

export type Selection = { node: NodeInfo } | { node: undefined; rejections: ReadonlyMap<string, NodeRejection> };

/** Below this all nodes are looked at; above, a share of them that shrinks with their number. */
const alwaysAll = 100;

export interface NodeSelector {
  /** The best node for the pod, or why each one is out of the question. */
  select(pod: PodInfo, cluster: ClusterView): Selection;
}

export function createNodeSelector(plugins: readonly Plugin[], random: Random): NodeSelector {
  let start = 0;
  return {
    select: (pod, cluster) => {
      const filter = combinedFilter(plugins, pod, cluster);
      const rejections = new Map<string, NodeRejection>();
      const feasible: NodeInfo[] = [];
      const { nodes } = cluster;
      const enough = enoughNodes(nodes.length);
      let looked = 0;
      for (; looked < nodes.length && feasible.length < enough; looked++) {
        const node = nodes[(start + looked) % nodes.length] as NodeInfo;
        const rejection = filter(node);
        if (rejection) rejections.set(node.name, rejection);
        else feasible.push(node);
      }
      // The next pod starts where this one stopped, so that every node gets its turn.
      if (looked < nodes.length) start = (start + looked) % nodes.length;
      const node = best(plugins, pod, cluster, feasible, random);
      return node ? { node } : { node: undefined, rejections };
    },
  };
}

/** What the first plugin that objects says. */
export function combinedFilter(plugins: readonly Plugin[], pod: PodInfo, cluster: ClusterView): (node: NodeInfo) => NodeRejection | undefined {
  const filters: { plugin: Plugin; filter: NodeFilter }[] = [];
  for (const plugin of plugins) {
    const filter = plugin.filter?.(pod, cluster);
    if (filter) filters.push({ plugin, filter });
  }
  return (node) => {
    for (const { plugin, filter } of filters) {
      const rejection = filter(node);
      if (rejection) return { ...rejection, plugin };
    }
    return undefined;
  };
}

function enoughNodes(count: number): number {
  if (count <= alwaysAll) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(alwaysAll, Math.floor((count * percentage) / 100));
}

/** Highest sum of weighted scores; chance decides between equals. */
function best(plugins: readonly Plugin[], pod: PodInfo, cluster: ClusterView, feasible: readonly NodeInfo[], random: Random): NodeInfo | undefined {
  if (feasible.length <= 1) return feasible[0];
  const totals: number[] = new Array(feasible.length).fill(0);
  for (const plugin of plugins) {
    const scorer = plugin.score?.(pod, cluster, feasible);
    if (!scorer) continue;
    const scores = feasible.map((node) => scorer.score(node));
    scorer.normalize?.(scores);
    for (const [index, score] of scores.entries()) totals[index] = (totals[index] ?? 0) + Math.min(score, maxScore) * (plugin.weight ?? 1);
  }
  const highest = Math.max(...totals);
  const equals = feasible.filter((_, index) => totals[index] === highest);
  return equals[equals.length === 1 ? 0 : random.integer(equals.length)];
}
