import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ObjectStorage, openObjectStorage } from '../../providers/local/object-storage/object-storage.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createNodeDisk } from '../../src/lib/node-disk.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { openObjectStore } from '../../src/state/open-object-store.ts';
import { objectStoreContract } from '../contract/object-store.ts';

// The SDK's word on old Node.js versions is no finding of a test.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const folder = mkdtempSync(join(tmpdir(), 'kops-ts-s3-'));
const source = { clock: realClock, random: systemRandom, log: silentLog };
let storage: ObjectStorage;
let emptied = 0;
const open = (port = 0) => openObjectStorage({ environment: source, disk: createNodeDisk(folder), port, onEmpty: () => emptied++ });
const clients: S3Client[] = [];

function client(more: { accessKeyId?: string; secretAccessKey?: string; region?: string } = {}): S3Client {
  const { region = 'us-east-1', ...key } = more;
  const made = new S3Client({ endpoint: storage.endpoint, region, forcePathStyle: true, credentials: { ...storage.key, ...key }, maxAttempts: 1 });
  clients.push(made);
  return made;
}

function environment(): Environment {
  const { accessKeyId, secretAccessKey } = storage.key;
  const variables = { S3_ENDPOINT: storage.endpoint, S3_REGION: 'us-east-1', S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey };
  return { ...source, signal: new AbortController().signal, variables };
}

/** What a request is refused with. */
async function refusal(sent: Promise<unknown>): Promise<string> {
  const error = (await sent.then(
    () => ({ name: 'no error' }),
    (reason: unknown) => reason,
  )) as { name: string; $metadata?: { httpStatusCode?: number } };
  return `${error.$metadata?.httpStatusCode} ${error.name}`;
}

