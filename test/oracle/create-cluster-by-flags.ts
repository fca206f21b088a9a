import { Parser } from '@oclif/core';
import { createFlags, createOptions } from '../../src/cli/create-options.ts';
import { providers } from '../../src/cli/providers.ts';
import type { Facts } from '../../src/cloud/provider.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { createCluster } from '../../src/operations/create-cluster.ts';
import type { Operator } from '../../src/operations/operator.ts';
import type { KopsObject } from '../../src/spec/types.ts';
import { createClusterStore } from '../../src/state/cluster-store.ts';
import { openMemoryObjectStore } from '../../src/state/memory-object-store.ts';

/** What `kops-ts create cluster NAME FLAGS --dry-run -o yaml` makes, without a process, a network or credentials. */
export async function createClusterByFlags(name: string, words: readonly string[], facts: Facts): Promise<KopsObject[]> {
  const { flags } = await Parser.parse([...words, '--dry-run', '--output=yaml'], { flags: createFlags, strict: true });
  const { cluster, instanceGroups } = await createCluster(operator(), { ...createOptions(name, flags), facts });
  return [cluster, ...instanceGroups];
}

function operator(): Operator {
  const environment = { clock: new VirtualClock(0), random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
  const store = createClusterStore(openMemoryObjectStore('tests', environment.clock), environment.clock);
  return { environment, home: '/nowhere', store, providers, onEvent: () => {} };
}
