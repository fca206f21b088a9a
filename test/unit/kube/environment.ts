import type { Clock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

export function testEnvironment(clock: Clock, seed = 1): Environment {
  return { clock, random: new SeededRandom(seed), log: silentLog, signal: new AbortController().signal, variables: {} };
}
