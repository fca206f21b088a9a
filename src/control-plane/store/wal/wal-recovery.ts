import type { Clock } from '../../../lib/clock.ts';
import type { Disk } from '../../../lib/disk.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import type { EmbeddedState } from '../embedded-store.ts';
import type { JournalRecord } from '../journal.ts';
import { Leases } from '../leases.ts';
import { Mvcc } from '../mvcc.ts';
import { decodeRecords, frameAt, nextFrameAfter } from '../record-codec.ts';
import { readSnapshot } from './snapshot-file.ts';
import { corruptFile } from './wal-errors.ts';
import { segmentName, snapshotName, sortFiles } from './wal-files.ts';

export interface Recovered {
  state: EmbeddedState;
  /** The segment to go on with, and how long it is. */
  segment: number;
  segmentBytes: number;
  snapshotBytes: number;
}

interface RecoveryOptions {
  disk: Disk;
  clock: Clock;
  log: Log;
  directory: string;
  maxRevisions: number;
}

/** Rebuilds the state from the latest snapshot and the segments after it. A torn tail (a write that a crash cut short) is cut off. */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { disk, directory, clock } = options;
  const files = sortFiles(directory, await disk.list(directory));
  for (const name of files.obsolete) await disk.remove(name);
  const state: EmbeddedState = { mvcc: new Mvcc(), leases: new Leases(clock) };
  const snapshotBytes = files.snapshot > 0 ? await restore(options, state, files.snapshot) : 0;
  let expected = files.snapshot;
  let segmentBytes = 0;
  for (const number of files.segments) {
    if (number !== expected) throw corruptFile(segmentName(directory, expected), 0, 'the file is missing');
    segmentBytes = await replaySegment(options, state, number, number === files.segments.at(-1));
    expected++;
  }
  return { state, segment: Math.max(files.snapshot, expected - 1), segmentBytes, snapshotBytes };
}

async function restore(options: RecoveryOptions, { mvcc, leases }: EmbeddedState, number: number): Promise<number> {
  const { header, items } = await readSnapshot(options.disk, snapshotName(options.directory, number));
  leases.restore(header);
  mvcc.restore(items, header.revision);
  let bytes = 0;
  for (const item of items) {
    bytes += item.value.length;
    if (item.lease !== undefined) leases.attach(item.lease, item.key);
  }
  return bytes;
}

/** Resolves to the length of the segment's good part, which is all that is left of it. */
async function replaySegment(options: RecoveryOptions, state: EmbeddedState, number: number, last: boolean): Promise<number> {
  const path = segmentName(options.directory, number);
  const file = Buffer.from(await options.disk.readFile(path));
  let offset = 0;
  for (let frame = frameAt(file, 0); frame; frame = frameAt(file, offset)) {
    try {
      for (const record of decodeRecords(frame.payload)) replay(state, record, options);
    } catch (error) {
      throw corruptFile(path, offset, messageOf(error), error);
    }
    offset = frame.end;
  }
  if (offset === file.length) return offset;
  if (!last || nextFrameAfter(file, offset) >= 0) throw corruptFile(path, offset);
  options.log.warn('the last write to the cluster store was cut short by a crash; it had not been acknowledged and is dropped', {
    file: path,
    offset,
    bytes: file.length - offset,
  });
  await options.disk.truncate(path, offset);
  return offset;
}

function replay({ mvcc, leases }: EmbeddedState, record: JournalRecord, options: RecoveryOptions): void {
  if (record.type === 'grant') leases.grant(record.ttlSeconds, record.lease);
  else if (record.type === 'revoke') leases.remove(record.lease);
  else if (record.type === 'compact') mvcc.compact(record.revision);
  else {
    if (record.revision !== mvcc.revision + 1) throw new RangeError(`revision ${record.revision} follows ${mvcc.revision}`);
    leases.apply(mvcc.write(record.writes, options.clock.now()).events);
    if (record.revokes !== undefined) leases.remove(record.revokes);
    if (mvcc.history.length > 2 * options.maxRevisions) mvcc.compact(mvcc.revision - options.maxRevisions);
  }
}
