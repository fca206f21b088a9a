import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from './access-key.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';

const algorithm = 'AWS4-HMAC-SHA256';
const largestSkewMs = 15 * 60_000;
const longestExpirySeconds = 7 * 24 * 3600;

/** What a signature of version 4 says of itself, wherever it stands in the request. */
interface Claim {
  credential: string;
  signedHeaders: string[];
  signature: string;
  /** `20261128T160000Z` */
  date: string;
  payloadHash: string;
  /** Of a presigned URL. */
  expiresSeconds?: number;
}

/** Who signed, and what the parts of a chunked body are checked with. */
export interface Signed {
  region: string;
  payloadHash: string;
  signature: string;
  date: string;
  scope: string;
  signingKey: Buffer;
}

/** Checks the signature of a request, in its header or in its query. Throws S3Error with S3's code for what is wrong with it. */
export function verifySignature(request: S3Request, key: AccessKey, now: number): Signed {
  const claim = request.headers.authorization === undefined ? claimInQuery(request) : claimInHeader(request);
  const [accessKeyId = '', day = '', region = '', service, terminator, ...more] = claim.credential.split('/');
  if (service !== 's3' || terminator !== 'aws4_request' || more.length > 0 || day !== claim.date.slice(0, 8))
    throw malformed(request, 'the credential scope is not DATE/REGION/s3/aws4_request');
  if (accessKeyId !== key.accessKeyId) throw new S3Error('InvalidAccessKeyId', { AWSAccessKeyId: accessKeyId });
  if (request.headers['x-amz-security-token'] !== undefined)
    throw new S3Error('InvalidToken', {}, 'The access key of the local cloud has no session token: unset AWS_SESSION_TOKEN');
  if (!claim.signedHeaders.includes('host')) throw malformed(request, 'the host header is not signed');
  const unsigned = Object.keys(request.headers).find((name) => name.startsWith('x-amz-') && !claim.signedHeaders.includes(name));
  if (unsigned !== undefined) throw new S3Error('AccessDenied', { HeadersNotSigned: unsigned }, 'There were headers present in the request which were not signed');
  const scope = `${day}/${region}/s3/aws4_request`;
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${key.secretAccessKey}`));
  const expected = hmac(signingKey, [algorithm, claim.date, scope, sha256(canonicalRequest(request, claim))].join('\n')).toString('hex');
  if (!sameText(expected, claim.signature)) throw new S3Error('SignatureDoesNotMatch', { AWSAccessKeyId: accessKeyId });
  checkTime(claim, now);
  return { region, payloadHash: claim.payloadHash, signature: claim.signature, date: claim.date, scope, signingKey };
}

function claimInHeader(request: S3Request): Claim {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': payloadHash } = request.headers;
  if (!authorization.startsWith(`${algorithm} `)) throw otherAlgorithm();
  const parts = Object.fromEntries(
    authorization
      .slice(algorithm.length)
      .split(',')
      .map((part) => part.trim().split(/=(.*)/s)),
  ) as Record<string, string | undefined>;
  const { Credential: credential, SignedHeaders: headers, Signature: signature } = parts;
  if (!credential || !headers || !signature) throw malformed(request, 'Credential, SignedHeaders and Signature are needed');
  if (payloadHash === undefined) throw new S3Error('InvalidRequest', {}, 'Missing required header for this request: x-amz-content-sha256');
  return { credential, signedHeaders: headers.split(';'), signature, date, payloadHash };
}

function claimInQuery(request: S3Request): Claim {
  const { query } = request;
  const given = query.get('X-Amz-Algorithm');
  if (query.has('AWSAccessKeyId') || (given !== null && given !== algorithm)) throw otherAlgorithm();
  if (given === null) throw new S3Error('AccessDenied');
  const [credential, headers, signature, date] = ['Credential', 'SignedHeaders', 'Signature', 'Date'].map((name) => query.get(`X-Amz-${name}`) ?? '');
  const expiresSeconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (!credential || !headers || !signature || !date) throw malformed(request, 'X-Amz-Credential, X-Amz-SignedHeaders, X-Amz-Signature and X-Amz-Date are needed');
  if (!(expiresSeconds >= 1 && expiresSeconds <= longestExpirySeconds)) throw malformed(request, 'X-Amz-Expires must be between a second and a week');
  return { credential, signedHeaders: headers.split(';'), signature, date, payloadHash: request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD', expiresSeconds };
}

function checkTime({ date, expiresSeconds }: Claim, now: number): void {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at)) throw new S3Error('AccessDenied', {}, 'AWS authentication requires a valid Date or x-amz-date header');
  if (expiresSeconds !== undefined && now > at + expiresSeconds * 1000) throw new S3Error('AccessDenied', {}, 'Request has expired');
  const skewMs = expiresSeconds === undefined ? Math.abs(now - at) : at - now;
  if (skewMs > largestSkewMs) throw new S3Error('RequestTimeTooSkewed', { RequestTime: date, ServerTime: new Date(now).toISOString() });
}

function canonicalRequest(request: S3Request, claim: Claim): string {
  const pairs = [...request.query].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => [encode(name), encode(value)] as const);
  const query = pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y)).map((pair) => pair.join('='));
  const headers = claim.signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const path = request.path.split('/').map(encode).join('/');
  return [request.method, path, query.join('&'), headers.join(''), claim.signedHeaders.join(';'), claim.payloadHash].join('\n');
}

/** Signature of a part of a chunked body, which goes on from the signature before it. */
export function chunkSignature(signed: Signed, previous: string, data: Uint8Array): string {
  return hmac(signed.signingKey, [`${algorithm}-PAYLOAD`, signed.date, signed.scope, previous, sha256(''), sha256(data)].join('\n')).toString('hex');
}

export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everything but letters, digits and - . _ ~ */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function malformed(request: S3Request, why: string): S3Error {
  return new S3Error(request.headers.authorization === undefined ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed', {}, why);
}

function otherAlgorithm(): S3Error {
  return new S3Error('InvalidRequest', {}, `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`);
}
