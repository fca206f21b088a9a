import { untolerated } from '../../../kube/selectors-toleration.ts';
import type { Plugin } from '../framework.ts';

/** Cordoned nodes. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  wakes: ['nodeAdded', 'nodeChanged'],
  filter: ({ pod }) => {
    const tolerated = untolerated([{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }], pod.spec.tolerations, 'NoSchedule') === undefined;
    return tolerated ? undefined : ({ node }) => (node?.spec.unschedulable ? { reasons: ['node(s) were unschedulable'], final: true } : undefined);
  },
};