beforeAll(async () => {
  storage = await open();
  for (const Bucket of ['state', 'objects']) await client().send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => {
  for (const made of clients) made.destroy();
  storage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the object storage of the local cloud as a state store', () => {
  objectStoreContract('s3 of the local cloud', () => openObjectStore('s3://state', environment()));
  objectStoreContract('s3 of the local cloud with a prefix', () => openObjectStore('s3://state/some/prefix', environment()));
});

describe('buckets of the local cloud', () => {
  it('are made where the request says, as on S3, and deleted when they are empty', async () => {
    const [east, west] = [client(), client({ region: 'eu-west-1' })];
    const inWest = (Bucket: string) => new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
    await west.send(inWest('west'));
    expect((await east.send(new GetBucketLocationCommand({ Bucket: 'west' }))).LocationConstraint).toBe('eu-west-1');
    expect((await east.send(new GetBucketLocationCommand({ Bucket: 'state' }))).LocationConstraint || undefined).toBeUndefined();
    expect((await east.send(new GetBucketVersioningCommand({ Bucket: 'state' }))).Status).toBeUndefined();
    expect((await east.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(['objects', 'state', 'west']);
    await east.send(new CreateBucketCommand({ Bucket: 'state' }));
    expect({
      again: await refusal(west.send(inWest('west'))),
      elsewhere: await refusal(east.send(inWest('other'))),
      named: await refusal(east.send(new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration: { LocationConstraint: 'us-east-1' as never } }))),
      name: await refusal(east.send(new CreateBucketCommand({ Bucket: 'Not_A_Bucket' }))),
      missing: await refusal(east.send(new HeadBucketCommand({ Bucket: 'none' }))),
      versions: await refusal(east.send(new PutBucketVersioningCommand({ Bucket: 'state', VersioningConfiguration: { Status: 'Enabled' } }))),
      full: await east.send(new PutObjectCommand({ Bucket: 'west', Key: 'a', Body: 'x' })).then(() => refusal(east.send(new DeleteBucketCommand({ Bucket: 'west' })))),
    }).toEqual({
      again: '409 BucketAlreadyOwnedByYou',
      elsewhere: '400 IllegalLocationConstraintException',
      named: '400 InvalidLocationConstraint',
      name: '400 InvalidBucketName',
      missing: '404 NotFound',
      versions: '501 NotImplemented',
      full: '409 BucketNotEmpty',
    });
    await east.send(new DeleteObjectCommand({ Bucket: 'west', Key: 'a' }));
    await east.send(new DeleteBucketCommand({ Bucket: 'west' }));
    expect(await refusal(east.send(new ListObjectsV2Command({ Bucket: 'west' })))).toBe('404 NoSuchBucket');
    expect(readdirSync(join(folder, 'buckets'))).toEqual(['objects', 'state']);
    expect(emptied).toBe(0);
  });

  it.each([
    ['another secret', { secretAccessKey: 'wrong' }, '403 SignatureDoesNotMatch'],
    ['another key', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, '403 InvalidAccessKeyId'],
  ])('are closed to %s', async (_who, key, code) => {
    expect(await refusal(client(key).send(new ListBucketsCommand({})))).toBe(code);
  });

  it('are closed to everybody without a key, whose file is for its owner', async () => {
    const answer = await fetch(`${storage.endpoint}/state`);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    expect(statSync(join(folder, 'access-key.json')).mode & 0o777).toBe(0o600);
  });
});

describe('objects of the local cloud', () => {
  const Bucket = 'objects';

  it('come back with what describes them, whole or in part, under any name', async () => {
    const s3 = client();
    for (const Key of ['plain', 'a b+c&d=é/ü~(1)!*\'"', 'a//b/', '../../x', `${'k'.repeat(1024)}`]) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: `content of ${Key}`, ContentType: 'text/plain', Metadata: { who: 'me' } }));
      const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
      expect([await got.Body?.transformToString(), got.ContentType, got.Metadata]).toEqual([`content of ${Key}`, 'text/plain', { who: 'me' }]);
      expect(got.ETag).toBe(`"${createHash('md5').update(`content of ${Key}`).digest('hex')}"`);
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }
    await s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
    const part = async (Range: string) => {
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }));
      return [await got.Body?.transformToString(), got.ContentRange];
    };
    expect(await part('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
    expect(await part('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
    expect(await part('bytes=-2')).toEqual(['89', 'bytes 8-9/10']);
    expect(await refusal(part('bytes=10-'))).toBe('416 InvalidRange');
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'digits' }))).ContentLength).toBe(10);
    expect(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' })))).toBe('404 NotFound');
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'digits' }));
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket, Key: 'digits', IfNoneMatch: ETag })))).toMatch(/^304 /);
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket, Key: 'digits', IfMatch: '"other"' })))).toBe('412 PreconditionFailed');
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('are checked by their %s', async (algorithm) => {
    // Of the nine digits, from the catalogue of CRC algorithms.
    const right = { CRC32: 'y/Q5Jg==', CRC32C: '4waSgw==', CRC64NVME: 'rosUhgp5mIg=', SHA1: digest('sha1'), SHA256: digest('sha256') }[algorithm];
    const put = (value: string) => client().send(new PutObjectCommand({ Bucket, Key: 'checked', Body: '123456789', [`Checksum${algorithm}`]: value }));
    await put(right);
    const head = await client().send(new HeadObjectCommand({ Bucket, Key: 'checked', ChecksumMode: 'ENABLED' }));
    expect(head[`Checksum${algorithm}`]).toBe(right);
    expect(await refusal(put(Buffer.from(right, 'base64').reverse().toString('base64')))).toBe('400 BadDigest');
  });

  it('come in chunks from a stream, too', async () => {
    const body = Readable.from(['one ', 'two ', 'three'].map((text) => Buffer.from(text)));
    await client().send(new PutObjectCommand({ Bucket, Key: 'stream', Body: body, ContentLength: 13 }));
    expect(await (await client().send(new GetObjectCommand({ Bucket, Key: 'stream' }))).Body?.transformToString()).toBe('one two three');
  });

  it('are listed by pages and folders, in both versions of the list', async () => {
    const s3 = client();
    await s3.send(new CreateBucketCommand({ Bucket: 'listed' }));
    for (const Key of ['a/1', 'a/2', 'b', 'c/1', 'd e', 'é']) await s3.send(new PutObjectCommand({ Bucket: 'listed', Key, Body: Key }));
    const pages: string[] = [];
    for (let token: string | undefined, more = true; more; ) {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: 'listed', Delimiter: '/', MaxKeys: 2, ContinuationToken: token }));
      pages.push([...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix), ...(page.Contents ?? []).map(({ Key }) => Key)].join());
      [token, more] = [page.NextContinuationToken, page.IsTruncated === true];
    }
    expect(pages).toEqual(['a/,b', 'c/,d e', 'é']);
    const first = await s3.send(new ListObjectsCommand({ Bucket: 'listed', Prefix: 'a/', MaxKeys: 1, EncodingType: 'url' }));
    expect([first.Contents?.map(({ Key }) => Key), first.IsTruncated]).toEqual([['a/1'], true]);
    const second = await s3.send(new ListObjectsCommand({ Bucket: 'listed', Prefix: 'a/', Marker: 'a/1' }));
    expect([second.Contents?.map(({ Key, Size }) => [Key, Size]), second.IsTruncated]).toEqual([[['a/2', 3]], false]);
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket: 'listed', Delete: { Objects: ['a/1', 'a/2', 'b', 'c/1', 'd e', 'é', '<&>'].map((Key) => ({ Key })) } }));
    expect(Deleted).toHaveLength(7);
    await s3.send(new DeleteBucketCommand({ Bucket: 'listed' }));
  });

  it('are copied, with their description or with another', async () => {
    const s3 = client();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from here', Body: 'x', Metadata: { is: 'first' } }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/from%20here` }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).Metadata).toEqual({ is: 'first' });
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/copy`, MetadataDirective: 'REPLACE', Metadata: { is: 'second' } }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).Metadata).toEqual({ is: 'second' });
    expect(await refusal(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/copy` })))).toBe('400 InvalidRequest');
    expect(await refusal(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/none` })))).toBe('404 NoSuchKey');
    expect(await refusal(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/from%20here`, CopySourceIfMatch: '"other"' })))).toBe(
      '412 PreconditionFailed',
    );
  });

  it('may come in parts', async () => {
    const s3 = client();
    const upload = { Bucket, Key: 'parts', ...(await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts', Metadata: { is: 'large' } }))) };
    const target = { Bucket, Key: 'parts', UploadId: upload.UploadId };
    const sent = await Promise.all([1, 2, 3].map((PartNumber) => s3.send(new UploadPartCommand({ ...target, PartNumber, Body: `part ${PartNumber};` }))));
    const parts = sent.map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
    const complete = (Parts: typeof parts) => s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
    expect(await refusal(complete([...parts].reverse()))).toBe('400 InvalidPartOrder');
    expect(await refusal(complete([{ ETag: '"0"', PartNumber: 1 }]))).toBe('400 InvalidPart');
    expect((await complete(parts)).ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'parts' }));
    expect([await got.Body?.transformToString(), got.Metadata]).toEqual(['part 1;part 2;part 3;', { is: 'large' }]);
    const copied = { Bucket, Key: 'copied', ...(await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'copied' }))) };
    const copy = await s3.send(
      new UploadPartCopyCommand({ Bucket, Key: 'copied', UploadId: copied.UploadId, PartNumber: 1, CopySource: `${Bucket}/parts`, CopySourceRange: 'bytes=7-13' }),
    );
    const copies = { Parts: [{ ETag: copy.CopyPartResult?.ETag, PartNumber: 1 }] };
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'copied', UploadId: copied.UploadId, MultipartUpload: copies }));
    expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: 'copied' }))).Body?.transformToString()).toBe('part 2;');
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'gone' }));
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'gone', UploadId }));
    expect(await refusal(s3.send(new UploadPartCommand({ Bucket, Key: 'gone', UploadId, PartNumber: 1, Body: 'x' })))).toBe('404 NoSuchUpload');
    expect(readdirSync(join(folder, 'uploads', Bucket))).toEqual([]);
  });

  it.each([
    ['larger than memory should hold', { Body: Buffer.alloc(64 * 1024 * 1024 + 1) }, '400 EntityTooLarge'],
    ['to be encrypted', { Body: 'x', ServerSideEncryption: 'AES256' as const }, '501 NotImplemented'],
    ['to be public', { Body: 'x', ACL: 'public-read' as const }, '400 AccessControlListNotSupported'],
    ['with tags', { Body: 'x', Tagging: 'a=b' }, '501 NotImplemented'],
    ['of another class', { Body: 'x', StorageClass: 'GLACIER' as const }, '501 NotImplemented'],
  ])('are refused when they are %s', async (_what, more, code) => {
    expect(await refusal(client().send(new PutObjectCommand({ Bucket, Key: 'refused', ...more })))).toBe(code);
    expect(await refusal(client().send(new HeadObjectCommand({ Bucket, Key: 'refused' })))).toBe('404 NotFound');
  });
});

describe('the object storage of the local cloud, opened again', () => {
  it('has everything, with the same key and, where it can, at the same port', async () => {
    await client().send(new PutObjectCommand({ Bucket: 'objects', Key: 'kept', Body: 'still here', ContentType: 'text/plain' }));
    const { key, endpoint } = storage;
    const port = Number(new URL(endpoint).port);
    storage.close();
    storage = await open(port);
    expect([storage.key, storage.endpoint]).toEqual([key, endpoint]);
    const got = await client().send(new GetObjectCommand({ Bucket: 'objects', Key: 'kept' }));
    expect([await got.Body?.transformToString(), got.ContentType]).toEqual(['still here', 'text/plain']);
    storage.close();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    storage = await open(port);
    expect(storage.endpoint).not.toBe(endpoint);
    expect(await (await client().send(new GetObjectCommand({ Bucket: 'objects', Key: 'kept' }))).Body?.transformToString()).toBe('still here');
    other.close();
  });
});

function digest(algorithm: string): string {
  return createHash(algorithm).update('123456789').digest('base64');
}
