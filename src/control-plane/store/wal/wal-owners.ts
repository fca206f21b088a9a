import type { Disk } from '../../../lib/disk.ts';
import type { Store } from '../store.ts';
import { takenOver } from './wal-errors.ts';
import type { WalJournal } from './wal-journal.ts';

interface Opened {
  journal: WalJournal;
  store: Store;
}

/** Who opened a place last, in this process: machines of a simulated cloud come and go in one, and a volume moves between them. */
const owners = new Map<string, Promise<Opened | undefined>>();

/**
 * Opens after whoever had the place has stopped writing: a machine whose power was cut must not write into a log that another
 * one goes on with. Between processes the volume's lock sees to that.
 */
export async function own(disk: Disk, directory: string, open: () => Promise<Opened>): Promise<Store> {
  if (disk.location === undefined) return (await open()).store;
  const place = `${disk.location}/${directory}`;
  const before = owners.get(place);
  const opening = (async () => {
    const former = await before?.catch(() => undefined);
    await former?.journal.fence(takenOver(place));
    return open();
  })();
  owners.set(place, opening);
  const forget = () => {
    if (owners.get(place) === opening) owners.delete(place);
  };
  try {
    const { journal, store } = await opening;
    void journal.closed.then(forget);
    return store;
  } catch (error) {
    forget();
    throw error;
  }
}
