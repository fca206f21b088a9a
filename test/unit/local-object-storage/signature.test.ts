import { describe, expect, it } from 'vitest';
import { BodyReader } from '../../../providers/local/object-storage/request-body.ts';
import { type S3Request, toRequest } from '../../../providers/local/object-storage/s3-request.ts';
import { verifySignature } from '../../../providers/local/object-storage/signature.ts';

// The examples of Amazon's own documentation of Signature Version 4 for S3.
const key = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const at = Date.UTC(2013, 4, 24);
const scope = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function header(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

async function* bodyOf(...chunks: string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function getRange(): Record<string, string> {
  return {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': emptyHash,
    'x-amz-date': '20130524T000000Z',
    authorization: header('host;range;x-amz-content-sha256;x-amz-date', 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'),
  };
}

function presigned(path = '/test.txt', more: Record<string, string> = {}): S3Request {
  const signature = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;
  return toRequest('GET', `${path}?${query}`, { host: 'examplebucket.s3.amazonaws.com', ...more }, bodyOf());
}

function refusal(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

describe('a signature in the header', () => {
  const verify = (headers: Record<string, string>, now = at) => verifySignature(toRequest('GET', '/test.txt', headers, bodyOf()), key, now);

  it('is right as Amazon makes it', () => {
    expect(verify(getRange())).toMatchObject({ region: 'us-east-1', payloadHash: emptyHash });
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['another header', { range: 'bytes=0-10' }, at, 'SignatureDoesNotMatch'],
    ['a header of S3 that is not signed', { 'x-amz-copy-source': '/other/secret' }, at, 'AccessDenied'],
    ['a session', { 'x-amz-security-token': 'token' }, at, 'InvalidToken'],
    ['a quarter of an hour and more', {}, at + 901_000, 'RequestTimeTooSkewed'],
    ['no signature', { authorization: '' }, at, 'InvalidRequest'],
    ['a signature of version 2', { authorization: `AWS ${key.accessKeyId}:abc` }, at, 'InvalidRequest'],
    ['another service', { authorization: getRange().authorization!.replace('/s3/', '/ec2/') }, at, 'AuthorizationHeaderMalformed'],
    ['another key', { authorization: getRange().authorization!.replace(key.accessKeyId, 'AKIAOTHER') }, at, 'InvalidAccessKeyId'],
  ])('is refused with %s', (_what, more, now, code) => {
    expect(refusal(() => verify({ ...getRange(), ...more }, now))).toBe(code);
  });
});

describe('a signature in the query', () => {
  it('is right as Amazon makes it, until it expires', () => {
    expect(verifySignature(presigned(), key, at + 86_400_000).payloadHash).toBe('UNSIGNED-PAYLOAD');
    expect(refusal(() => verifySignature(presigned(), key, at + 86_401_000))).toBe('AccessDenied');
  });

  it('is for one object, and for what it was signed with', () => {
    expect(refusal(() => verifySignature(presigned('/other.txt'), key, at))).toBe('SignatureDoesNotMatch');
    expect(refusal(() => verifySignature(presigned('/test.txt', { 'x-amz-copy-source': '/other/secret' }), key, at))).toBe('AccessDenied');
  });
});

describe('a body in signed chunks', () => {
  const signatures = [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ];
  const put = (...chunks: string[]) =>
    toRequest(
      'PUT',
      '/examplebucket/chunkObject.txt',
      {
        host: 's3.amazonaws.com',
        'x-amz-date': '20130524T000000Z',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '66560',
        'content-length': '66824',
        authorization: header(
          'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class',
          '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
        ),
      },
      bodyOf(...chunks),
    );
  const chunk = (data: string, signature = '') => `${data.length.toString(16)};chunk-signature=${signature}\r\n${data}\r\n`;
  const read = (request: S3Request) => new BodyReader().read(request, verifySignature(request, key, at), async ({ data }) => data.toString());

  it('is read when every chunk is signed', async () => {
    const sent = [chunk('a'.repeat(65_536), signatures[0]), chunk('a'.repeat(1024), signatures[1]), chunk('', signatures[2])];
    expect(await read(put(...sent))).toBe('a'.repeat(66_560));
  });

  it.each([
    ['SignatureDoesNotMatch', [chunk('b'.repeat(65_536), signatures[0])]],
    ['IncompleteBody', [chunk('a'.repeat(65_536), signatures[0])]],
    ['IncompleteBody', ['no chunk']],
    ['IncompleteBody', ['ffff']],
  ])('is refused with %s otherwise', async (code, sent) => {
    await expect(read(put(...sent))).rejects.toMatchObject({ code });
  });
});
