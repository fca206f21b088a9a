import type { Condition } from './buckets.ts';
import type { ObjectHead } from './object-file.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';

type Headers = S3Request['headers'];

/** What a write or a deletion asks of the object that is there. */
export function writeCondition(headers: Headers): Condition {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (noneMatch !== undefined && noneMatch !== '*') throw new S3Error('NotImplemented', {}, 'A write can be conditional on If-None-Match: * or on If-Match: ETAG');
  return (present) => {
    if (noneMatch !== undefined && present) throw failed('If-None-Match');
    if (match === undefined) return;
    if (!present) throw new S3Error('NoSuchKey');
    if (!matches(match, present)) throw failed('If-Match');
  };
}

/** What a reader asks; an entity tag that is given goes before the date of the same kind. */
export function checkRead(headers: Headers, object: ObjectHead): void {
  const { 'if-match': match, 'if-none-match': noneMatch, 'if-modified-since': modifiedSince, 'if-unmodified-since': unmodifiedSince } = headers;
  const modifiedSeconds = Math.floor(object.modifiedMs / 1000);
  const seconds = (date: string) => Math.floor(Date.parse(date) / 1000);
  if (match !== undefined && !matches(match, object)) throw failed('If-Match');
  if (match === undefined && unmodifiedSince !== undefined && modifiedSeconds > seconds(unmodifiedSince)) throw failed('If-Unmodified-Since');
  if (noneMatch !== undefined && matches(noneMatch, object)) throw new S3Error('NotModified');
  if (noneMatch === undefined && modifiedSince !== undefined && modifiedSeconds <= seconds(modifiedSince)) throw new S3Error('NotModified');
}

/** What a copy asks of its source, in headers of its own; whatever does not hold is the same failure. */
export function checkCopySource(headers: Headers, source: ObjectHead): void {
  const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'].map((name) => [name, headers[`x-amz-copy-source-${name}`]]);
  try {
    checkRead(Object.fromEntries(conditions), source);
  } catch (error) {
    throw error instanceof S3Error && error.code === 'NotModified' ? failed('x-amz-copy-source') : error;
  }
}

function matches(tags: string, object: ObjectHead): boolean {
  return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replaceAll('"', '') === object.etag.replaceAll('"', ''));
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { Condition: condition });
}
