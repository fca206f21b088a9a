import { maxScore, type Plugin } from '../framework.ts';

/** CPU and memory of a node should fill up evenly. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  wakes: [],
  score: ({ requests }) => {
    if (!requests.get('cpu') && !requests.get('memory')) return undefined;
    return {
      score: ({ allocatable, used }) => {
        const [cpu = 0, memory = 0] = ['cpu', 'memory'].map((name) => {
          const total = allocatable.get(name) ?? 0;
          return total === 0 ? 1 : Math.min(1, ((used.get(name) ?? 0) + (requests.get(name) ?? 0)) / total);
        });
        return Math.floor((1 - Math.abs(cpu - memory) / 2) * maxScore);
      },
    };
  },
};
