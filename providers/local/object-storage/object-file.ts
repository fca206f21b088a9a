import { isPlainObject } from '../../../src/lib/json.ts';

/** What is known of an object beside its content. */
export interface ObjectHead {
  key: string;
  /** With its quotes, as S3 sends it. */
  etag: string;
  size: number;
  modifiedMs: number;
  /** Headers that are given back: content-type, x-amz-meta-…, checksums. */
  headers: Record<string, string>;
}

/** One file an object, so that head and content change together: length of the head (4 bytes), head as JSON, content. */
export function encodeObject(head: ObjectHead, data: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, data]);
}

/** Throws SyntaxError for a file that holds no object, or not all of it. */
export function decodeObject(file: Uint8Array): { head: ObjectHead; data: Buffer } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 4) throw new SyntaxError('it is too short');
  const end = 4 + bytes.readUInt32BE(0);
  const head: unknown = JSON.parse(bytes.toString('utf8', 4, end));
  const data = bytes.subarray(end);
  if (!isObjectHead(head) || head.size !== data.length) throw new SyntaxError('it is not a whole object');
  return { head, data };
}

function isObjectHead(value: unknown): value is ObjectHead {
  return isPlainObject(value) && typeof value.key === 'string' && typeof value.etag === 'string' && typeof value.modifiedMs === 'number' && isPlainObject(value.headers);
}
