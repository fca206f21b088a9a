import type { UserInfo } from '../../kube/request.ts';
import { StatusError } from '../../kube/status.ts';
import type { Clock } from '../../lib/clock.ts';
import { type Random, uuid } from '../../lib/random.ts';
import { createTokenSigner, createTokenVerifier, jsonWebKeys, type TokenSigner, type TokenVerifier } from '../../pki/json-web-token.ts';
import type { Keyset } from '../../pki/keyset.ts';
import { issueServiceAccountToken, type ServiceAccountToken, verifyServiceAccountToken } from '../../pki/service-account-token.ts';

export interface TokenKeys {
  /** `https://kubernetes.default.svc.cluster.local` */
  issuer: string;
  /** The cluster's `service-account` key set: its primary key signs, every trusted one verifies. */
  keyset: Keyset;
}

export type TokenSubject = Pick<ServiceAccountToken, 'namespace' | 'name' | 'uid' | 'bound'>;

export interface VerifiedToken {
  user: UserInfo;
  subject: TokenSubject;
  /** Those asked for that the token is good for. */
  audiences: string[];
}

/** Issues and checks the tokens of service accounts. */
export class ServiceAccountTokens {
  readonly issuer: string;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly keyset: Keyset;
  private readonly signer: TokenSigner;
  private readonly verifier: TokenVerifier;

  constructor({ issuer, keyset }: TokenKeys, clock: Clock, random: Random) {
    this.issuer = issuer;
    this.keyset = keyset;
    this.clock = clock;
    this.random = random;
    this.signer = createTokenSigner(keyset);
    this.verifier = createTokenVerifier(keyset);
  }

  issue(subject: TokenSubject, audiences: string[], lifetimeSeconds: number): { token: string; expiresAtMs: number } {
    const { clock, issuer } = this;
    const expiresSeconds = Math.floor(clock.now() / 1000) + lifetimeSeconds;
    const token = issueServiceAccountToken(this.signer, { ...subject, audiences, expiresSeconds }, { clock, issuer, id: uuid(this.random) });
    return { token, expiresAtMs: expiresSeconds * 1000 };
  }

  /** Throws StatusError Unauthorized. Whether the account and what the token is bound to still exist is the caller's to check. */
  verify(token: string, audiences: readonly string[] = [this.issuer]): VerifiedToken {
    const subject = verifyServiceAccountToken(this.verifier, token, { clock: this.clock, issuer: this.issuer, audiences });
    if (!subject) throw unauthorized();
    return { subject, user: userOf(subject), audiences: subject.audiences.filter((audience) => audiences.includes(audience)) };
  }

  /** What `/openid/v1/jwks` serves. */
  publicKeys(): Record<string, unknown>[] {
    return jsonWebKeys(this.keyset);
  }
}

function userOf({ namespace, name, uid, bound }: TokenSubject): UserInfo {
  const user: UserInfo = { name: `system:serviceaccount:${namespace}:${name}`, uid, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] };
  if (bound?.kind === 'pod') user.extra = { 'authentication.kubernetes.io/pod-name': [bound.name], 'authentication.kubernetes.io/pod-uid': [bound.uid] };
  return user;
}

export function unauthorized(): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized');
}
