import { tolerates, untolerated } from '../../../kube/selectors-toleration.ts';
import { normalizeToMax, type Plugin } from '../framework.ts';

/** Taints keep pods away (NoSchedule, NoExecute) or make a node less welcome (PreferNoSchedule). */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  wakes: ['nodeAdded', 'nodeChanged'],
  filter: ({ pod }) => {
    return ({ taints }) => {
      if (taints.length === 0) return undefined;
      const taint = untolerated(taints, pod.spec.tolerations, 'NoSchedule', 'NoExecute');
      return taint && { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], final: true };
    };
  },
  weight: 3,
  score: ({ pod }, _cluster, feasible) => {
    if (!feasible.some(({ taints }) => taints.some(({ effect }) => effect === 'PreferNoSchedule'))) return undefined;
    const tolerations = (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return {
      score: ({ taints }) => taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint))).length,
      normalize: (scores) => normalizeToMax(scores, true),
    };
  },
};
