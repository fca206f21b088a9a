import { KopsError, messageOf, systemCode } from '../lib/errors.ts';

export interface S3Place {
  bucket: string;
  endpoint: string | undefined;
  region: string;
}

const unreachable =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|TimeoutError|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_.*|CERT_.*|UNABLE_TO_.*|SELF_SIGNED_.*)$/;
const denied = ['AccessDenied', 'Forbidden', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken', 'AllAccessDisabled', 'AccountProblem'];

const ownServerKeys = 'The keys come from S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const localEnv = 'Address and keys of the local cloud, for this shell: eval "$(kops-ts local env)"';

function isLoopback(endpoint: string | undefined): boolean {
  return /^(https?:\/\/)?(127\.|localhost\b|\[::1\])/.test(endpoint ?? '');
}

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

/** A failed S3 call as what it means to whoever ran a command: which call on what, and what to do. An abort stays as it is. */
export function s3Failure(operation: string, key: string, place: S3Place, error: unknown): unknown {
  if (error instanceof KopsError) return error;
  const name = (error as { name?: string } | null)?.name ?? '';
  if (name === 'AbortError') return error;
  if (name === 'NoSuchBucket') return missingBucket(place, error);
  if (name === 'CredentialsProviderError') return noCredentials(place, error);
  if (denied.includes(name) || statusOf(error) === 401 || statusOf(error) === 403) return deniedCall(operation, key, place, error);
  if (unreachable.test(systemCode(error) ?? '') || unreachable.test(name)) return noConnection(place, error);
  return new KopsError(`${operation} of s3://${place.bucket}/${key} failed: ${describe(error)}`, { code: 'STATE_STORE_FAILED', exit: 'cloud', object: place.bucket, cause: error });
}

function missingBucket(place: S3Place, cause: unknown): KopsError {
  const { bucket, endpoint, region } = place;
  // us-east-1 is the one region that must not be named.
  const location = region === 'us-east-1' ? '' : ` --create-bucket-configuration LocationConstraint=${region}`;
  const server = endpoint === undefined ? '' : ` --endpoint-url ${endpoint}`;
  return new KopsError(`the state store's bucket ${bucket} does not exist`, {
    code: 'STATE_STORE_MISSING',
    exit: 'cloud',
    object: bucket,
    suggestions: [`aws s3api create-bucket --bucket ${bucket} --region ${region}${location}${server}`],
    cause,
  });
}

function noCredentials(place: S3Place, cause: unknown): KopsError {
  return new KopsError(`no credentials for the state store s3://${place.bucket}: ${messageOf(cause)}`, {
    code: 'STATE_STORE_DENIED',
    exit: 'cloud',
    object: place.bucket,
    suggestions: ['aws configure', 'Or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (for another S3 server: S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY).'],
    cause,
  });
}

function deniedCall(operation: string, key: string, place: S3Place, cause: unknown): KopsError {
  const resource = operation === 'ListBucket' ? `arn:aws:s3:::${place.bucket}` : `arn:aws:s3:::${place.bucket}/${key}`;
  return new KopsError(`the state store s3://${place.bucket} denied s3:${operation}: ${describe(cause)}`, {
    code: 'STATE_STORE_DENIED',
    exit: 'cloud',
    object: place.bucket,
    expected: `permission s3:${operation} on ${resource}`,
    suggestions: [place.endpoint === undefined ? 'See whose credentials are used: aws sts get-caller-identity' : ownServerKeys, ...(isLoopback(place.endpoint) ? [localEnv] : [])],
    cause,
  });
}

function noConnection(place: S3Place, cause: unknown): KopsError {
  const where = place.endpoint ?? `Amazon S3 in ${place.region}`;
  return new KopsError(`the state store s3://${place.bucket} cannot be reached at ${where}: ${describe(cause)}`, {
    code: 'STATE_STORE_UNREACHABLE',
    exit: 'cloud',
    object: place.bucket,
    suggestions: [
      ...(isLoopback(place.endpoint) ? ['If that is the local cloud: kops-ts local start', localEnv] : []),
      place.endpoint === undefined ? 'Look at the network and at HTTPS_PROXY.' : 'See whether the server runs there; the address comes from S3_ENDPOINT or AWS_ENDPOINT_URL.',
    ],
    cause,
  });
}

/** Connection errors to several addresses have an empty message of their own. */
function describe(error: unknown): string {
  const { name, message } = error as { name?: string; message?: string };
  return message || systemCode(error) || name || String(error);
}
