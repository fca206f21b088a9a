import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { JournalRecord } from './journal.ts';
import type { LeaseSnapshot } from './leases.ts';
import type { Write } from './mvcc.ts';
import type { KeyValue } from './store.ts';

/**
 * A frame is what one disk write makes durable, whole or not at all: `kw1\n`, length and CRC-32 (of length and payload) as
 * little-endian 32 bit numbers, then the payload: records one after the other.
 */
const magic = Buffer.from('kw1\n', 'latin1');
const headerBytes = 12;

export function encodeFrame(parts: readonly Uint8Array[]): Uint8Array[] {
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    4,
  );
  let checksum = crc32(header.subarray(4, 8));
  for (const part of parts) checksum = crc32(part, checksum);
  header.writeUInt32LE(checksum, 8);
  return [header, ...parts];
}

export interface Frame {
  payload: Uint8Array;
  end: number;
}

/** The frame at the offset; undefined when there is none, or it is not whole. */
export function frameAt(file: Buffer, offset: number): Frame | undefined {
  if (offset + headerBytes > file.length || !file.subarray(offset, offset + 4).equals(magic)) return undefined;
  const end = offset + headerBytes + file.readUInt32LE(offset + 4);
  if (end > file.length) return undefined;
  const payload = file.subarray(offset + headerBytes, end);
  const checksum = crc32(payload, crc32(file.subarray(offset + 4, offset + 8)));
  return checksum === file.readUInt32LE(offset + 8) ? { payload, end } : undefined;
}

/** Offset of the next whole frame after `offset`, or -1. A frame is written only when those before it are safe: then what lies between is damaged. */
export function nextFrameAfter(file: Buffer, offset: number): number {
  for (let at = file.indexOf(magic, offset + 1); at >= 0; at = file.indexOf(magic, at + 1)) if (frameAt(file, at)) return at;
  return -1;
}

const tags = { write: 1, grant: 2, revoke: 3, compact: 4 } as const;

export function encodeRecord(record: JournalRecord): Uint8Array {
  const out = new ByteWriter(record.type === 'write' ? sizeOf(record.writes) : 32);
  out.number(tags[record.type]);
  if (record.type === 'grant') out.number(record.lease).number(record.ttlSeconds);
  else if (record.type === 'revoke') out.number(record.lease);
  else out.number(record.revision);
  if (record.type === 'write') {
    out.number(record.revokes ?? 0).number(record.writes.length);
    for (const write of record.writes) encodeWrite(out, write);
  }
  return out.bytes();
}

/** About what a list of writes or items takes, rather more than less. */
function sizeOf(entries: readonly { key: string; value: Uint8Array | undefined }[]): number {
  return entries.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0) + 48, 64);
}

function encodeWrite(out: ByteWriter, write: Write): void {
  out.text(write.key);
  if (write.value === undefined) out.number(0);
  else
    out
      .number(1)
      .number(write.lease ?? 0)
      .blob(write.value);
}

export function decodeRecords(payload: Uint8Array): JournalRecord[] {
  const input = new ByteReader(payload);
  const records: JournalRecord[] = [];
  while (!input.done) records.push(decodeRecord(input));
  return records;
}

function decodeRecord(input: ByteReader): JournalRecord {
  const tag = input.number();
  if (tag === tags.grant) return { type: 'grant', lease: input.number(), ttlSeconds: input.number() };
  if (tag === tags.revoke) return { type: 'revoke', lease: input.number() };
  if (tag === tags.compact) return { type: 'compact', revision: input.number() };
  if (tag !== tags.write) throw new RangeError(`unknown record type ${tag}`);
  const revision = input.number();
  const revokes = input.number();
  const writes = Array.from({ length: input.number() }, () => decodeWrite(input));
  return revokes === 0 ? { type: 'write', revision, writes } : { type: 'write', revision, writes, revokes };
}

function decodeWrite(input: ByteReader): Write {
  const key = input.text();
  if (input.number() === 0) return { key, value: undefined };
  const lease = input.number();
  const value = input.blob();
  return lease === 0 ? { key, value } : { key, value, lease };
}

/** First frame of a snapshot; the frames after it hold `count` items together. */
export interface SnapshotHeader extends LeaseSnapshot {
  revision: number;
  count: number;
}

export function encodeSnapshotHeader(header: SnapshotHeader): Uint8Array {
  return Buffer.from(JSON.stringify(header));
}

export function decodeSnapshotHeader(payload: Uint8Array): SnapshotHeader {
  return JSON.parse(Buffer.from(payload).toString()) as SnapshotHeader;
}

export function encodeItems(items: readonly KeyValue[]): Uint8Array {
  const out = new ByteWriter(sizeOf(items));
  for (const item of items) {
    out
      .text(item.key)
      .number(item.createRevision)
      .number(item.modRevision)
      .number(item.version)
      .number(item.lease ?? 0)
      .blob(item.value);
  }
  return out.bytes();
}

export function decodeItems(payload: Uint8Array): KeyValue[] {
  const input = new ByteReader(payload);
  const items: KeyValue[] = [];
  while (!input.done) {
    const [key, createRevision, modRevision, version, lease] = [input.text(), input.number(), input.number(), input.number(), input.number()];
    const item: KeyValue = { key, value: input.blob(), createRevision, modRevision, version };
    if (lease !== 0) item.lease = lease;
    items.push(item);
  }
  return items;
}
