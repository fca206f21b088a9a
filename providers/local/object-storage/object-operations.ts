import { ok } from './bucket-operations.ts';
import { checksumHeader } from './checksums.ts';
import { checkCopySource, checkRead, writeCondition } from './conditions.ts';
import type { ObjectHead } from './object-file.ts';
import type { S3Call, Storage } from './s3-call.ts';
import { S3Error } from './s3-error.ts';
import { placeOf, type S3Request, type S3Response } from './s3-request.ts';
import { childText, parseXml, resultDocument, type XmlElement } from './xml.ts';

const keptHeader = /^(content-type|cache-control|content-disposition|content-encoding|content-language|expires|x-amz-meta-.+)$/;
const mostDeletions = 1000;

export async function putObject(storage: Storage, call: S3Call): Promise<S3Response> {
  const { request, signed, bucket, key } = call;
  if (request.headers['x-amz-copy-source'] !== undefined) return copyObject(storage, call, request.headers['x-amz-copy-source']);
  storage.buckets.get(bucket);
  const condition = writeCondition(request.headers);
  return storage.bodies.read(request, signed, async ({ data, checksums }) => {
    const head = await storage.buckets.write(bucket, { key, data, headers: { ...describingHeaders(request.headers), ...checksums } }, condition);
    return { status: 200, headers: { etag: head.etag, ...checksums } };
  });
}

async function copyObject({ buckets }: Storage, { request, bucket, key }: S3Call, encoded: string): Promise<S3Response> {
  const source = copySource(encoded);
  const replaces = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  if (!replaces && source.bucket === bucket && source.key === key) {
    throw new S3Error('InvalidRequest', {}, 'This copy request is illegal because it is trying to copy an object to itself without changing the object’s metadata.');
  }
  const condition = writeCondition(request.headers);
  const { head, data } = await buckets.read(source.bucket, source.key);
  checkCopySource(request.headers, head);
  const checksums = Object.fromEntries(Object.entries(head.headers).filter(([name]) => checksumHeader.test(name)));
  const headers = replaces ? { ...describingHeaders(request.headers), ...checksums } : head.headers;
  const copy = await buckets.write(bucket, { key, data, headers, etag: head.etag }, condition);
  return ok(resultDocument('CopyObjectResult', { LastModified: new Date(copy.modifiedMs).toISOString(), ETag: copy.etag }));
}

export async function getObject({ buckets }: Storage, { request, bucket, key }: S3Call): Promise<S3Response> {
  const { head, data } = await buckets.read(bucket, key);
  checkRead(request.headers, head);
  const range = rangeOf(request.headers.range, head.size);
  if (!range) return { status: 200, headers: answerHeaders(head, request), body: data };
  const headers = { ...answerHeaders(head, request, { part: true }), 'content-range': `bytes ${range.first}-${range.last}/${head.size}` };
  return { status: 206, headers, body: data.subarray(range.first, range.last + 1) };
}

export async function headObject({ buckets }: Storage, { request, bucket, key }: S3Call): Promise<S3Response> {
  const head = await buckets.head(bucket, key);
  if (!head) throw new S3Error('NoSuchKey', { Key: key });
  checkRead(request.headers, head);
  return { status: 200, headers: { ...answerHeaders(head, request), 'content-length': String(head.size) } };
}

export async function deleteObject({ buckets }: Storage, { request, bucket, key }: S3Call): Promise<S3Response> {
  await buckets.erase(bucket, key, writeCondition(request.headers));
  return { status: 204 };
}

/** Up to a thousand keys in one request, each with a result of its own. */
export async function deleteObjects({ buckets, bodies }: Storage, { request, signed, bucket }: S3Call): Promise<S3Response> {
  const asked = await bodies.read(request, signed, async ({ data }) => parseXml(data.toString()));
  const objects = asked?.name === 'Delete' ? asked.children.filter((child) => child.name === 'Object') : [];
  if (!asked || objects.length === 0 || objects.length > mostDeletions) throw new S3Error('MalformedXML');
  buckets.get(bucket);
  const quiet = childText(asked, 'Quiet') === 'true';
  const results = await Promise.all(
    objects.map((object) => deleteOne(object, (key, etag) => buckets.erase(bucket, key, writeCondition(etag === undefined ? {} : { 'if-match': etag })))),
  );
  return ok(
    resultDocument('DeleteResult', {
      Deleted: quiet ? [] : results.flatMap(({ Key, error }) => (error ? [] : [{ Key }])),
      Error: results.flatMap(({ Key, error }) => (error ? [{ Key, Code: error.code, Message: error.message }] : [])),
    }),
  );
}

async function deleteOne(object: XmlElement, erase: (key: string, etag: string | undefined) => Promise<void>): Promise<{ Key: string; error?: S3Error }> {
  const key = childText(object, 'Key');
  const unknown = object.children.find((child) => !['Key', 'ETag'].includes(child.name));
  if (key === undefined || key === '') throw new S3Error('MalformedXML');
  try {
    if (unknown) throw new S3Error('NotImplemented', {}, `The local cloud's object storage does not do this: ${unknown.name} of an object`);
    await erase(key, childText(object, 'ETag'));
    return { Key: key };
  } catch (error) {
    if (error instanceof S3Error) return { Key: key, error };
    throw error;
  }
}

/** `x-amz-copy-source: /bucket/key`, encoded as in a URL. A version that is asked for is not there. */
export function copySource(encoded: string): { bucket: string; key: string } {
  try {
    if (!encoded.includes('?')) return placeOf(`/${decodeURIComponent(encoded).replace(/^\//, '')}`);
  } catch {
    // Falls through to the refusal.
  }
  throw new S3Error('InvalidArgument', { ArgumentName: 'x-amz-copy-source', ArgumentValue: encoded });
}

/** Headers that describe the content and are given back with it. */
export function describingHeaders(headers: S3Request['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && keptHeader.test(name)) kept[name] = value;
  // How it was sent, not what it is.
  const encoding = kept['content-encoding']?.split(',').filter((part) => part.trim() !== 'aws-chunked');
  delete kept['content-encoding'];
  return { ...kept, ...(encoding && encoding.length > 0 ? { 'content-encoding': encoding.join(',') } : {}) };
}

/** A checksum is that of the whole content: with a part of it, it would only mislead. */
function answerHeaders(head: ObjectHead, request: S3Request, { part = false } = {}): Record<string, string> {
  const asksChecksum = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && !part;
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries(Object.entries(head.headers).filter(([name]) => asksChecksum || !checksumHeader.test(name))),
    etag: head.etag,
    'last-modified': new Date(head.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
  };
}

/** `bytes=0-99`, `bytes=100-`, `bytes=-100`; anything else is the whole, as in S3. Throws InvalidRange. */
export function rangeOf(text: string | undefined, size: number): { first: number; last: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const range =
    first === '' ? { first: Math.max(0, size - Number(last)), last: size - 1 } : { first: Number(first), last: Math.min(last === '' ? size - 1 : Number(last), size - 1) };
  if (range.first >= size || (first === '' && Number(last) === 0)) throw new S3Error('InvalidRange', { RangeRequested: text ?? '', ActualObjectSize: String(size) });
  return range.last < range.first ? undefined : range;
}
