// Runs in a network namespace of its own and prints what plain sockets see there.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createHostFabric } from '../../../src/fabric/host-fabric.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { runCommand } from '../../../src/lib/run-command.ts';

const environment = { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables: {} };
await runCommand('ip', ['link', 'set', 'lo', 'up']);
const fabric = createHostFabric({
  environment,
  blocks: ['10.0.0.0/16'],
  addLocalRoute: async (cidr) => void (await runCommand('ip', ['route', 'replace', 'local', cidr, 'dev', 'lo'])),
});
await fabric.open({ networkCIDR: '10.0.0.0/16', podCIDR: '100.96.0.0/11', serviceClusterIPRange: '100.64.0.0/13', nodePodCIDRPrefix: 24 });
await fabric.listen({ type: 'pod', name: 'default/a' }, '100.96.3.7', 80, ({ stream, remote }) => void stream.end(`from ${remote.ip}`));
await fabric.listen({ type: 'service', name: 'default/s' }, '100.64.0.10', 80, ({ stream }) => void stream.end('hello'));

console.log(`pod 100.96.3.7: ${await text(connect({ host: '100.96.3.7', port: 80, localAddress: '100.96.3.8' }))}`);
console.log(`service 100.64.0.10: ${await text(connect({ host: '100.64.0.10', port: 80 }))}`);
const routes = await runCommand('ip', ['route', 'show', 'table', 'local']);
console.log(
  `local routes: ${[...routes.matchAll(/^local (100\.\S+\/\d+)/gm)]
    .map((found) => found[1])
    .sort()
    .join(' ')}`,
);
await fabric.close();
