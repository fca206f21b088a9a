import { listObjects } from './list-objects.ts';
import type { S3Call, Storage } from './s3-call.ts';
import { S3Error } from './s3-error.ts';
import type { S3Response } from './s3-request.ts';
import { childText, parseXml, resultDocument } from './xml.ts';

/** The one account that there is. */
const owner = { ID: 'local', DisplayName: 'local' };

export async function listBuckets({ buckets }: Storage): Promise<S3Response> {
  const found = buckets.list().map(({ name, createdMs, region }) => ({ Name: name, CreationDate: new Date(createdMs).toISOString(), BucketRegion: region }));
  return ok(resultDocument('ListAllMyBucketsResult', { Owner: owner, Buckets: { Bucket: found } }));
}

/** As in S3, a region other than us-east-1 has to be named in the body as well as in the signature. */
export async function createBucket({ buckets, bodies }: Storage, { request, signed, bucket }: S3Call): Promise<S3Response> {
  const region = await bodies.read(request, signed, async ({ data }) => {
    if (data.length === 0) return undefined;
    const document = parseXml(data.toString());
    if (document?.name !== 'CreateBucketConfiguration') throw new S3Error('MalformedXML');
    const unknown = document.children.find((child) => child.name !== 'LocationConstraint');
    if (unknown) throw new S3Error('NotImplemented', {}, `The local cloud's object storage does not do this: ${unknown.name} of a bucket`);
    return childText(document, 'LocationConstraint');
  });
  if (region === 'us-east-1') throw new S3Error('InvalidLocationConstraint', { LocationConstraint: region });
  if ((region ?? 'us-east-1') !== signed.region) {
    const message = `The ${region ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`;
    throw new S3Error('IllegalLocationConstraintException', {}, message);
  }
  await buckets.create(bucket, signed.region);
  return { status: 200, headers: { location: `/${bucket}` } };
}

export async function headBucket({ buckets }: Storage, { bucket }: S3Call): Promise<S3Response> {
  return { status: 200, headers: { 'x-amz-bucket-region': buckets.get(bucket).region } };
}

export async function deleteBucket({ buckets, uploads, onEmpty }: Storage, { bucket }: S3Call): Promise<S3Response> {
  await buckets.remove(bucket);
  await uploads.forget(bucket);
  if (buckets.list().length === 0) onEmpty();
  return { status: 204 };
}

/** us-east-1 has no name here. */
export async function getLocation({ buckets }: Storage, { bucket }: S3Call): Promise<S3Response> {
  const { region } = buckets.get(bucket);
  return ok(resultDocument('LocationConstraint', region === 'us-east-1' ? '' : region));
}

/** A bucket that has never kept versions answers with nothing. */
export async function getVersioning({ buckets }: Storage, { bucket }: S3Call): Promise<S3Response> {
  buckets.get(bucket);
  return ok(resultDocument('VersioningConfiguration', {}));
}

/** Nothing is encrypted here, and nothing says it is. */
export async function getEncryption({ buckets }: Storage, { bucket }: S3Call): Promise<S3Response> {
  buckets.get(bucket);
  throw new S3Error('ServerSideEncryptionConfigurationNotFoundError', { BucketName: bucket });
}

export async function list({ buckets }: Storage, { request, bucket }: S3Call): Promise<S3Response> {
  return ok(listObjects(bucket, await buckets.heads(bucket), request.query));
}

export function ok(body: string): S3Response {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}
