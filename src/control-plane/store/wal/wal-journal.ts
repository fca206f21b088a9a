import type { AppendFile, Disk } from '../../../lib/disk.ts';
import { type KopsError, messageOf } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import type { EmbeddedState } from '../embedded-store.ts';
import type { Journal, JournalRecord } from '../journal.ts';
import { encodeFrame, encodeRecord } from '../record-codec.ts';
import { type Snapshot, writeSnapshot } from './snapshot-file.ts';
import { writeFailed } from './wal-errors.ts';
import { segmentName, snapshotName } from './wal-files.ts';
import type { Recovered } from './wal-recovery.ts';

/** Records that become durable together. */
interface Batch {
  parts: Uint8Array[];
  done: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export interface WalJournalOptions {
  disk: Disk;
  log: Log;
  directory: string;
  /** A segment that is longer, and longer than the last snapshot, is followed by a snapshot and a new segment. */
  segmentBytes: number;
}

/** Group commit: what arrives while the disk syncs is the next batch, one frame, one write, one sync. */
export class WalJournal implements Journal {
  private readonly options: WalJournalOptions;
  private readonly state: EmbeddedState;
  private segment: number;
  private segmentBytes: number;
  private snapshotBytes: number;
  private file: AppendFile;
  private next: Batch | undefined;
  private writing: Promise<void> | undefined;
  private snapshotting: Promise<void> | undefined;
  private failure: KopsError | undefined;
  private closing: Promise<void> | undefined;
  private readonly end = withResolvers();

  private constructor(options: WalJournalOptions, recovered: Recovered, file: AppendFile) {
    this.options = options;
    this.state = recovered.state;
    this.segment = recovered.segment;
    this.segmentBytes = recovered.segmentBytes;
    this.snapshotBytes = recovered.snapshotBytes;
    this.file = file;
  }

  static async open(options: WalJournalOptions, recovered: Recovered): Promise<WalJournal> {
    return new WalJournal(options, recovered, await options.disk.openAppend(segmentName(options.directory, recovered.segment)));
  }

  append(record: JournalRecord): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.next ??= newBatch();
    this.next.parts.push(encodeRecord(record));
    this.writing ??= this.writeAll();
    return this.next.done;
  }

  async settled(): Promise<void> {
    await (this.next?.done ?? this.writing);
    if (this.failure) throw this.failure;
  }

  /** Nothing is written any more once this resolves; whoever still appends is told why. */
  async fence(reason: KopsError): Promise<void> {
    this.failure ??= reason;
    this.next?.reject(this.failure);
    this.next = undefined;
    await this.close();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    await this.writing;
    await this.snapshotting;
    await this.file.close().finally(this.end.resolve);
  }

  /** Resolves when the journal is closed. */
  get closed(): Promise<void> {
    return this.end.promise;
  }

  /** Writes batch after batch until none waits. */
  private async writeAll(): Promise<void> {
    // Writes that are made together start as one batch.
    await undefined;
    for (let batch = this.next; batch; batch = this.next) {
      this.next = undefined;
      try {
        await this.write(batch);
        batch.resolve();
      } catch (error) {
        this.fail(error, batch);
        break;
      }
    }
    this.writing = undefined;
  }

  private async write(batch: Batch): Promise<void> {
    // The state now is exactly what this segment will hold after the batch: the one moment a snapshot fits between two segments.
    const snapshot = this.rotationIsDue() ? this.capture() : undefined;
    const frame = encodeFrame(batch.parts);
    await this.file.append(frame);
    await this.file.sync();
    for (const part of frame) this.segmentBytes += part.length;
    if (snapshot) await this.rotate(snapshot);
  }

  private fail(cause: unknown, batch: Batch): void {
    const file = segmentName(this.options.directory, this.segment);
    const failure = writeFailed(file, cause);
    this.failure = failure;
    this.options.log.error(failure.message, { file, error: cause });
    batch.reject(failure);
    this.next?.reject(failure);
    this.next = undefined;
  }

  private rotationIsDue(): boolean {
    return !this.snapshotting && this.segmentBytes > Math.max(this.options.segmentBytes, this.snapshotBytes);
  }

  private capture(): Snapshot {
    const { mvcc, leases } = this.state;
    const items = mvcc.itemsAt(mvcc.revision);
    return { header: { revision: mvcc.revision, count: items.length, ...leases.snapshot() }, items };
  }

  /** The new segment is there before its snapshot: until that is whole, both segments follow the old one. */
  private async rotate(snapshot: Snapshot): Promise<void> {
    const { disk, directory } = this.options;
    const file = await disk.openAppend(segmentName(directory, this.segment + 1));
    await this.file.close();
    this.file = file;
    this.segment++;
    this.segmentBytes = 0;
    this.snapshotting = this.snapshot(this.segment, snapshot).finally(() => {
      this.snapshotting = undefined;
    });
  }

  private async snapshot(number: number, snapshot: Snapshot): Promise<void> {
    const { disk, directory, log } = this.options;
    try {
      this.snapshotBytes = await writeSnapshot(disk, snapshotName(directory, number), snapshot);
      await this.removeBefore(number);
    } catch (error) {
      // Nothing is lost: the older snapshot and the segments after it hold everything, and the next rotation tries again.
      log.warn('a snapshot of the cluster store failed', { file: snapshotName(directory, number), error: messageOf(error) });
    }
  }

  private async removeBefore(number: number): Promise<void> {
    const { disk, directory } = this.options;
    const names = (await disk.list(directory)).filter((name) => /^(wal|snapshot)-/.test(name) && Number.parseInt(name.replace(/^\D+/, ''), 10) < number);
    for (const name of names) await disk.remove(`${directory}/${name}`);
  }
}

function newBatch(): Batch {
  const { promise, resolve, reject } = withResolvers();
  return { parts: [], done: promise, resolve, reject };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
