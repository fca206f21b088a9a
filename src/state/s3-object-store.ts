import type { ObjectCannedACL, S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '../lib/environment.ts';
import { hex } from '../lib/random.ts';
import { requirePackage } from '../lib/require-package.ts';
import { BucketEncryption } from './bucket-encryption.ts';
import { checkKey } from './object-key.ts';
import { ConditionFailed, type ObjectStore, type StoredObject, type WriteCondition } from './object-store.ts';
import { probeConditions } from './probe-conditions.ts';
import { ownName } from './process-identity.ts';
import { type S3Place, s3Failure, statusOf } from './s3-errors.ts';
import { s3Settings } from './s3-settings.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/**
 * Calls are short and are not cut off when the user cancels: a lock has to be released then. `s3://bucket/prefix` on Amazon S3 or, with S3_ENDPOINT, any server that speaks it.
 * The AWS SDK is loaded here and nowhere else.
 */
export async function openS3ObjectStore(place: { bucket: string; prefix: string }, environment: Environment): Promise<ObjectStore> {
  const sdk = requirePackage('@aws-sdk/client-s3') as Sdk;
  const { config, ...settings } = s3Settings(environment.variables);
  return new S3ObjectStore(sdk, new sdk.S3Client(config), { ...place, ...settings }, environment);
}

/** Who wrote an object, kept beside it: a conflict can name the winner. */
const writerField = 'written-by';

/** A conflict means that another write of the key is under way: it is over in no time. */
const conflictTries = 8;

class S3ObjectStore implements ObjectStore {
  readonly url: string;
  private readonly sdk: Sdk;
  private readonly client: S3Client;
  private readonly place: S3Place;
  private readonly folder: string;
  private readonly environment: Environment;
  private readonly acl: ObjectCannedACL | undefined;
  private readonly encryption: BucketEncryption;
  private conditions: Promise<boolean> | undefined;

  constructor(sdk: Sdk, client: S3Client, place: S3Place & { prefix: string; acl?: ObjectCannedACL }, environment: Environment) {
    this.sdk = sdk;
    this.client = client;
    this.place = place;
    this.folder = place.prefix === '' ? '' : `${place.prefix}/`;
    this.url = `s3://${place.bucket}${place.prefix === '' ? '' : `/${place.prefix}`}`;
    this.environment = environment;
    this.acl = place.acl;
    this.encryption = new BucketEncryption(sdk, client, place.bucket);
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const target = this.target(key);
    try {
      const output = await this.client.send(new this.sdk.GetObjectCommand(target));
      const data = (await output.Body?.transformToByteArray()) ?? new Uint8Array(0);
      const writer = output.Metadata?.[writerField];
      return { data, etag: output.ETag ?? '', modifiedMs: output.LastModified?.getTime() ?? 0, ...(writer === undefined ? {} : { writer: decodeURI(writer) }) };
    } catch (error) {
      if (isMissingKey(error)) return undefined;
      throw s3Failure('GetObject', target.Key, this.place, error);
    }
  }

  async put(key: string, data: Uint8Array, condition?: WriteCondition): Promise<{ etag: string }> {
    const target = this.target(key);
    // Metadata may hold ASCII only.
    const headers = {
      Metadata: { [writerField]: encodeURI(ownName()) },
      ...(this.acl === undefined ? {} : { ACL: this.acl }),
      ...(condition && 'ifNoneMatch' in condition ? { IfNoneMatch: '*' } : {}),
      ...(condition && 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : {}),
    };
    return this.conditional('PutObject', key, condition, async () => {
      try {
        return await this.encryption.put((encrypted) => this.client.send(new this.sdk.PutObjectCommand({ ...target, ...headers, ...encrypted, Body: data })));
      } catch (error) {
        return this.ownEarlierWrite(key, data, error);
      }
    });
  }

  async delete(key: string, condition?: { ifMatch: string }): Promise<void> {
    const target = this.target(key);
    await this.conditional('DeleteObject', key, condition, async () => {
      // Not every server compares on deletion: what is gone or changed is seen before.
      if (condition && (await this.get(key))?.etag !== condition.ifMatch) throw new ConditionFailed(key);
      const command = new this.sdk.DeleteObjectCommand({ ...target, ...(condition ? { IfMatch: condition.ifMatch } : {}) });
      await this.client.send(command);
    });
  }

  async list(prefix: string, options: { delimiter?: '/' } = {}): Promise<{ keys: string[]; prefixes: string[] }> {
    const request = { Bucket: this.place.bucket, Prefix: `${this.folder}${prefix}`, Delimiter: options.delimiter };
    const keys: string[] = [];
    const prefixes: string[] = [];
    const own = (key: string | undefined) => (key === undefined ? [] : [key.slice(this.folder.length)]);
    try {
      for await (const page of this.sdk.paginateListObjectsV2({ client: this.client }, request)) {
        keys.push(...(page.Contents ?? []).flatMap((object) => own(object.Key)));
        prefixes.push(...(page.CommonPrefixes ?? []).flatMap((common) => own(common.Prefix)));
      }
    } catch (error) {
      throw s3Failure('ListBucket', request.Prefix, this.place, error);
    }
    return { keys: keys.sort(), prefixes: prefixes.sort() };
  }

  /** Amazon S3 does; of any other server it is found out. */
  honoursConditions(): Promise<boolean> {
    this.conditions ??= this.place.endpoint === undefined ? Promise.resolve(true) : probeConditions(this, `locks/probe-${hex(this.environment.random, 16)}`);
    return this.conditions;
  }

  async close(): Promise<void> {
    this.client.destroy();
  }

  private target(key: string): { Bucket: string; Key: string } {
    checkKey(key);
    return { Bucket: this.place.bucket, Key: `${this.folder}${key}` };
  }

  /** 412, or 404 where a version was asked for: lost. 409: another write is under way, again. */
  private async conditional<T>(operation: string, key: string, condition: WriteCondition | undefined, run: () => Promise<T>): Promise<T> {
    const { clock, random } = this.environment;
    for (let left = conflictTries; ; left--) {
      try {
        return await run();
      } catch (error) {
        const status = statusOf(error);
        if (error instanceof ConditionFailed || (condition && (status === 412 || isMissingKey(error)))) throw new ConditionFailed(key);
        if (!condition || status !== 409 || left === 0) throw s3Failure(operation, `${this.folder}${key}`, this.place, error);
        await clock.sleep(20 + random.integer(100));
      }
    }
  }

  /** The SDK sends a write again when its answer was lost; the second one then fails on the first: what is there is ours. */
  private async ownEarlierWrite(key: string, data: Uint8Array, error: unknown): Promise<{ etag: string }> {
    const attempts = (error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1;
    if (statusOf(error) === 412 && attempts > 1) {
      const stored = await this.get(key);
      if (stored && Buffer.compare(stored.data, data) === 0) return { etag: stored.etag };
    }
    throw error;
  }
}

function isMissingKey(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes((error as { name?: string }).name ?? '');
}
