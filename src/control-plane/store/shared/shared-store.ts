import type { Clock } from '../../../lib/clock.ts';
import type { Disk } from '../../../lib/disk.ts';
import type { Log } from '../../../lib/log.ts';
import { type Store, StoreUnavailableError } from '../store.ts';
import { openWalStore } from '../wal/wal-store.ts';
import { MemberDisk } from './member-disk.ts';
import { MemberStore } from './member-store.ts';
import { ReplicatedDisk, replicatedFolder } from './replicated-disk.ts';

export interface SharedStoreOptions {
  /** How many members there are, running or not. */
  members: number;
  clock: Clock;
  log: Log;
  segmentBytes?: number;
}

interface Waiting {
  disk: Disk;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * One store for the control planes of one process: it answers while a majority of its members runs. Every write is on the disks of all
 * members that run, thus of a majority, before it is acknowledged: of any majority that comes back, one has everything.
 */
export class SharedStore {
  private readonly options: SharedStoreOptions;
  private readonly waiting = new Map<string, Waiting>();
  private readonly running = new Set<string>();
  private opened: { store: Store; disk: ReplicatedDisk; epoch: number } | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(options: SharedStoreOptions) {
    this.options = options;
  }

  /** Resolves when a majority is there; rejects when the signal aborts first. Closing the store takes the member out again. */
  async join(name: string, disk: Disk, signal: AbortSignal): Promise<Store> {
    signal.throwIfAborted();
    const giveUp = () => {
      this.waiting.get(name)?.reject(signal.reason);
      this.waiting.delete(name);
    };
    const admitted = new Promise<void>((resolve, reject) => this.waiting.set(name, { disk, resolve, reject }));
    signal.addEventListener('abort', giveUp, { once: true });
    void this.inTurn(() => this.admit());
    await admitted.finally(() => signal.removeEventListener('abort', giveUp));
    return new MemberStore(
      () => this.majorityStore(),
      () => this.inTurn(() => this.takeOut(name)),
    );
  }

  private majorityStore(): Store {
    const { opened, running, majority } = this;
    if (opened && running.size >= majority) return opened.store;
    throw new StoreUnavailableError(`${running.size} of ${this.options.members} members run, ${majority} are needed`);
  }

  private get majority(): number {
    return Math.floor(this.options.members / 2) + 1;
  }

  private async admit(): Promise<void> {
    if (!this.opened && this.waiting.size < this.majority) return;
    try {
      this.opened ??= await this.open();
      const { disk, epoch } = this.opened;
      for (const [name, member] of this.waiting) {
        if (!disk.names().includes(name)) await disk.join(await MemberDisk.open(name, member.disk), epoch);
        if (!this.waiting.delete(name)) continue;
        this.running.add(name);
        member.resolve();
      }
      // Whose machine went while it was admitted.
      for (const name of disk.names()) if (!this.running.has(name)) await this.takeOut(name);
    } catch (error) {
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    }
  }

  /** From the member that has most; the others get what it has. */
  private async open(): Promise<NonNullable<typeof this.opened>> {
    const { clock, log, segmentBytes } = this.options;
    const members = await Promise.all([...this.waiting].map(([name, { disk }]) => this.inspect(name, disk)));
    members.sort((a, b) => b.member.epoch - a.member.epoch || b.revision - a.revision || (a.member.name < b.member.name ? -1 : 1));
    const [best, ...others] = members.map(({ member }) => member);
    if (!best) throw new StoreUnavailableError('no member runs');
    const disk = new ReplicatedDisk(best);
    const epoch = best.epoch + 1;
    await best.begin(epoch);
    for (const other of others) await disk.join(other, epoch);
    const store = await openWalStore({ disk, clock, log, directory: replicatedFolder, ...(segmentBytes === undefined ? {} : { segmentBytes }) });
    return { store, disk, epoch };
  }

  private async inspect(name: string, disk: Disk): Promise<{ member: MemberDisk; revision: number }> {
    const member = await MemberDisk.open(name, disk);
    const { clock, log } = this.options;
    const store = await openWalStore({ disk, clock, log, directory: member.folder });
    const revision = store.revision();
    await store.close();
    return { member, revision };
  }

  private async takeOut(name: string): Promise<void> {
    if (!this.opened) return;
    const { store, disk } = this.opened;
    this.running.delete(name);
    if (disk.names().some((other) => other !== name)) return disk.leave(name);
    this.opened = undefined;
    await store.close();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work, work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
