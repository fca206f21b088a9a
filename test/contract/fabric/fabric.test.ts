import { createHostFabric } from '../../../src/fabric/host-fabric.ts';
import { createLoopbackFabric } from '../../../src/fabric/loopback-fabric.ts';
import { createMemoryFabric } from '../../../src/fabric/memory-fabric.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { fabricContract } from './fabric-contract.ts';

const environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const blocks = ['127.23.0.0/16'];

fabricContract('memory', () => createMemoryFabric({ environment, blocks }));
fabricContract('loopback, all exposed', () => createLoopbackFabric({ environment, blocks, expose: 'all' }));
fabricContract('loopback, nothing exposed', () => createLoopbackFabric({ environment, blocks, expose: 'none' }));
if (process.platform === 'linux') {
  fabricContract('host', async () => {
    const fabric = createHostFabric({ environment, blocks: [], addLocalRoute: async () => {} });
    await fabric.open({ networkCIDR: '', podCIDR: '127.23.0.0/16', serviceClusterIPRange: '127.23.200.0/24', nodePodCIDRPrefix: 16 });
    return fabric;
  });
}
