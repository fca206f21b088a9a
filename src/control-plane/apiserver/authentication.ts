import type { ApiRequest, UserInfo } from '../../kube/request.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import type { ApiCore } from './core.ts';
import { resourcePrefix } from './storage/storage.ts';
import { type TokenSubject, unauthorized } from './tokens.ts';

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const completed = new WeakMap<UserInfo, UserInfo>();

/** Who asks: proved by the caller (client certificate, direct call), by a service account's token, or nobody. Throws StatusError Unauthorized. */
export function authenticate(core: ApiCore, request: ApiRequest): UserInfo {
  if (request.user) return authenticated(request.user);
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return request.headers.authorization ? refuse() : anonymous;
  return authenticated(verifyToken(core, token).user);
}

/** Checks the signature and that what the token is bound to still exists. Throws StatusError Unauthorized. */
export function verifyToken(core: ApiCore, token: string, audiences?: readonly string[]): { user: UserInfo; audiences: string[] } {
  if (!core.tokens) throw unauthorized();
  const verified = core.tokens.verify(token, audiences);
  if (!isAlive(core, verified.subject)) throw unauthorized();
  return verified;
}

/** Everyone who is somebody belongs to system:authenticated. */
export function authenticated(user: UserInfo): UserInfo {
  if (user.groups.includes('system:authenticated') || user === anonymous || user.name === anonymous.name) return user;
  let full = completed.get(user);
  if (!full) {
    full = { ...user, groups: [...user.groups, 'system:authenticated'] };
    completed.set(user, full);
  }
  return full;
}

function isAlive({ storage }: ApiCore, { namespace, name, uid, bound }: TokenSubject): boolean {
  const uidOf = (resource: string, key: string): string | undefined => {
    const prefix = resourcePrefix('', resource);
    return storage.cache(prefix).get(prefix + key)?.object.metadata.uid;
  };
  if (uidOf(resourceTypes.serviceAccounts.resource, `${namespace}/${name}`) !== uid) return false;
  return !bound || uidOf(`${bound.kind}s`, bound.kind === 'node' ? bound.name : `${namespace}/${bound.name}`) === bound.uid;
}

function refuse(): never {
  throw unauthorized();
}
