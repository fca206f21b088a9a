import { createHash, createPrivateKey, createPublicKey, createSign, createVerify, type KeyObject } from 'node:crypto';
import type { UserInfo } from '../../kube/request.ts';
import { StatusError } from '../../kube/status.ts';
import type { Clock } from '../../lib/clock.ts';
import { isPlainObject } from '../../lib/json.ts';
import { type Random, uuid } from '../../lib/random.ts';

/** Keys of the cluster's service account tokens, PEM. EC P-256 or RSA. */
export interface TokenKeys {
  /** `https://kubernetes.default.svc.cluster.local` */
  issuer: string;
  signingKey: string;
  /** Public keys (or certificates) whose tokens are accepted, besides the signing key's own. */
  verifyingKeys?: readonly string[];
}

/** What a token is bound to. */
export interface TokenSubject {
  namespace: string;
  serviceAccount: { name: string; uid: string };
  pod?: { name: string; uid: string };
  node?: { name: string; uid: string };
  secret?: { name: string; uid: string };
}

export interface IssuedToken {
  token: string;
  expiresAtMs: number;
}

interface VerifyingKey {
  id: string;
  key: KeyObject;
}

/** Signs and checks the JSON web tokens of service accounts. */
export class ServiceAccountTokens {
  readonly issuer: string;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly signingKey: KeyObject;
  private readonly keys: VerifyingKey[];

  constructor(keys: TokenKeys, clock: Clock, random: Random) {
    this.issuer = keys.issuer;
    this.clock = clock;
    this.random = random;
    this.signingKey = createPrivateKey(keys.signingKey);
    this.keys = [createPublicKey(this.signingKey), ...(keys.verifyingKeys ?? []).map((pem) => createPublicKey(pem))].map((key) => ({ key, id: keyId(key) }));
  }

  issue(subject: TokenSubject, audiences: readonly string[], lifetimeSeconds: number): IssuedToken {
    const now = Math.floor(this.clock.now() / 1000);
    const { namespace, serviceAccount, pod, node, secret } = subject;
    const claims = {
      aud: audiences,
      exp: now + lifetimeSeconds,
      iat: now,
      iss: this.issuer,
      jti: uuid(this.random),
      'kubernetes.io': { namespace, ...(node && { node }), ...(pod && { pod }), ...(secret && { secret }), serviceaccount: serviceAccount },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    const header = { alg: algorithmOf(this.signingKey), kid: this.keys[0]?.id };
    const signed = `${encodePart(header)}.${encodePart(claims)}`;
    const signature = createSign('SHA256').update(signed).sign(signatureOptions(this.signingKey));
    return { token: `${signed}.${signature.toString('base64url')}`, expiresAtMs: claims.exp * 1000 };
  }

  /** Throws StatusError Unauthorized. What the token is bound to is the caller's to look up. */
  verify(token: string, audiences: readonly string[] = [this.issuer]): { user: UserInfo; subject: TokenSubject; audiences: string[] } {
    const [head = '', body = '', signature = ''] = token.split('.');
    const header = decodePart(head);
    const claims = decodePart(body);
    if (!this.signed(header, `${head}.${body}`, signature)) throw unauthorized();
    const now = this.clock.now() / 1000;
    if (claims.iss !== this.issuer || !(Number(claims.exp) > now) || Number(claims.nbf) > now + 10) throw unauthorized();
    const granted = [claims.aud].flat().filter((audience): audience is string => typeof audience === 'string' && audiences.includes(audience));
    if (granted.length === 0) throw unauthorized();
    const subject = subjectOf(claims);
    return { user: userOf(subject, claims), subject, audiences: granted };
  }

  private signed(header: Record<string, unknown>, text: string, signature: string): boolean {
    const bytes = Buffer.from(signature, 'base64url');
    return this.keys.some(
      ({ key, id }) =>
        (header.kid === undefined || header.kid === id) && header.alg === algorithmOf(key) && createVerify('SHA256').update(text).verify(signatureOptions(key), bytes),
    );
  }
}

function subjectOf(claims: Record<string, unknown>): TokenSubject {
  const bound = claims['kubernetes.io'] as
    | { namespace?: string; serviceaccount?: TokenSubject['serviceAccount']; pod?: TokenSubject['pod']; node?: TokenSubject['node'] }
    | undefined;
  if (!isPlainObject(bound) || typeof bound.namespace !== 'string' || typeof bound.serviceaccount?.name !== 'string') throw unauthorized();
  const subject: TokenSubject = { namespace: bound.namespace, serviceAccount: bound.serviceaccount };
  if (bound.pod) subject.pod = bound.pod;
  if (bound.node) subject.node = bound.node;
  return subject;
}

function userOf({ namespace, serviceAccount, pod, node }: TokenSubject, claims: Record<string, unknown>): UserInfo {
  const extra: Record<string, string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${String(claims.jti)}`] };
  if (pod) Object.assign(extra, { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] });
  if (node) Object.assign(extra, { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] });
  return {
    name: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra,
  };
}

export function unauthorized(): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized');
}

function algorithmOf(key: KeyObject): string {
  return key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
}

// A JWT carries the two numbers of an ECDSA signature side by side, not in DER.
function signatureOptions(key: KeyObject): { key: KeyObject; dsaEncoding: 'ieee-p1363' } {
  return { key, dsaEncoding: 'ieee-p1363' };
}

function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodePart(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isPlainObject(value)) return value;
  } catch {
    // Not a token of ours.
  }
  throw unauthorized();
}
