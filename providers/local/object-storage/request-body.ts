import { createHash } from 'node:crypto';
import { checksum, checksumHeader } from './checksums.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { chunkSignature, type Signed, sameText } from './signature.ts';

/** What is read is held in memory: no object may be larger, and no more than a few may come at once. */
export const largestObjectBytes = 64 * 1024 * 1024;
const mostBytesAtOnce = 4 * largestObjectBytes;
/** Framing of a chunked body beside its content. */
const framingBytes = 1024 * 1024;

export interface ReadBody {
  data: Buffer;
  /** Checksums that came with the content and are right: `x-amz-checksum-crc32` → base64. */
  checksums: Record<string, string>;
}

/** Reads the bodies of one server's requests and counts what they hold at the same time. */
export class BodyReader {
  private held = 0;

  /** Reads a whole body and checks it by everything that was sent for that: hash, MD5, checksums, signatures of chunks. Throws S3Error. */
  async read<T>(request: S3Request, signed: Signed, use: (body: ReadBody) => Promise<T>): Promise<T> {
    const counted = { bytes: 0 };
    try {
      return await use(checkedBody(request, signed, await this.collect(request, counted)));
    } finally {
      this.held -= counted.bytes;
    }
  }

  private async collect(request: S3Request, counted: { bytes: number }): Promise<Buffer> {
    const announced = Number(request.headers['x-amz-decoded-content-length'] ?? request.headers['content-length'] ?? 0);
    if (announced > largestObjectBytes) throw tooLarge(announced);
    const chunks: Uint8Array[] = [];
    for await (const chunk of request.body) {
      counted.bytes += chunk.length;
      this.held += chunk.length;
      if (counted.bytes > largestObjectBytes + framingBytes) throw tooLarge(counted.bytes);
      if (this.held > mostBytesAtOnce) throw new S3Error('SlowDown');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

export function tooLarge(bytes: number): S3Error {
  const message = `Your proposed upload exceeds the maximum allowed size: the local cloud holds objects of up to ${largestObjectBytes / 1024 / 1024} MB`;
  return new S3Error('EntityTooLarge', { ProposedSize: String(bytes), MaxSizeAllowed: String(largestObjectBytes) }, message);
}

function checkedBody(request: S3Request, signed: Signed, raw: Buffer): ReadBody {
  const { headers } = request;
  const { payloadHash } = signed;
  const chunked = payloadHash.startsWith('STREAMING-');
  const { data, trailers } = chunked ? decodeChunks(raw, signed) : { data: raw, trailers: {} };
  if (data.length > largestObjectBytes) throw tooLarge(data.length);
  const announced = headers['x-amz-decoded-content-length'];
  if (chunked && announced !== undefined && Number(announced) !== data.length) throw new S3Error('IncompleteBody');
  if (!chunked && payloadHash !== 'UNSIGNED-PAYLOAD' && createHash('sha256').update(data).digest('hex') !== payloadHash) throw new S3Error('XAmzContentSHA256Mismatch');
  checkMd5(headers['content-md5'], data);
  return { data, checksums: checkChecksums({ ...headers, ...trailers }, data) };
}

function checkMd5(given: string | undefined, data: Buffer): void {
  if (given === undefined) return;
  if (Buffer.from(given, 'base64').length !== 16) throw new S3Error('InvalidDigest', { 'Content-MD5': given });
  const calculated = createHash('md5').update(data).digest('base64');
  if (calculated !== given) throw new S3Error('BadDigest', { ExpectedDigest: given, CalculatedDigest: calculated });
}

function checkChecksums(headers: S3Request['headers'], data: Buffer): Record<string, string> {
  const checksums: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = checksumHeader.exec(name)?.[1];
    if (algorithm === undefined || value === undefined) continue;
    if (checksum(algorithm, data) !== value) throw new S3Error('BadDigest', {}, `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`);
    checksums[name] = value;
  }
  return checksums;
}

/** A body as SDKs send it when its hash is not known beforehand: `size[;chunk-signature=…]` CRLF content CRLF, until a chunk of no size; then trailers. */
function decodeChunks(raw: Buffer, signed: Signed): { data: Buffer; trailers: Record<string, string> } {
  const isSigned = signed.payloadHash === 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  if (!isSigned && signed.payloadHash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') throw new S3Error('NotImplemented', { Header: 'x-amz-content-sha256', Value: signed.payloadHash });
  const chunks: Buffer[] = [];
  let previous = signed.signature;
  for (let at = 0; ; ) {
    const lineEnd = raw.indexOf('\r\n', at);
    const [, size, signature = ''] = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(raw.toString('latin1', at, Math.max(at, lineEnd))) ?? [];
    if (lineEnd < 0 || size === undefined) throw new S3Error('IncompleteBody');
    const length = Number.parseInt(size, 16);
    const start = lineEnd + 2;
    const data = raw.subarray(start, start + length);
    if (data.length < length) throw new S3Error('IncompleteBody');
    if (isSigned) {
      previous = chunkSignature(signed, previous, data);
      if (!sameText(previous, signature)) throw new S3Error('SignatureDoesNotMatch');
    }
    if (length === 0) return { data: Buffer.concat(chunks), trailers: trailersOf(raw.toString('latin1', start)) };
    chunks.push(data);
    at = start + length + 2;
  }
}

function trailersOf(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
}
