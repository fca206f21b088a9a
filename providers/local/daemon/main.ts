import { parseArgs } from 'node:util';
import { hostDaemon } from './host.ts';

const { values } = parseArgs({ options: { home: { type: 'string' } } });

await hostDaemon({
  home: values.home ?? '',
  loadBootNode: async () => (await import('../../../src/nodeup/boot-node.ts')).bootNode,
  report: (report) => process.stdout.write(`${JSON.stringify(report)}\n`),
  exit: (code) => process.exit(code),
});
