import * as bucket from './bucket-operations.ts';
import * as multipart from './multipart-operations.ts';
import * as object from './object-operations.ts';
import type { S3Call, Storage } from './s3-call.ts';
import { S3Error } from './s3-error.ts';
import { placeOf, type S3Request, type S3Response } from './s3-request.ts';
import type { Signed } from './signature.ts';

type Operation = (storage: Storage, call: S3Call) => Promise<S3Response>;

interface Route {
  on: 'service' | 'bucket' | 'object';
  method: string;
  /** Parameters of the query that make it this operation, not another one of the same method. */
  needs?: readonly string[];
  /** Further parameters that it understands. */
  query?: readonly string[];
  /** Headers of S3's own that it understands, beside those that all do. */
  headers?: RegExp;
  run: Operation;
}

const listing = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];

/** Of one method on one level, the particular come before the general. */
const routes: readonly Route[] = [
  { on: 'service', method: 'GET', run: bucket.listBuckets },
  { on: 'bucket', method: 'PUT', headers: /^x-amz-(acl|object-ownership)$/, run: bucket.createBucket },
  { on: 'bucket', method: 'HEAD', run: bucket.headBucket },
  { on: 'bucket', method: 'DELETE', run: bucket.deleteBucket },
  { on: 'bucket', method: 'GET', needs: ['location'], run: bucket.getLocation },
  { on: 'bucket', method: 'GET', needs: ['versioning'], run: bucket.getVersioning },
  { on: 'bucket', method: 'GET', needs: ['encryption'], run: bucket.getEncryption },
  { on: 'bucket', method: 'GET', needs: ['list-type'], query: [...listing, 'continuation-token', 'start-after', 'fetch-owner'], run: bucket.list },
  { on: 'bucket', method: 'GET', query: [...listing, 'marker'], run: bucket.list },
  { on: 'bucket', method: 'POST', needs: ['delete'], run: object.deleteObjects },
  { on: 'object', method: 'GET', headers: /^x-amz-checksum-mode$/, run: object.getObject },
  { on: 'object', method: 'HEAD', headers: /^x-amz-checksum-mode$/, run: object.headObject },
  { on: 'object', method: 'PUT', needs: ['partNumber', 'uploadId'], headers: /^x-amz-copy-source(-range|-if-.+)?$/, run: multipart.uploadPart },
  { on: 'object', method: 'PUT', headers: /^x-amz-(meta-.+|acl|storage-class|copy-source|copy-source-if-.+|metadata-directive)$/, run: object.putObject },
  { on: 'object', method: 'DELETE', needs: ['uploadId'], run: multipart.abortUpload },
  { on: 'object', method: 'DELETE', run: object.deleteObject },
  { on: 'object', method: 'POST', needs: ['uploads'], headers: /^x-amz-(meta-.+|acl|storage-class|checksum-.+)$/, run: multipart.createUpload },
  { on: 'object', method: 'POST', needs: ['uploadId'], headers: /^x-amz-(mp-object-size|checksum-.+)$/, run: multipart.completeUpload },
];

/** Every request may have these. */
const commonHeaders = /^x-amz-(date|content-sha256|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-(crc32|crc32c|crc64nvme|sha1|sha256)|user-agent)$/;

/** Does what the request asks for. What it asks beyond that (versions, encryption, tags, policies …) is refused, not left out. */
export async function dispatch(storage: Storage, incoming: S3Request, signed: Signed): Promise<S3Response> {
  const request = withHeadersOfQuery(incoming);
  const { bucket: bucketName, key } = placeOf(request.path);
  const on = bucketName === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const parameters = [...request.query.keys()].filter((name) => name !== 'x-id' && !/^x-amz-/i.test(name));
  const sameMethod = routes.filter((route) => route.on === on && route.method === request.method);
  if (sameMethod.length === 0) throw new S3Error('MethodNotAllowed', { Method: request.method });
  const route = sameMethod.find(({ needs = [] }) => needs.every((name) => parameters.includes(name)));
  const unknown = parameters.find((name) => !route?.needs?.includes(name) && !route?.query?.includes(name));
  if (!route || unknown !== undefined) throw notImplemented(`${request.method} ?${unknown ?? parameters.join('&')}`);
  for (const [name, value = ''] of Object.entries(request.headers)) {
    if (name.startsWith('x-amz-') && !commonHeaders.test(name) && !route.headers?.test(name)) throw notImplemented(`the header ${name}`);
    checkValue(name, value);
  }
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError', { MaxSizeAllowed: '1024', Size: String(Buffer.byteLength(key)) });
  return route.run(storage, { request, signed, bucket: bucketName, key });
}

/** A presigned URL has in its query what would be headers otherwise. */
function withHeadersOfQuery(request: S3Request): S3Request {
  const hoisted = [...request.query].filter(([name]) => name.startsWith('x-amz-'));
  return hoisted.length === 0 ? request : { ...request, headers: { ...Object.fromEntries(hoisted), ...request.headers } };
}

/** Headers of which one value is what happens anyway. */
function checkValue(name: string, value: string): void {
  if (name === 'x-amz-acl' && !['private', 'bucket-owner-full-control'].includes(value)) throw new S3Error('AccessControlListNotSupported');
  if (name === 'x-amz-storage-class' && value !== 'STANDARD') throw notImplemented(`storage class ${value}`);
  if (name === 'x-amz-object-ownership' && value !== 'BucketOwnerEnforced') throw notImplemented(`object ownership ${value}`);
}

function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', {}, `The local cloud's object storage does not do this: ${what}`);
}
