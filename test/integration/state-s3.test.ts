import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, GetObjectAclCommand, HeadObjectCommand, PutBucketEncryptionCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { isKopsError, type KopsError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { acquireLock } from '../../src/state/lock.ts';
import { ConditionFailed } from '../../src/state/object-store.ts';
import { openObjectStore } from '../../src/state/open-object-store.ts';
import { bytes, objectStoreContract, text } from '../contract/object-store.ts';
import { motoMissing, startMoto } from './moto.ts';

function environment(endpoint: string, more: Record<string, string> = {}): Environment {
  const variables = { S3_ENDPOINT: endpoint, S3_REGION: 'eu-central-1', S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret', ...more };
  return { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables };
}

describe.skipIf(motoMissing !== '')(`s3 state store${motoMissing}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: S3Client;
  beforeAll(async () => {
    moto = await startMoto();
    client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } });
    for (const Bucket of ['state', 'versioned']) await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration: { Status: 'Enabled' } }));
  });
  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  objectStoreContract('s3', () => openObjectStore('s3://state', environment(moto.endpoint)));
  objectStoreContract('s3 with a prefix', () => openObjectStore('s3://state/some/prefix/', environment(moto.endpoint)));

  // Not the whole contract: moto lists folders of which only delete markers are left, which Amazon S3 does not.
  it('compares with the newest version where the bucket keeps them all', async () => {
    const store = await openObjectStore('s3://versioned', environment(moto.endpoint));
    expect(await store.honoursConditions()).toBe(true);
    const { etag } = await store.put('a', bytes('1'), { ifNoneMatch: '*' });
    await store.put('a', bytes('2'), { ifMatch: etag });
    await expect(store.put('a', bytes('3'), { ifMatch: etag })).rejects.toThrow(ConditionFailed);
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
    await store.put('a', bytes('4'), { ifNoneMatch: '*' });
    await expect(store.put('a', bytes('5'), { ifNoneMatch: '*' })).rejects.toThrow(ConditionFailed);
    const lock = await acquireLock(store, 'demo.k8s.local', 'update cluster', environment(moto.endpoint));
    await lock.release();
    await (await acquireLock(store, 'demo.k8s.local', 'update cluster', environment(moto.endpoint))).release();
    await store.close();
  });

  it('says who may read what it writes: KOPS_STATE_S3_ACL', async () => {
    const store = await openObjectStore('s3://state', environment(moto.endpoint, { KOPS_STATE_S3_ACL: 'authenticated-read' }));
    await store.put('for-others', bytes('x'));
    await store.close();
    const { Grants = [] } = await client.send(new GetObjectAclCommand({ Bucket: 'state', Key: 'for-others' }));
    expect(Grants.flatMap((grant) => grant.Grantee?.URI ?? [])).toEqual(['http://acs.amazonaws.com/groups/global/AuthenticatedUsers']);
  });

  it('asks for encryption where the bucket has no default of its own', async () => {
    const encryptionOf = async (Bucket: string) => {
      const store = await openObjectStore(`s3://${Bucket}`, environment(moto.endpoint));
      await store.put('a', bytes('x'));
      await store.close();
      return (await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).ServerSideEncryption;
    };
    for (const Bucket of ['plain', 'encrypted']) await client.send(new CreateBucketCommand({ Bucket }));
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: 'mine' } };
    await client.send(new PutBucketEncryptionCommand({ Bucket: 'encrypted', ServerSideEncryptionConfiguration: { Rules: [rule] } }));
    expect([await encryptionOf('plain'), await encryptionOf('encrypted')]).toEqual(['AES256', 'aws:kms']);
  });

  it('says who was faster', async () => {
    const store = await openObjectStore('s3://state/writers', environment(moto.endpoint));
    await store.put('a', bytes('x'));
    expect((await store.get('a'))?.writer).toMatch(/^.+@.+ pid \d+$/);
    await store.close();
  });

  it('takes the AWS tools’ variables', async () => {
    const variables = { AWS_ENDPOINT_URL: moto.endpoint, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
    const store = await openObjectStore('s3://state/aws', { ...environment(''), variables });
    expect(store.url).toBe('s3://state/aws');
    await store.put('a', bytes('x'));
    expect(await store.list('')).toEqual({ keys: ['a'], prefixes: [] });
    await store.close();
  });

  it('says how to make a bucket that is missing', async () => {
    const store = await openObjectStore('s3://not-there', environment(moto.endpoint));
    for (const call of [() => store.get('a'), () => store.put('a', bytes('x'), { ifNoneMatch: '*' }), () => store.list('')]) {
      const error = (await call().catch((reason: unknown) => reason)) as KopsError;
      expect(error.message).toBe("the state store's bucket not-there does not exist");
      expect(error.suggestions).toEqual([
        `aws s3api create-bucket --bucket not-there --region eu-central-1 --create-bucket-configuration LocationConstraint=eu-central-1 --endpoint-url ${moto.endpoint}`,
      ]);
    }
    await store.close();
  });
});

