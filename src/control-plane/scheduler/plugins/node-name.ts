import type { Plugin } from '../framework.ts';

/** A pod that names its node and still comes by here, as one nominated by hand does. */
export const nodeName: Plugin = {
  name: 'NodeName',
  wakes: ['nodeAdded'],
  filter: ({ pod }) => {
    const wanted = pod.spec.nodeName;
    return wanted ? ({ name }) => (name === wanted ? undefined : { reasons: ["node(s) didn't match the requested node name"], final: true }) : undefined;
  },
};
