import { realClock } from '../../../src/lib/clock.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { openFileObjectStore } from '../../../src/state/file-object-store.ts';
import { ConditionFailed } from '../../../src/state/object-store.ts';

/** Raises a counter in a file store as often as told, among other processes; prints how many creations it won on the way. */
const [root = '', rounds = '0'] = process.argv.slice(2);
const store = openFileObjectStore(root, { clock: realClock, random: systemRandom });
let won = 0;
for (let round = 0; round < Number(rounds); round++) {
  await attempt(async () => {
    await store.put(`created/${round}`, Buffer.from(String(process.pid)), { ifNoneMatch: '*' });
    won++;
  });
  while (!(await attempt(raise)));
}
process.stdout.write(`${won}\n`);

async function raise(): Promise<void> {
  const stored = await store.get('counter');
  if (!stored) throw new Error('the counter is missing');
  await store.put('counter', Buffer.from(String(Number(Buffer.from(stored.data)) + 1)), { ifMatch: stored.etag });
}

async function attempt(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
