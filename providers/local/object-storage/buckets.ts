import { createHash } from 'node:crypto';
import type { Disk } from '../../../src/lib/disk.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { messageOf, systemCode } from '../../../src/lib/errors.ts';
import { isPlainObject } from '../../../src/lib/json.ts';
import { decodeObject, encodeObject, type ObjectHead } from './object-file.ts';
import { S3Error } from './s3-error.ts';

export interface Bucket {
  name: string;
  region: string;
  createdMs: number;
}

interface OpenBucket extends Bucket {
  /** By key. Read from the disk when the bucket is first used. */
  objects: Promise<Map<string, ObjectHead>> | undefined;
  /** Writes under way: a bucket that is written to is not empty. */
  writing: number;
}

/** Looks at an object's present state (undefined: there is none) and throws S3Error when the request must not go on. */
export type Condition = (present: ObjectHead | undefined) => void;

const folder = 'buckets';
const readsAtOnce = 16;

/**
 * Buckets and their objects on a disk: a folder a bucket, a file an object, each written whole or not at all; what is answered is on the disk.
 * Writers of a key go one after the other, so a condition holds until its write is done.
 */
export class Buckets {
  private readonly disk: Disk;
  private readonly environment: Pick<Environment, 'clock' | 'log'>;
  private readonly buckets: Map<string, OpenBucket>;
  private readonly queues = new Map<string, Promise<unknown>>();

  private constructor(disk: Disk, environment: Pick<Environment, 'clock' | 'log'>, buckets: readonly Bucket[]) {
    this.disk = disk;
    this.environment = environment;
    this.buckets = new Map(buckets.map((bucket) => [bucket.name, { ...bucket, objects: undefined, writing: 0 }]));
  }

  static async open(disk: Disk, environment: Pick<Environment, 'clock' | 'log'>): Promise<Buckets> {
    const names = await disk.list(folder);
    const found = await Promise.all(names.map((name) => readBucket(disk, name, environment)));
    return new Buckets(
      disk,
      environment,
      found.filter((bucket) => bucket !== undefined),
    );
  }

