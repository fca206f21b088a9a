import { type Clock, formatTime, parseTime, type Timer } from '../lib/clock.ts';
import { KopsError, messageOf } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { hex, type Random } from '../lib/random.ts';
import { ConditionFailed, type ObjectStore } from './object-store.ts';
import { isGone, ownName, ownProcess, type ProcessIdentity } from './process-identity.ts';

/** What the lock object says, as JSON. */
export interface LockInfo {
  /** `ann@laptop pid 4711` */
  holder: string;
  /** `update cluster` */
  operation: string;
  /** RFC 3339. */
  acquired: string;
  expires: string;
  token: string;
  process?: ProcessIdentity;
}

export interface Lock {
  readonly info: LockInfo;
  /** Throws KopsError LOCK_LOST: somebody else may be changing the cluster. Before every step; needs no call to the store. */
  check(): Promise<void>;
  /** Aborts when the lock is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LockOptions {
  clock: Clock;
  random: Random;
  /** How long to wait for another holder. Default 0. */
  timeoutMs?: number;
  /** Without renewal it is free after this. Default a minute; renewed three times in it. */
  ttlMs?: number;
  /** Stops the waiting. */
  signal?: AbortSignal;
}

/**
 * Beside the clusters' folders, not in them: kops refuses to delete a cluster whose folder holds files it does not know. No cluster
 * can have this folder's name: it is refused.
 */
export function lockKey(cluster: string): string {
  return `locks/${cluster}.json`;
}

/**
 * Takes the cluster's lock and keeps it alive. One that expired, or whose process was killed on this machine, is taken over (clocks of operators must agree to well under a minute).
 * Throws KopsError CLUSTER_LOCKED naming holder, time and operation, or STATE_STORE_WITHOUT_CONDITIONS where no lock is safe.
 */
export async function acquireLock(objects: ObjectStore, cluster: string, operation: string, options: LockOptions): Promise<Lock> {
  if (!(await objects.honoursConditions())) throw unsafe(objects.url);
  const { clock, signal } = options;
  const giveUpAt = clock.now() + (options.timeoutMs ?? 0);
  for (;;) {
    const lock = await tryAcquire(objects, cluster, operation, options);
    if (lock instanceof HeldLock) return lock;
    if (lock && clock.now() >= giveUpAt) throw locked(cluster, lock, objects.url);
    if (lock) await clock.sleep(Math.min(1_000, giveUpAt - clock.now()), signal);
  }
}

/** Who holds the cluster's lock; undefined when it is free. */
export async function readLock(objects: ObjectStore, cluster: string): Promise<LockInfo | undefined> {
  const stored = await objects.get(lockKey(cluster));
  return stored && parseLock(stored.data);
}

/** Removes the lock whoever holds it; the holder stops at its next step. Resolves to what it said. */
export async function breakLock(objects: ObjectStore, cluster: string): Promise<LockInfo | undefined> {
  const info = await readLock(objects, cluster);
  await objects.delete(lockKey(cluster));
  return info;
}

