// The daemon with machines that run nothing: what a test of the daemon itself starts as a process.
import { parseArgs } from 'node:util';
import { hostDaemon } from '../../providers/local/daemon/host.ts';
import { fakeNodes } from '../contract/local-cloud-harness.ts';

const { values } = parseArgs({ options: { home: { type: 'string' } } });

await hostDaemon({
  home: values.home ?? '',
  loadBootNode: async () => fakeNodes().boot,
  report: (report) => process.stdout.write(`${JSON.stringify(report)}\n`),
  exit: (code) => process.exit(code),
});
