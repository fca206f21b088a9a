import type { Disk } from '../../../lib/disk.ts';
import { decodeItems, decodeSnapshotHeader, encodeFrame, encodeItems, encodeSnapshotHeader, frameAt, type SnapshotHeader } from '../record-codec.ts';
import type { KeyValue } from '../store.ts';
import { corruptFile } from './wal-errors.ts';

const itemsPerFrame = 500;

export interface Snapshot {
  header: SnapshotHeader;
  items: KeyValue[];
}

/** Writes in pieces, so that other work goes on between them. The name appears when all is on disk. Resolves to the file's size. */
export async function writeSnapshot(disk: Disk, path: string, snapshot: Snapshot): Promise<number> {
  const temporary = `${path}.tmp`;
  await disk.remove(temporary);
  const file = await disk.openAppend(temporary);
  let bytes = 0;
  const append = async (payload: Uint8Array) => {
    bytes += payload.length;
    await file.append(encodeFrame([payload]));
  };
  try {
    await append(encodeSnapshotHeader(snapshot.header));
    for (let at = 0; at < snapshot.items.length; at += itemsPerFrame) await append(encodeItems(snapshot.items.slice(at, at + itemsPerFrame)));
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  return bytes;
}

export async function readSnapshot(disk: Disk, path: string): Promise<Snapshot> {
  const file = Buffer.from(await disk.readFile(path));
  const payloads: Uint8Array[] = [];
  let offset = 0;
  for (let frame = frameAt(file, 0); frame; frame = frameAt(file, offset)) {
    payloads.push(frame.payload);
    offset = frame.end;
  }
  const [first, ...rest] = payloads;
  if (!first || offset !== file.length) throw corruptFile(path, offset);
  const header = decodeSnapshotHeader(first);
  const items = rest.flatMap(decodeItems);
  if (items.length !== header.count) throw corruptFile(path, offset);
  return { header, items };
}
