import type { Disk } from '../../../src/lib/disk.ts';
import { systemCode } from '../../../src/lib/errors.ts';
import { hex, type Random } from '../../../src/lib/random.ts';
import { contentEtag } from './buckets.ts';
import { decodeObject, encodeObject, type ObjectHead } from './object-file.ts';
import { S3Error } from './s3-error.ts';

const folder = 'uploads';
const mostParts = 10_000;

/** Uploads in pieces that are neither complete nor aborted: a folder each, the pieces as files of it. They outlive the process, as in S3. */
export class MultipartUploads {
  private readonly disk: Disk;
  private readonly random: Random;

  constructor(disk: Disk, random: Random) {
    this.disk = disk;
    this.random = random;
  }

  /** Answers with the id of the upload. */
  async create(bucket: string, key: string, headers: Record<string, string>): Promise<string> {
    const id = hex(this.random, 32);
    const head: ObjectHead = { key, etag: '', size: 0, modifiedMs: 0, headers };
    await this.disk.writeFile(`${folder}/${bucket}/${id}/head`, encodeObject(head, new Uint8Array(0)));
    return id;
  }

  /** Answers with the part's entity tag. Throws NoSuchUpload. */
  async putPart(bucket: string, key: string, id: string, part: number, data: Uint8Array): Promise<string> {
    if (!(part >= 1 && part <= mostParts))
      throw new S3Error('InvalidArgument', { ArgumentName: 'partNumber' }, `Part number must be an integer between 1 and ${mostParts}, inclusive`);
    await this.head(bucket, key, id);
    const etag = contentEtag(data);
    await this.disk.writeFile(`${folder}/${bucket}/${id}/${part}`, encodeObject({ key, etag, size: data.length, modifiedMs: 0, headers: {} }, data));
    return etag;
  }

  /** What the upload was begun with. Throws NoSuchUpload. */
  async head(bucket: string, key: string, id: string): Promise<ObjectHead> {
    const found = await this.read(bucket, id, 'head');
    if (found?.head.key !== key) throw new S3Error('NoSuchUpload', { UploadId: id });
    return found.head;
  }

  /** Throws InvalidPart. */
  async part(bucket: string, id: string, part: number): Promise<{ etag: string; data: Buffer }> {
    const found = await this.read(bucket, id, String(part));
    if (!found) throw new S3Error('InvalidPart', { UploadId: id, PartNumber: String(part) });
    return { etag: found.head.etag, data: found.data };
  }

  async remove(bucket: string, id: string): Promise<void> {
    await this.disk.remove(`${folder}/${bucket}/${id}`);
  }

  /** Of a bucket that is gone. */
  async forget(bucket: string): Promise<void> {
    await this.disk.remove(`${folder}/${bucket}`);
  }

  private async read(bucket: string, id: string, name: string): Promise<{ head: ObjectHead; data: Buffer } | undefined> {
    if (!/^[0-9a-f]{32}$/.test(id)) return undefined;
    try {
      return decodeObject(await this.disk.readFile(`${folder}/${bucket}/${id}/${name}`));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}
