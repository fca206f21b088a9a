import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './s3-error.ts';

/** A request apart from its socket. */
export interface S3Request {
  method: string;
  /** Decoded, with its leading slash. */
  path: string;
  query: URLSearchParams;
  /** By name in small letters. */
  headers: Readonly<Record<string, string | undefined>>;
  body: AsyncIterable<Uint8Array>;
}

export interface S3Response {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

/** Throws S3Error InvalidURI for a path that cannot be decoded. */
export function toRequest(method: string, url: string, headers: IncomingHttpHeaders, body: AsyncIterable<Uint8Array>): S3Request {
  const [path = '/', ...query] = url.split('?');
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]));
  try {
    // A plus is a plus: only forms write spaces so.
    return { method, path: decodeURIComponent(path), query: new URLSearchParams(query.join('?').replaceAll('+', '%2B')), headers: plain, body };
  } catch {
    throw new S3Error('InvalidURI');
  }
}

/** Path style only: `/bucket/key`, where the key may be anything, slashes included. */
export function placeOf(path: string): { bucket: string; key: string } {
  const end = path.indexOf('/', 1);
  return end < 0 ? { bucket: path.slice(1), key: '' } : { bucket: path.slice(1, end), key: path.slice(end + 1) };
}
