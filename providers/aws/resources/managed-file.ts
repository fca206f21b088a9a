import type { S3, ServerSideEncryption } from '@aws-sdk/client-s3';
import type { NodeDocument } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { contentHash } from '../model/documents.ts';
import { parseS3Url } from '../s3-url.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { found } from './ownership.ts';

type FileAttributes = WantedResource<'ManagedFile'>['attributes'];

/** Contents by their hash: the plan and the inventory speak of the hash alone, so that no secret is printed. */
export type DocumentContents = ReadonlyMap<string, Uint8Array>;

export function documentContents(documents: readonly NodeDocument[]): DocumentContents {
  return new Map(documents.map(({ content, base64 }) => [contentHash(content), Buffer.from(content, base64 ? 'base64' : 'utf8')]));
}

/** Folders of the cluster's that hold what instances read; in the others the state store keeps what is its own. */
const folders = ['igconfig/', 'kops-ts/'];

/** Objects below the cluster's folder in the state store's bucket, which instances read. `contents` is what the last model wants to have published. */
export function managedFile(configBase: string | undefined, contents: () => DocumentContents): AwsKind<'ManagedFile'> {
  const base = parseS3Url(configBase);
  const encryptions = new Map<string, Promise<Encryption>>();
  const kind: AwsKind<'ManagedFile'> = {
    kind: 'ManagedFile',

    list: async ({ aws }) => {
      if (!base) return [];
      const s3 = await aws.service('s3');
      const prefix = base.key === '' ? '' : `${base.key}/`;
      const keys = await inParallel(folders, (folder) => keysBelow(s3, base.bucket, `${prefix}${folder}`));
      const files = await inParallel(keys.flat(), (key) => look(s3, base.bucket, key));
      return files.flatMap((file) => (file ? [actualFile(file.key.slice(prefix.length), file)] : []));
    },

    create: async (aws, { name, attributes }) => {
      const { bucket, key, sha256, secret } = attributes;
      const Body = contents().get(sha256);
      if (!Body) throw new KopsError(`nobody knows the content of ${name}`, { code: 'UNKNOWN_CONTENT', exit: 'bug', object: key });
      const s3 = await aws.service('s3');
      const encryption = encryptions.get(bucket) ?? findEncryption(s3, bucket);
      encryptions.set(bucket, encryption);
      await s3.putObject({ Bucket: bucket, Key: key, Body, Metadata: { sha256, secret: String(secret) }, ...(await encryption) });
      return actualFile(name, attributes);
    },

    update: (aws, _actual, resource, _changes, context) => kind.create(aws, resource, context),

    delete: async (aws, { attributes }) => {
      const { bucket, key } = attributes as unknown as FileAttributes;
      await ifThere((await aws.service('s3')).deleteObject({ Bucket: bucket, Key: key }));
    },

    effect: (changes) => (changes.some((field) => field === 'bucket' || field === 'key') ? 'replace' : 'update'),
  };
  return kind;
}

type Encryption = { ServerSideEncryption?: ServerSideEncryption };

/** As everything in the state store: AES256, unless the bucket has a default of its own. Who may not see that asks for it, too. */
async function findEncryption(s3: S3, Bucket: string): Promise<Encryption> {
  try {
    await s3.getBucketEncryption({ Bucket });
    return {};
  } catch {
    return { ServerSideEncryption: 'AES256' };
  }
}

async function keysBelow(s3: S3, Bucket: string, Prefix: string): Promise<string[]> {
  const objects = await allPages(async (ContinuationToken) => {
    const page = await ifThere(s3.listObjectsV2({ Bucket, Prefix, ContinuationToken }));
    return { items: page?.Contents, next: page?.NextContinuationToken };
  });
  return objects.flatMap(({ Key }) => Key ?? []);
}

/** Undefined for an object that has no hash: kops wrote it, and the next update overwrites it. */
async function look(s3: S3, bucket: string, key: string): Promise<FileAttributes | undefined> {
  const { Metadata: { sha256, secret } = {} } = (await ifThere(s3.headObject({ Bucket: bucket, Key: key }))) ?? {};
  return sha256 === undefined ? undefined : { bucket, key, sha256, secret: secret === 'true' };
}

function actualFile(name: string, attributes: FileAttributes): ActualResource {
  const instanceGroup = /^igconfig\/[^/]+\/([^/]+)\//.exec(name)?.[1];
  const resource = found({ kind: 'ManagedFile', id: `s3://${attributes.bucket}/${attributes.key}`, name, attributes: { ...attributes } });
  return instanceGroup === undefined ? resource : { ...resource, instanceGroup };
}
