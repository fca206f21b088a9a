import type { Program } from '../container/process.ts';

/** Does nothing until it is told to stop. */
export const pause: Program = async (process) => {
  const signal = await process.signalled('TERM', 'INT');
  await process.warn(`Shutting down, got signal: ${signal === 'TERM' ? 'Terminated' : 'Interrupt'}\n`);
  return 0;
};