  /** By name. */
  list(): Bucket[] {
    return [...this.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws NoSuchBucket. */
  get(name: string): Bucket {
    return this.bucket(name);
  }

  has(name: string): boolean {
    return this.buckets.has(name);
  }

  /** Throws InvalidBucketName; BucketAlreadyOwnedByYou, except in us-east-1, where S3 answers as if it had been made. */
  async create(name: string, region: string): Promise<void> {
    if (!isBucketName(name)) throw new S3Error('InvalidBucketName', { BucketName: name });
    await this.exclusively(name, async () => {
      const present = this.buckets.get(name);
      if (present && present.region === 'us-east-1' && region === 'us-east-1') return;
      if (present) throw new S3Error('BucketAlreadyOwnedByYou', { BucketName: name });
      const bucket: Bucket = { name, region, createdMs: this.environment.clock.now() };
      await this.disk.writeFile(bucketFile(name), Buffer.from(`${JSON.stringify(bucket)}\n`));
      this.buckets.set(name, { ...bucket, objects: undefined, writing: 0 });
    });
  }

  /** Throws NoSuchBucket, BucketNotEmpty. */
  async remove(name: string): Promise<void> {
    await this.exclusively(name, async () => {
      const bucket = this.bucket(name);
      const objects = await this.objectsOf(bucket);
      if (objects.size > 0 || bucket.writing > 0) throw new S3Error('BucketNotEmpty', { BucketName: name });
      this.buckets.delete(name);
      // The file that makes it a bucket goes first: half of a removal is a removal.
      await this.disk.remove(bucketFile(name)).catch((error: unknown) => {
        this.buckets.set(name, bucket);
        throw error;
      });
      await this.disk.remove(`${folder}/${name}`);
    });
  }

  /** Sorted by the bytes of their keys, as S3 lists them. Throws NoSuchBucket. */
  async heads(name: string): Promise<ObjectHead[]> {
    const objects = await this.objectsOf(this.bucket(name));
    return [...objects.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  async head(name: string, key: string): Promise<ObjectHead | undefined> {
    return (await this.objectsOf(this.bucket(name))).get(key);
  }

  /** Head and content belong together, whatever is written meanwhile. Throws NoSuchBucket, NoSuchKey. */
  async read(name: string, key: string): Promise<{ head: ObjectHead; data: Buffer }> {
    if (!(await this.head(name, key))) throw new S3Error('NoSuchKey', { Key: key });
    try {
      return decodeObject(await this.disk.readFile(objectFile(name, key)));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw new S3Error('NoSuchKey', { Key: key });
      throw error;
    }
  }

  /** Throws NoSuchBucket, and what the condition throws. */
  async write(name: string, object: { key: string; data: Uint8Array; headers: Record<string, string>; etag?: string }, condition: Condition): Promise<ObjectHead> {
    const { key, data, headers } = object;
    return this.writing(name, key, async (objects) => {
      condition(objects.get(key));
      const head: ObjectHead = { key, etag: object.etag ?? contentEtag(data), size: data.length, modifiedMs: this.environment.clock.now(), headers };
      await this.disk.writeFile(objectFile(name, key), encodeObject(head, data));
      objects.set(key, head);
      return head;
    });
  }

  /** What is absent already is success, unless the condition objects. */
  async erase(name: string, key: string, condition: Condition): Promise<void> {
    await this.writing(name, key, async (objects) => {
      condition(objects.get(key));
      if (!objects.has(key)) return;
      await this.disk.remove(objectFile(name, key));
      objects.delete(key);
    });
  }

  private async writing<T>(name: string, key: string, use: (objects: Map<string, ObjectHead>) => Promise<T>): Promise<T> {
    const bucket = this.bucket(name);
    bucket.writing++;
    try {
      const objects = await this.objectsOf(bucket);
      return await this.exclusively(`${name}/${key}`, () => use(objects));
    } finally {
      bucket.writing--;
    }
  }

  private bucket(name: string): OpenBucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new S3Error('NoSuchBucket', { BucketName: name });
    return bucket;
  }

  private objectsOf(bucket: OpenBucket): Promise<Map<string, ObjectHead>> {
    bucket.objects ??= this.load(bucket.name).catch((error: unknown) => {
      bucket.objects = undefined;
      throw error;
    });
    return bucket.objects;
  }

  /** Files that hold no object, because a write was cut off or the disk lost some of it, are left alone and named in the log. */
  private async load(bucket: string): Promise<Map<string, ObjectHead>> {
    const files = (await this.disk.list(`${folder}/${bucket}/objects`)).map((name) => `${folder}/${bucket}/objects/${name}`);
    const objects = new Map<string, ObjectHead>();
    for (let at = 0; at < files.length; at += readsAtOnce) {
      const heads = await Promise.all(files.slice(at, at + readsAtOnce).map((file) => this.readHead(file)));
      for (const head of heads) if (head) objects.set(head.key, head);
    }
    return objects;
  }

  private async readHead(file: string): Promise<ObjectHead | undefined> {
    if (file.endsWith('.tmp')) return void (await this.disk.remove(file));
    try {
      return decodeObject(await this.disk.readFile(file)).head;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.environment.log.error('a file of the object storage is damaged; it is left where it is', { file, cause: messageOf(error) });
      return undefined;
    }
  }

  private async exclusively<T>(name: string, use: () => Promise<T>): Promise<T> {
    const before = this.queues.get(name) ?? Promise.resolve();
    const mine = before.then(use, use);
    this.queues.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.queues.get(name) === mine) this.queues.delete(name);
    }
  }
}

/** MD5 in quotes: what S3 gives an object that came in one piece. */
export function contentEtag(data: Uint8Array): string {
  return `"${createHash('md5').update(data).digest('hex')}"`;
}

function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}

function bucketFile(bucket: string): string {
  return `${folder}/${bucket}/bucket.json`;
}

/** Keys may be longer than file names and hold anything: the name is their hash. */
function objectFile(bucket: string, key: string): string {
  return `${folder}/${bucket}/objects/${createHash('sha256').update(key).digest('hex')}`;
}

/** Undefined for what is left of a removed bucket, and for a file that is damaged: the objects of that one are back when its bucket is made again. */
async function readBucket(disk: Disk, name: string, { log }: Pick<Environment, 'log'>): Promise<Bucket | undefined> {
  try {
    const value: unknown = JSON.parse(Buffer.from(await disk.readFile(bucketFile(name))).toString());
    if (isPlainObject(value) && value.name === name && typeof value.region === 'string' && typeof value.createdMs === 'number') return value as unknown as Bucket;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  log.error('a bucket of the object storage is damaged; make it again to have its objects back', { bucket: name });
  return undefined;
}
