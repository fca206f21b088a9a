import { createHash } from 'node:crypto';
import { ok } from './bucket-operations.ts';
import { checkCopySource, writeCondition } from './conditions.ts';
import { copySource, describingHeaders, rangeOf } from './object-operations.ts';
import { largestObjectBytes, tooLarge } from './request-body.ts';
import type { S3Call, Storage } from './s3-call.ts';
import { S3Error } from './s3-error.ts';
import type { S3Response } from './s3-request.ts';
import { childText, parseXml, resultDocument } from './xml.ts';

export async function createUpload({ buckets, uploads }: Storage, { request, bucket, key }: S3Call): Promise<S3Response> {
  buckets.get(bucket);
  const id = await uploads.create(bucket, key, describingHeaders(request.headers));
  return ok(resultDocument('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id }));
}

export async function uploadPart({ buckets, uploads, bodies }: Storage, { request, signed, bucket, key }: S3Call): Promise<S3Response> {
  buckets.get(bucket);
  const id = request.query.get('uploadId') ?? '';
  const part = Number(request.query.get('partNumber'));
  const { 'x-amz-copy-source': source, 'x-amz-copy-source-range': range } = request.headers;
  if (source !== undefined) {
    const from = copySource(source);
    const { head, data } = await buckets.read(from.bucket, from.key);
    checkCopySource(request.headers, head);
    const { first, last } = rangeOf(range, data.length) ?? { first: 0, last: data.length - 1 };
    return ok(resultDocument('CopyPartResult', { ETag: await uploads.putPart(bucket, key, id, part, data.subarray(first, last + 1)) }));
  }
  return bodies.read(request, signed, async ({ data, checksums }) => ({ status: 200, headers: { etag: await uploads.putPart(bucket, key, id, part, data), ...checksums } }));
}

export async function abortUpload({ buckets, uploads }: Storage, { request, bucket, key }: S3Call): Promise<S3Response> {
  buckets.get(bucket);
  const id = request.query.get('uploadId') ?? '';
  await uploads.head(bucket, key, id);
  await uploads.remove(bucket, id);
  return { status: 204 };
}

/** Puts the parts that are named together, in their order. Its entity tag is S3's: MD5 of the parts' MD5s, and how many they are. */
export async function completeUpload({ buckets, uploads, bodies }: Storage, { request, signed, bucket, key }: S3Call): Promise<S3Response> {
  buckets.get(bucket);
  const id = request.query.get('uploadId') ?? '';
  // Checksums in the headers of this request are those of the object to be, not of the request.
  const document = await bodies.read({ ...request, headers: withoutChecksums(request.headers) }, signed, async ({ data }) => parseXml(data.toString()));
  const named = document?.name === 'CompleteMultipartUpload' ? document.children.filter((child) => child.name === 'Part') : [];
  if (named.length === 0) throw new S3Error('MalformedXML');
  const condition = writeCondition(request.headers);
  const { headers } = await uploads.head(bucket, key, id);
  const parts = named.map((part) => ({ number: Number(childText(part, 'PartNumber')), etag: (childText(part, 'ETag') ?? '').replaceAll('"', '') }));
  if (parts.some(({ number }, at) => at > 0 && number <= (parts[at - 1]?.number ?? 0))) throw new S3Error('InvalidPartOrder', { UploadId: id });
  const chunks: Buffer[] = [];
  const hash = createHash('md5');
  let size = 0;
  for (const { number, etag } of parts) {
    const part = await uploads.part(bucket, id, number);
    if (part.etag !== `"${etag}"`) throw new S3Error('InvalidPart', { UploadId: id, PartNumber: String(number), ETag: etag });
    size += part.data.length;
    if (size > largestObjectBytes) throw tooLarge(size);
    chunks.push(part.data);
    hash.update(Buffer.from(etag, 'hex'));
  }
  const head = await buckets.write(bucket, { key, data: Buffer.concat(chunks), headers, etag: `"${hash.digest('hex')}-${parts.length}"` }, condition);
  await uploads.remove(bucket, id);
  return ok(resultDocument('CompleteMultipartUploadResult', { Location: `/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: head.etag }));
}

function withoutChecksums(headers: S3Call['request']['headers']): S3Call['request']['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-')));
}
