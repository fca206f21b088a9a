import type { Clock } from '../../../lib/clock.ts';
import type { Disk } from '../../../lib/disk.ts';
import type { Log } from '../../../lib/log.ts';
import { defaultHistory, EmbeddedStore, type HistoryOptions } from '../embedded-store.ts';
import type { Store } from '../store.ts';
import { WalJournal } from './wal-journal.ts';
import { own } from './wal-owners.ts';
import { recover } from './wal-recovery.ts';

export interface WalStoreOptions {
  disk: Disk;
  clock: Clock;
  log: Log;
  /** Folder on the disk; one store uses it at a time. Default `store`. */
  directory?: string;
  /** Default 16 MiB: reading one back takes a fraction of a second. */
  segmentBytes?: number;
  history?: HistoryOptions;
}

/**
 * The embedded durable store: an append-only log on one disk, all state in memory. A write is acknowledged, and seen by anyone, after
 * fsync. Opened again in this process, the
 * store before stops. Reopening keeps revisions, leases (each with its whole time again) and as much history as the log holds.
 * Throws KopsError STORE_CORRUPT, naming file and offset, when there is damage a crash cannot have made.
 */
export async function openWalStore(options: WalStoreOptions): Promise<Store> {
  const { disk, clock, log, directory = 'store', segmentBytes = 16 * 1024 * 1024 } = options;
  const history = { ...defaultHistory, ...options.history };
  return own(disk, directory, async () => {
    const recovered = await recover({ disk, clock, log, directory, maxRevisions: history.maxRevisions });
    const journal = await WalJournal.open({ disk, log, directory, segmentBytes }, recovered);
    return { journal, store: new EmbeddedStore({ clock, journal, state: recovered.state, history }) };
  });
}