/** The lock; the one who holds it; or undefined when it changed under our eyes: try again. */
async function tryAcquire(objects: ObjectStore, cluster: string, operation: string, options: LockOptions): Promise<HeldLock | LockInfo | undefined> {
  const { clock, random, ttlMs = 60_000 } = options;
  const key = lockKey(cluster);
  const stored = await objects.get(key);
  const other = stored && parseLock(stored.data);
  if (other && isHeld(other, clock)) return other;
  const info: LockInfo = {
    holder: ownName(),
    operation,
    acquired: formatTime(clock.now()),
    expires: formatTime(clock.now() + ttlMs),
    token: hex(random, 32),
    process: ownProcess(),
  };
  try {
    const { etag } = await objects.put(key, encode(info), stored ? { ifMatch: stored.etag } : { ifNoneMatch: '*' });
    return new HeldLock({ objects, cluster, clock, ttlMs, info, etag });
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}

/** One whose process was killed on this machine need not be waited for. */
function isHeld(info: LockInfo, clock: Clock): boolean {
  return parseTime(info.expires) > clock.now() && !(info.process && isGone(info.process));
}

class HeldLock implements Lock {
  info: LockInfo;
  private readonly objects: ObjectStore;
  private readonly cluster: string;
  private readonly clock: Clock;
  private readonly ttlMs: number;
  private readonly lostController = new AbortController();
  private etag: string;
  private timer: Timer | undefined;
  private renewing: Promise<void> = Promise.resolve();
  private released = false;

  constructor(options: { objects: ObjectStore; cluster: string; clock: Clock; ttlMs: number; info: LockInfo; etag: string }) {
    this.objects = options.objects;
    this.cluster = options.cluster;
    this.clock = options.clock;
    this.ttlMs = options.ttlMs;
    this.info = options.info;
    this.etag = options.etag;
    this.arm();
  }

  get lost(): AbortSignal {
    return this.lostController.signal;
  }

  async check(): Promise<void> {
    if (!this.lost.aborted && this.clock.now() >= parseTime(this.info.expires)) this.lose('it expired and could not be renewed');
    this.lost.throwIfAborted();
  }

  async release(): Promise<void> {
    this.released = true;
    this.timer?.cancel();
    await this.renewing;
    if (this.lost.aborted) return;
    // Somebody else has it by now, or the store fails: then it ends by itself, and what was done under it is done.
    await this.objects.delete(lockKey(this.cluster), { ifMatch: this.etag }).catch(() => {});
  }

  private arm(): void {
    const renew = () => {
      this.renewing = this.renew();
    };
    this.timer = this.clock.setTimer(this.ttlMs / 3, renew, { background: true });
  }

  /** A failure of the store is not the loss of the lock: the next renewal may be in time. */
  private async renew(): Promise<void> {
    const info = { ...this.info, expires: formatTime(this.clock.now() + this.ttlMs) };
    try {
      const { etag } = await this.objects.put(lockKey(this.cluster), encode(info), { ifMatch: this.etag });
      this.etag = etag;
      this.info = info;
    } catch (error) {
      if (error instanceof ConditionFailed) this.lose('somebody else took it or removed it');
      else if (this.clock.now() >= parseTime(this.info.expires)) this.lose(`it expired: renewing it failed (${messageOf(error)})`);
    }
    if (!this.lost.aborted && !this.released) this.arm();
  }

  private lose(why: string): void {
    const { cluster } = this;
    this.timer?.cancel();
    this.lostController.abort(
      new KopsError(`the lock of cluster ${cluster} was lost: ${why}`, {
        code: 'LOCK_LOST',
        exit: 'conflict',
        object: cluster,
        suggestions: ['Run the same command again: it goes on where it stopped.'],
      }),
    );
  }
}

function encode(info: LockInfo): Uint8Array {
  return Buffer.from(`${JSON.stringify(info, undefined, 2)}\n`);
}

/** Something else under that key counts as a lock that has expired: it holds nobody up for ever. */
function parseLock(data: Uint8Array): LockInfo {
  const unreadable: LockInfo = { holder: 'unknown', operation: 'unknown', acquired: formatTime(0), expires: formatTime(0), token: '' };
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    if (!isPlainObject(value) || !Object.keys(unreadable).every((field) => typeof value[field] === 'string')) return unreadable;
    const { process, ...info } = value as unknown as LockInfo;
    return isIdentity(process) ? { ...info, process } : info;
  } catch {
    return unreadable;
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return isPlainObject(value) && typeof value.host === 'string' && typeof value.pid === 'number';
}

function locked(cluster: string, info: LockInfo, url: string): KopsError {
  return new KopsError(`cluster ${cluster} is locked by ${info.holder} since ${info.acquired} for "${info.operation}"`, {
    code: 'CLUSTER_LOCKED',
    exit: 'conflict',
    object: cluster,
    suggestions: ['Wait until that is done.', `If it is gone, its lock ends by itself at ${info.expires}, or now with: kops-ts unlock ${cluster} --state ${url}`],
  });
}

function unsafe(url: string): KopsError {
  return new KopsError(`the state store ${url} ignores conditional writes: two operators could change a cluster at the same time, so no lock is taken there`, {
    code: 'STATE_STORE_WITHOUT_CONDITIONS',
    exit: 'cloud',
    object: url,
    expected: 'a server that answers 412 to a PUT with If-None-Match: * of an object that exists, and with If-Match of another version (on versioned buckets too)',
    suggestions: ['Use Amazon S3, another server that honours them, or a file store: --state file:///folder'],
  });
}
