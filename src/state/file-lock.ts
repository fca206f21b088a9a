import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { timestamp } from '../lib/clock.ts';
import { KopsError, systemCode } from '../lib/errors.ts';
import { hex, type Random } from '../lib/random.ts';
import { isGone, ownProcess, type ProcessIdentity } from './process-identity.ts';

interface Holder extends ProcessIdentity {
  since: string;
  token: string;
}

const patienceMs = 10_000;

/**
 * Runs `use` while this process alone holds the lock file: for the milliseconds of one write. A holder whose process is gone
 * loses it. Throws KopsError STATE_FILE_LOCKED when somebody keeps it for ten seconds.
 */
export async function withFileLock<T>(path: string, source: { clock: Clock; random: Random }, use: () => Promise<T>): Promise<T> {
  const { clock, random } = source;
  const mine: Holder = { ...ownProcess(), since: timestamp(clock), token: hex(random, 32) };
  const started = clock.now();
  while (!(await take(path, mine))) {
    const holder = await readHolder(path);
    if (!holder) continue;
    if (isGone(holder)) await breakLock(path, holder, source);
    else if (clock.now() - started > patienceMs) throw stuck(path, holder);
    else await clock.sleep(1 + random.integer(10));
  }
  try {
    return await use();
  } finally {
    await rm(path, { force: true });
  }
}

/** The file appears with its content, or not at all: a link is made only where nothing is. */
async function take(path: string, holder: Holder): Promise<boolean> {
  const prepared = `${path}.${holder.token}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(prepared, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(prepared, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(prepared, { force: true });
  }
}

/** Of those who see a dead holder one removes it: whoever holds the lock of the lock, and only if the dead one still has it. */
async function breakLock(path: string, dead: Holder, source: { clock: Clock; random: Random }): Promise<void> {
  await withFileLock(`${path}~`, source, async () => {
    if ((await readHolder(path))?.token === dead.token) await rm(path, { force: true });
  });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function stuck(path: string, holder: Holder): KopsError {
  return new KopsError(`process ${holder.pid} on ${holder.host} has been writing to the state store since ${holder.since} and does not end`, {
    code: 'STATE_FILE_LOCKED',
    exit: 'conflict',
    object: path,
    suggestions: [`If that process is gone: rm ${path}`],
  });
}
