import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../../src/lib/environment.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { createNodeDisk } from '../../../src/lib/node-disk.ts';
import { accessKeyFile } from '../object-storage/access-key.ts';
import { type ObjectStorage, openObjectStorage } from '../object-storage/object-storage.ts';
import type { DaemonPaths } from './paths.ts';

/** What a shell needs to use it. */
export interface ObjectStorageAccess {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Object storage of a home: nothing of it is there before somebody asks; after that every daemon of the home opens it. */
export class HomeObjectStorage {
  /** Why it does not run, though it should. */
  problem: string | undefined;
  private readonly environment: Environment;
  private readonly paths: DaemonPaths;
  private readonly onIdle: () => void;
  private opening: Promise<ObjectStorage> | undefined;
  private opened: ObjectStorage | undefined;
  /** Somebody has just been told where it is, and may make a bucket. */
  private awaited = false;

  /** `onIdle`: it may go, as far as it is concerned. */
  constructor(environment: Environment, paths: DaemonPaths, onIdle: () => void) {
    this.environment = environment;
    this.paths = paths;
    this.onIdle = onIdle;
  }

  /** Where it was used before. What is wrong with it must not keep the clusters from running. */
  async resume(): Promise<void> {
    if (!hasObjectStorage(this.paths.folder)) return;
    await this.open().catch((error: unknown) => {
      this.problem = `the object storage does not run: ${messageOf(error)}`;
      this.environment.log.error('the object storage does not run', { error });
    });
  }

  async access(): Promise<ObjectStorageAccess> {
    this.awaited = true;
    const { endpoint, key } = await this.open();
    return { endpoint, ...key };
  }

  get inUse(): boolean {
    return this.awaited || hasBuckets(this.paths.folder);
  }

  status(): { endpoint: string; buckets: string[] } | undefined {
    return this.opened && { endpoint: this.opened.endpoint, buckets: this.opened.buckets().map((bucket) => bucket.name) };
  }

  close(): void {
    this.opened?.close();
  }

  private open(): Promise<ObjectStorage> {
    this.opening ??= this.start().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async start(): Promise<ObjectStorage> {
    const { folder, objectStoragePort: port } = this.paths;
    const onEmpty = () => {
      this.awaited = false;
      this.onIdle();
    };
    this.opened = await openObjectStorage({ environment: this.environment, disk: createNodeDisk(join(folder, 'object-storage')), port, onEmpty });
    this.problem = undefined;
    return this.opened;
  }
}

/** Whether it was ever asked for; answered by the disk alone, as what follows. */
export function hasObjectStorage(folder: string): boolean {
  return existsSync(join(folder, 'object-storage', accessKeyFile));
}

export function hasBuckets(folder: string): boolean {
  const buckets = join(folder, 'object-storage', 'buckets');
  return existsSync(buckets) && readdirSync(buckets).some((name) => existsSync(join(buckets, name, 'bucket.json')));
}
