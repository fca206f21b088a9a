import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { isPlainObject } from '../lib/json.ts';
import { publicKeyDer } from './keys.ts';
import { type Keyset, primaryKey, trustedItems } from './keyset.ts';

export type Claims = Record<string, unknown>;

/** ES256 with an EC key, RS256 with an RSA one (key sets that kops made). */
export interface TokenSigner {
  sign(claims: Claims): string;
}

export interface TokenVerifier {
  /** The claims of a token that a trusted key has signed; undefined for any other. Times, issuer and audience are the caller's to check. */
  verify(token: string): Claims | undefined;
}

export function createTokenSigner(keyset: Keyset): TokenSigner {
  const key = createPrivateKey(primaryKey(keyset).privateKeyPem);
  const header = encode({ alg: algorithmOf(key), kid: keyId(createPublicKey(key)) });
  return {
    sign(claims) {
      const content = `${header}.${encode(claims)}`;
      return `${content}.${sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
  };
}

export function createTokenVerifier(keyset: Keyset): TokenVerifier {
  const keys = new Map(
    trustedItems(keyset)
      .map((item) => createPublicKey(item.certificatePem))
      .map((key) => [keyId(key), key] as const),
  );
  return {
    verify(token) {
      const [header = '', payload = '', signature = '', ...rest] = token.split('.');
      const { alg, kid } = decode(header) ?? {};
      const key = typeof kid === 'string' ? keys.get(kid) : undefined;
      // The algorithm is the key's, never the token's choice.
      if (!key || rest.length > 0 || alg !== algorithmOf(key)) return undefined;
      const genuine = verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
      return genuine ? decode(payload) : undefined;
    },
  };
}

/** One entry a trusted key: what `/openid/v1/jwks` serves. */
export function jsonWebKeys(keyset: Keyset): Record<string, unknown>[] {
  return trustedItems(keyset)
    .map((item) => createPublicKey(item.certificatePem))
    .map((key) => ({ use: 'sig', kid: keyId(key), alg: algorithmOf(key), ...key.export({ format: 'jwk' }) }));
}

/** As Kubernetes names keys: the hash of the public key. */
function keyId(key: KeyObject): string {
  return createHash('sha256').update(publicKeyDer(key)).digest('base64url');
}

function algorithmOf(key: KeyObject): 'ES256' | 'RS256' {
  return key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
}

function encode(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
