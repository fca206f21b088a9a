import type { UserInfo } from '../../kube/request.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import { authenticated } from './authentication.ts';
import type { ApiCore } from './core.ts';

/** Acts as somebody else (`kubectl --as`) when the headers ask for it and the user may. Throws StatusError Forbidden. */
export function impersonated(core: ApiCore, user: UserInfo, headers: Record<string, string | undefined>): UserInfo {
  const name = headers['impersonate-user'];
  const groups = (headers['impersonate-group'] ?? '').split(',').flatMap((group) => group.trim() || []);
  if (name === undefined) {
    if (groups.length > 0 || headers['impersonate-uid'] !== undefined) throw badRequest('requested impersonation without naming a user');
    return user;
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) check(core, user, 'serviceaccounts', account[2] ?? '', account[1]);
  else check(core, user, 'users', name);
  for (const group of groups) check(core, user, 'groups', group);
  if (name === 'system:anonymous') return { name, groups: ['system:unauthenticated'] };
  if (account && groups.length === 0) groups.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  const uid = headers['impersonate-uid'];
  return authenticated(uid === undefined ? { name, groups } : { name, groups, uid });
}

function check(core: ApiCore, user: UserInfo, resource: string, name: string, namespace?: string): void {
  const { allowed, reason } = core.policy.authorize({ user, verb: 'impersonate', group: '', resource, subresource: undefined, namespace, name });
  if (allowed) return;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const message = `${resource} ${JSON.stringify(name)} is forbidden: User ${JSON.stringify(user.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group "" ${scope}`;
  throw new StatusError('Forbidden', `${message}${reason && `: ${reason}`}`, { name, kind: resource });
}
