import type { Clock } from '../lib/clock.ts';
import { isPlainObject } from '../lib/json.ts';
import type { TokenSigner, TokenVerifier } from './json-web-token.ts';

export interface ServiceAccountToken {
  namespace: string;
  name: string;
  uid: string;
  audiences: string[];
  /** Seconds since the epoch. */
  expiresSeconds: number;
  /** The pod, secret or node the token is bound to: it is worthless when that is gone. */
  bound?: { kind: 'pod' | 'secret' | 'node'; name: string; uid: string };
}

/** A bound token as Kubernetes' TokenRequest gives it. */
export function issueServiceAccountToken(signer: TokenSigner, token: ServiceAccountToken, options: { clock: Clock; issuer: string; id: string }): string {
  const now = Math.floor(options.clock.now() / 1000);
  const { namespace, name, uid, bound } = token;
  return signer.sign({
    aud: token.audiences,
    exp: token.expiresSeconds,
    iat: now,
    iss: options.issuer,
    jti: options.id,
    'kubernetes.io': { namespace, ...(bound ? { [bound.kind]: { name: bound.name, uid: bound.uid } } : {}), serviceaccount: { name, uid } },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
}

/** Undefined unless genuine, in time, from this issuer and for one of the audiences. Whether account and bound object still exist is the caller's to check. */
export function verifyServiceAccountToken(
  verifier: TokenVerifier,
  text: string,
  options: { clock: Clock; issuer: string; audiences: readonly string[] },
): ServiceAccountToken | undefined {
  const claims = verifier.verify(text);
  if (!claims || claims.iss !== options.issuer) return undefined;
  const now = options.clock.now() / 1000;
  const { exp, nbf } = claims;
  if (typeof exp !== 'number' || exp <= now || (typeof nbf === 'number' && nbf > now)) return undefined;
  const audiences = (Array.isArray(claims.aud) ? claims.aud : [claims.aud]).filter((one): one is string => typeof one === 'string');
  if (!audiences.some((audience) => options.audiences.includes(audience))) return undefined;
  return read(claims['kubernetes.io'], audiences, exp);
}

function read(kubernetes: unknown, audiences: string[], expiresSeconds: number): ServiceAccountToken | undefined {
  if (!isPlainObject(kubernetes) || typeof kubernetes.namespace !== 'string') return undefined;
  const account = reference(kubernetes.serviceaccount);
  if (!account) return undefined;
  const token: ServiceAccountToken = { namespace: kubernetes.namespace, ...account, audiences, expiresSeconds };
  for (const kind of ['pod', 'secret', 'node'] as const) {
    const object = reference(kubernetes[kind]);
    if (object) token.bound ??= { kind, ...object };
  }
  return token;
}

function reference(value: unknown): { name: string; uid: string } | undefined {
  return isPlainObject(value) && typeof value.name === 'string' && typeof value.uid === 'string' ? { name: value.name, uid: value.uid } : undefined;
}
