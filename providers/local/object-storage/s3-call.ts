import type { Buckets } from './buckets.ts';
import type { MultipartUploads } from './multipart-uploads.ts';
import type { BodyReader } from './request-body.ts';
import type { S3Request } from './s3-request.ts';
import type { Signed } from './signature.ts';

/** What operations work with. */
export interface Storage {
  buckets: Buckets;
  uploads: MultipartUploads;
  bodies: BodyReader;
  /** The last bucket has just gone. */
  onEmpty(): void;
}

/** A request whose signature is right. */
export interface S3Call {
  request: S3Request;
  signed: Signed;
  bucket: string;
  key: string;
}
