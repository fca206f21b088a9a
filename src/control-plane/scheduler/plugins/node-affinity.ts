import type { Pod } from '../../../kube/objects.ts';
import { matchesLabels, type Requirement, type Selector, selectorOfLabels } from '../../../kube/selectors.ts';
import { normalizeToMax, type Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

interface RawTerm {
  matchExpressions?: { key: string; operator: Requirement['operator']; values?: string[] }[];
  matchFields?: { key: string; operator: Requirement['operator']; values?: string[] }[];
}

interface RawNodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: RawTerm[] };
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; preference: RawTerm }[];
}

type NodeMatcher = (node: NodeInfo) => boolean;

/** `nodeSelector` and node affinity. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  wakes: ['nodeAdded', 'nodeChanged'],
  filter: ({ pod }) => {
    const matches = requiredNodes(pod);
    return matches && ((node) => (matches(node) ? undefined : { reasons: ["node(s) didn't match Pod's node affinity/selector"], final: true }));
  },
  weight: 2,
  score: ({ pod }) => {
    const preferred = affinityOf(pod)?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred?.length) return undefined;
    const terms = preferred.map(({ weight, preference }) => ({ weight, matches: termMatcher(preference) }));
    return {
      score: (node) => terms.reduce((sum, { weight, matches }) => sum + (matches(node) ? weight : 0), 0),
      normalize: (scores) => normalizeToMax(scores),
    };
  },
};

/** The nodes a pod demands by label or name; undefined: any. */
export function requiredNodes(pod: Pod): NodeMatcher | undefined {
  const selector = selectorOfLabels(pod.spec.nodeSelector ?? {});
  const terms = affinityOf(pod)?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms.map(termMatcher);
  if (selector.length === 0 && !terms) return undefined;
  return (node) => matchesLabels(selector, node.labels) && (terms === undefined || terms.some((matches) => matches(node)));
}

function affinityOf(pod: Pod): RawNodeAffinity | undefined {
  return (pod.spec.affinity as { nodeAffinity?: RawNodeAffinity } | undefined)?.nodeAffinity;
}

/** An empty term matches nothing. */
function termMatcher({ matchExpressions = [], matchFields = [] }: RawTerm): NodeMatcher {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const labels = toSelector(matchExpressions);
  const fields = toSelector(matchFields);
  return (node) => matchesLabels(labels, node.labels) && (fields.length === 0 || matchesLabels(fields, { 'metadata.name': node.name }));
}

function toSelector(expressions: RawTerm['matchExpressions'] = []): Selector {
  return expressions.map(({ key, operator, values = [] }) => ({ key, operator, values }));
}
