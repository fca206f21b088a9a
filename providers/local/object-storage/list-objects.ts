import type { ObjectHead } from './object-file.ts';
import { S3Error } from './s3-error.ts';
import { resultDocument, type XmlValue } from './xml.ts';

const mostKeys = 1000;

interface Page {
  /** Objects and common prefixes, as they come in order. */
  entries: ({ object: ObjectHead } | { prefix: string })[];
  truncated: boolean;
  /** The last thing on the page. */
  last: string;
}

/** ListObjectsV2, or its first version. `heads`: all of the bucket, in order. */
export function listObjects(bucket: string, heads: readonly ObjectHead[], query: URLSearchParams): string {
  const isSecond = query.get('list-type') === '2';
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const maxKeys = readMaxKeys(query.get('max-keys'));
  const encoding = readEncoding(query.get('encoding-type'));
  const write = (text: string) => (encoding === undefined ? text : encodeURIComponent(text).replaceAll('%2F', '/'));
  const token = isSecond ? query.get('continuation-token') : null;
  const startAfter = (isSecond ? query.get('start-after') : query.get('marker')) ?? '';
  const page = pageOf(heads, { prefix, delimiter, maxKeys, after: token === null ? startAfter : readToken(token) });
  const common = {
    Name: bucket,
    Prefix: write(prefix),
    Delimiter: delimiter === '' ? undefined : write(delimiter),
    MaxKeys: maxKeys,
    EncodingType: encoding,
    IsTruncated: page.truncated,
  };
  const found: Record<string, XmlValue> = {
    Contents: page.entries.flatMap((entry) => ('object' in entry ? [contents(entry.object, write)] : [])),
    CommonPrefixes: page.entries.flatMap((entry) => ('prefix' in entry ? [{ Prefix: write(entry.prefix) }] : [])),
  };
  if (!isSecond) {
    const next = page.truncated && delimiter !== '' ? write(page.last) : undefined;
    return resultDocument('ListBucketResult', { ...common, Marker: write(startAfter), NextMarker: next, ...found });
  }
  return resultDocument('ListBucketResult', {
    ...common,
    KeyCount: page.entries.length,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.truncated ? Buffer.from(page.last).toString('base64url') : undefined,
    StartAfter: query.has('start-after') ? write(startAfter) : undefined,
    ...found,
  });
}

function pageOf(heads: readonly ObjectHead[], options: { prefix: string; delimiter: string; maxKeys: number; after: string }): Page {
  const { prefix, delimiter, maxKeys, after } = options;
  const page: Page = { entries: [], truncated: false, last: '' };
  for (const object of heads) {
    if (!object.key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? object.key : object.key.slice(0, end + delimiter.length);
    // A prefix that was the last of the page before stands for everything below it.
    if (name === page.last || (after !== '' && Buffer.compare(Buffer.from(name), Buffer.from(after)) <= 0)) continue;
    if (page.entries.length === maxKeys) {
      page.truncated = maxKeys > 0;
      break;
    }
    page.entries.push(end < 0 ? { object } : { prefix: name });
    page.last = name;
  }
  return page;
}

function contents(object: ObjectHead, write: (text: string) => string): XmlValue {
  return { Key: write(object.key), LastModified: new Date(object.modifiedMs).toISOString(), ETag: object.etag, Size: object.size, StorageClass: 'STANDARD' };
}

function readMaxKeys(text: string | null): number {
  if (text === null || text === '') return mostKeys;
  if (!/^\d{1,10}$/.test(text)) throw new S3Error('InvalidArgument', { ArgumentName: 'max-keys', ArgumentValue: text }, 'Provided max-keys not an integer or within integer range');
  return Math.min(Number(text), mostKeys);
}

function readEncoding(text: string | null): 'url' | undefined {
  if (text === null || text === '') return undefined;
  if (text !== 'url') throw new S3Error('InvalidArgument', { ArgumentName: 'encoding-type', ArgumentValue: text }, 'Invalid Encoding Method specified in Request');
  return 'url';
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text === '') throw new S3Error('InvalidArgument', { ArgumentName: 'continuation-token', ArgumentValue: token }, 'The continuation token provided is incorrect');
  return text;
}