/** A server that answers as told: for what moto cannot do. */
async function serve(handler: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void): Promise<{ endpoint: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url?.includes('?encryption')) return void refuse(response, 404, 'ServerSideEncryptionConfigurationNotFoundError');
    handler(request, response, Buffer.concat(chunks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} it is</Message></Error>`);
}

describe('s3 listings', () => {
  it('go beyond one page', async () => {
    const { endpoint, server } = await serve((request, response) => {
      const second = request.url?.includes('continuation-token=next');
      const more = second ? '<IsTruncated>false</IsTruncated>' : '<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken>';
      const [key, folder] = second ? ['p/b', 'p/y/'] : ['p/a', 'p/x/'];
      const found = `<Contents><Key>${key}</Key></Contents><CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`;
      response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><ListBucketResult>${more}${found}</ListBucketResult>`);
    });
    const store = await openObjectStore('s3://bucket/p', environment(endpoint));
    expect(await store.list('', { delimiter: '/' })).toEqual({ keys: ['a', 'b'], prefixes: ['x/', 'y/'] });
    await store.close();
    server.close();
  });
});

describe('s3 servers that misbehave', () => {
  it('are written to without encryption when they have none', async () => {
    const asked: (string | undefined)[] = [];
    const { endpoint, server } = await serve((request, response) => {
      const header = request.headers['x-amz-server-side-encryption'] as string | undefined;
      asked.push(header);
      if (header) refuse(response, 501, 'NotImplemented');
      else response.writeHead(200, { etag: '"1"' }).end();
    });
    const store = await openObjectStore('s3://bucket', environment(endpoint));
    expect(await store.put('a', bytes('x'))).toEqual({ etag: '"1"' });
    await store.put('b', bytes('x'));
    expect([...new Set(asked)]).toEqual(['AES256', undefined]);
    expect(asked.slice(-2)).toEqual([undefined, undefined]);
    await store.close();
    server.close();
  });

  it('are refused for locking when they ignore conditions, by name', async () => {
    let version = 0;
    const { endpoint, server } = await serve((_request, response) => response.writeHead(200, { etag: `"${version++}"` }).end());
    const store = await openObjectStore('s3://bucket', environment(endpoint));
    expect(await store.honoursConditions()).toBe(false);
    await expect(acquireLock(store, 'demo.k8s.local', 'update cluster', environment(endpoint))).rejects.toThrow('the state store s3://bucket ignores conditional writes');
    await store.close();
    server.close();
  });

  it('are asked again when two writes conflict, and believed when they say it is lost', async () => {
    let conflicts = 2;
    const { endpoint, server } = await serve((_request, response) => {
      if (conflicts-- > 0) refuse(response, 409, 'ConditionalRequestConflict');
      else refuse(response, 412, 'PreconditionFailed');
    });
    const store = await openObjectStore('s3://bucket', environment(endpoint));
    await expect(store.put('a', bytes('x'), { ifNoneMatch: '*' })).rejects.toThrow(ConditionFailed);
    expect(conflicts).toBe(-1);
    await store.close();
    server.close();
  });

  it('do not make a write look lost whose answer got lost', async () => {
    let stored: Buffer | undefined;
    const { endpoint, server } = await serve((request, response, body) => {
      if (request.method === 'GET') response.writeHead(200, { etag: '"1"' }).end(stored);
      else if (stored) refuse(response, 412, 'PreconditionFailed');
      else {
        stored = Buffer.from(body);
        refuse(response, 500, 'InternalError');
      }
    });
    const store = await openObjectStore('s3://bucket', environment(endpoint));
    expect(await store.put('a', bytes('mine'), { ifNoneMatch: '*' })).toEqual({ etag: '"1"' });
    expect(text(stored!)).toBe('mine');
    await expect(store.put('a', bytes('other'), { ifNoneMatch: '*' })).rejects.toThrow(ConditionFailed);
    await store.close();
    server.close();
  });

  it('are named when they deny or cannot be reached', async () => {
    const { endpoint, server } = await serve((_request, response) => refuse(response, 403, 'AccessDenied'));
    const store = await openObjectStore('s3://bucket/p', environment(endpoint));
    const denied = (await store.put('a', bytes('x')).catch((error: unknown) => error)) as KopsError;
    expect([denied.code, denied.message, denied.expected]).toEqual([
      'STATE_STORE_DENIED',
      'the state store s3://bucket denied s3:PutObject: AccessDenied it is',
      'permission s3:PutObject on arn:aws:s3:::bucket/p/a',
    ]);
    await new Promise((resolve) => server.close(resolve));
    const gone = await store.get('a').catch((error: unknown) => error);
    expect(isKopsError(gone, 'STATE_STORE_UNREACHABLE') && gone.message).toContain(`the state store s3://bucket cannot be reached at ${endpoint}: `);
    await store.close();
  });
});
