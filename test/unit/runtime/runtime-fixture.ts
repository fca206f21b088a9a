import { createMemoryFabric } from '../../../src/fabric/memory-fabric.ts';
import { type Clock, realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { createSimulatedRuntime } from '../../../src/node/runtime/simulated-runtime.ts';
import { RuntimeHarness } from '../../contract/runtime/runtime-contract.ts';

/** A simulated runtime on a memory fabric, with some names in its DNS. */
export function simulated(options: { names?: Record<string, string[]>; clock?: Clock } = {}) {
  const problems: unknown[] = [];
  const log = { ...silentLog, error: (message: string, fields?: Record<string, unknown>) => void problems.push([message, fields]) };
  const environment = { clock: options.clock ?? realClock, random: new SeededRandom(1), log, signal: new AbortController().signal, variables: {} };
  const fabric = createMemoryFabric({ environment, blocks: ['127.26.0.0/16'] });
  const resolve = async (name: string, namespace: string) => options.names?.[name] ?? options.names?.[`${name}.${namespace}`] ?? [];
  const runtime = createSimulatedRuntime({ environment, fabric, nodeName: 'node-1', nodeIp: '127.26.0.10', resolve });
  return { runtime, fabric, problems, h: new RuntimeHarness({ runtime, fabric, close: () => fabric.close() }) };
}
