import type { Program } from '../container/process.ts';

/** A component of the cluster itself: its work is done by the node it belongs to, the container stands for it. */
export const component: Program = async (process) => {
  const name = (process.argv[0] ?? '').split('/').at(-1);
  await process.warn(`${name}: runs as part of the node ${process.machine.pod.node}; its own log is the node's\n`);
  await process.signalled('TERM', 'INT');
  return 0;
};
