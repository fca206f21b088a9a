import { createMemoryFabric } from '../../../src/fabric/memory-fabric.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { createSimulatedRuntime } from '../../../src/node/runtime/simulated-runtime.ts';
import { runtimeContract } from './runtime-contract.ts';

runtimeContract('simulated', () => {
  const environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
  const fabric = createMemoryFabric({ environment, blocks: ['127.26.0.0/16'] });
  const runtime = createSimulatedRuntime({ environment, fabric, nodeName: 'node-1', nodeIp: '127.26.0.10', resolve: async () => [] });
  return { runtime, fabric, close: () => fabric.close() };
});
