import type { PutObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';

type Sdk = typeof import('@aws-sdk/client-s3');
type Headers = { ServerSideEncryption?: 'AES256' };

/** As kops: what is written is encrypted with AES256, unless the bucket has a default of its own. Asked once, at the first write. */
export class BucketEncryption {
  private readonly sdk: Sdk;
  private readonly client: S3Client;
  private readonly bucket: string;
  private headers: Promise<Headers> | undefined;

  constructor(sdk: Sdk, client: S3Client, bucket: string) {
    this.sdk = sdk;
    this.client = client;
    this.bucket = bucket;
  }

  async put(write: (headers: Headers) => Promise<PutObjectCommandOutput>): Promise<{ etag: string }> {
    this.headers ??= this.find();
    const headers = await this.headers;
    try {
      return { etag: (await write(headers)).ETag ?? '' };
    } catch (error) {
      // A server of one's own without keys to encrypt with says so and stores nothing.
      if (headers.ServerSideEncryption === undefined || (error as { name?: string }).name !== 'NotImplemented') throw error;
      this.headers = Promise.resolve({});
      return { etag: (await write({})).ETag ?? '' };
    }
  }

  /** Who may not read the bucket's settings asks for AES256, too: every bucket takes it. */
  private async find(): Promise<Headers> {
    try {
      await this.client.send(new this.sdk.GetBucketEncryptionCommand({ Bucket: this.bucket }));
      return {};
    } catch {
      return { ServerSideEncryption: 'AES256' };
    }
  }
}
