import type { Clock } from '../../lib/clock.ts';
import { EmbeddedStore, type HistoryOptions } from './embedded-store.ts';
import { noJournal } from './journal.ts';
import { Leases } from './leases.ts';
import { Mvcc } from './mvcc.ts';
import type { Store } from './store.ts';

/** A store that is gone with the process: for tests, simulations and clusters that are thrown away. Its writes are "durable" at once. */
export function createMemoryStore(options: { clock: Clock; history?: HistoryOptions }): Store {
  return new EmbeddedStore({ ...options, journal: noJournal, state: { mvcc: new Mvcc(), leases: new Leases(options.clock) } });
}
