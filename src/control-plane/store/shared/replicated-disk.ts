import type { AppendFile, Disk } from '../../../lib/disk.ts';
import type { MemberDisk } from './member-disk.ts';

/** The one folder of a replicated disk, whatever it is called on each member. */
export const replicatedFolder = 'store';

/**
 * One folder that is kept on several disks at once: every change is made on all members before it counts as done. A member that comes
 * later gets what the others have first. Changes happen one after the other.
 */
export class ReplicatedDisk implements Disk {
  private readonly members = new Map<string, MemberDisk>();
  private readonly open = new Set<ReplicatedFile>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(first: MemberDisk) {
    this.members.set(first.name, first);
  }

  names(): string[] {
    return [...this.members.keys()];
  }

  /** The member gets a copy of everything, whatever it had, and takes part from then on. */
  join(member: MemberDisk, epoch: number): Promise<void> {
    return this.inTurn(async () => {
      await member.copyFrom(this.any());
      await member.begin(epoch);
      for (const file of this.open) await file.join(member);
      this.members.set(member.name, member);
    });
  }

  /** The member's machine goes: it keeps what it has. */
  leave(name: string): Promise<void> {
    return this.inTurn(async () => {
      this.members.delete(name);
      for (const file of this.open) await file.leave(name);
    });
  }

  readFile(path: string): Promise<Uint8Array> {
    return this.inTurn(async () => {
      const member = this.any();
      return member.disk.readFile(member.path(inFolder(path)));
    });
  }

  list(path: string): Promise<string[]> {
    return this.inTurn(async () => (path === replicatedFolder ? this.any().disk.list(this.any().folder) : []));
  }

  writeFile(path: string, data: Uint8Array, options?: { mode?: number }): Promise<void> {
    return this.onAll((member) => member.disk.writeFile(member.path(inFolder(path)), data, options));
  }

  rename(from: string, to: string): Promise<void> {
    return this.onAll((member) => member.disk.rename(member.path(inFolder(from)), member.path(inFolder(to))));
  }

  remove(path: string): Promise<void> {
    return this.onAll((member) => member.disk.remove(member.path(inFolder(path))));
  }

  truncate(path: string, length: number): Promise<void> {
    return this.onAll((member) => member.disk.truncate(member.path(inFolder(path)), length));
  }

  openAppend(path: string, options?: { mode?: number }): Promise<AppendFile> {
    return this.inTurn(async () => {
      const file = new ReplicatedFile(inFolder(path), options, {
        inTurn: (work) => this.inTurn(work),
        closed: () => this.open.delete(file),
      });
      for (const member of this.members.values()) await file.join(member);
      this.open.add(file);
      return file;
    });
  }

  private any(): MemberDisk {
    const [first] = this.members.values();
    if (!first) throw new Error('no member of the store runs');
    return first;
  }

  private onAll(work: (member: MemberDisk) => Promise<void>): Promise<void> {
    return this.inTurn(async () => {
      this.any();
      await Promise.all([...this.members.values()].map(work));
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work, work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

interface Surroundings {
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  closed(): void;
}

/** A file that is open for appending on every member. */
class ReplicatedFile implements AppendFile {
  private readonly name: string;
  private readonly options: { mode?: number } | undefined;
  private readonly around: Surroundings;
  private readonly files = new Map<string, AppendFile>();

  constructor(name: string, options: { mode?: number } | undefined, around: Surroundings) {
    this.name = name;
    this.options = options;
    this.around = around;
  }

  async join(member: MemberDisk): Promise<void> {
    this.files.set(member.name, await member.disk.openAppend(member.path(this.name), this.options));
  }

  async leave(name: string): Promise<void> {
    const file = this.files.get(name);
    this.files.delete(name);
    // The machine is going: what cannot be closed is lost with it.
    await file?.close().catch(() => undefined);
  }

  append(buffers: readonly Uint8Array[]): Promise<void> {
    return this.onAll((file) => file.append(buffers));
  }

  sync(): Promise<void> {
    return this.onAll((file) => file.sync());
  }

  close(): Promise<void> {
    return this.onAll((file) => file.close()).finally(() => this.around.closed());
  }

  private onAll(work: (file: AppendFile) => Promise<void>): Promise<void> {
    return this.around.inTurn(async () => {
      await Promise.all([...this.files.values()].map(work));
    });
  }
}

function inFolder(path: string): string {
  return path.slice(replicatedFolder.length + 1);
}
