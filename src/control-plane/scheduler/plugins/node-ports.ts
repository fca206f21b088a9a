import type { Plugin } from '../framework.ts';

/** Host ports, each once a node. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  wakes: ['nodeAdded', 'podGone'],
  filter: ({ hostPorts }) => {
    if (hostPorts.length === 0) return undefined;
    return (node) => (hostPorts.some((port) => node.portTaken(port)) ? { reasons: ["node(s) didn't have free ports for the requested pod ports"], final: false } : undefined);
  },
};
