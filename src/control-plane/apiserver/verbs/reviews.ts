import type { UserInfo } from '../../../kube/request.ts';
import { badRequest } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { authenticated, verifyToken } from '../authentication.ts';
import type { Call } from '../core.ts';
import type { AuthorizationAttributes } from '../policy.ts';
import { plainResult, type Result } from '../result.ts';
import { readObject } from './input.ts';

interface AccessSpec {
  resourceAttributes?: { namespace?: string; verb?: string; group?: string; resource?: string; subresource?: string; name?: string };
  nonResourceAttributes?: { path?: string; verb?: string };
  user?: string;
  groups?: string[];
  uid?: string;
}

type Review = (call: Call, spec: Record<string, unknown>) => object;

/** Answered, never stored: by resource name. */
export const reviews: Record<string, Review> = {
  selfsubjectaccessreviews: (call, spec) => ({ spec, status: access(call, call.user, spec) }),
  subjectaccessreviews: (call, spec) => ({ spec, status: access(call, subjectOf(spec), spec) }),
  localsubjectaccessreviews: (call, spec) => ({ spec, status: localAccess(call, spec) }),
  selfsubjectrulesreviews: (call, spec) => ({ spec: {}, status: call.core.policy.accessRules(call.user, String(spec.namespace ?? '')) }),
  selfsubjectreviews: (call) => ({ status: { userInfo: userInfo(call.user) } }),
  tokenreviews: (call, spec) => ({ spec, status: tokenStatus(call, spec) }),
};

export async function review(call: Call): Promise<Result> {
  const object = readObject(call);
  const { apiVersion, kind } = object;
  const answer = reviews[call.target.resource.resource]?.(call, (object.spec ?? {}) as Record<string, unknown>);
  return plainResult({ kind, apiVersion, metadata: { creationTimestamp: timestamp(call.core.clock) }, ...answer }, 201);
}

function localAccess(call: Call, spec: AccessSpec): object {
  if (spec.resourceAttributes?.namespace !== call.info.namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${call.info.namespace}`);
  }
  return access(call, subjectOf(spec), spec);
}

function access({ core }: Call, user: UserInfo, { resourceAttributes, nonResourceAttributes }: AccessSpec): object {
  if (!resourceAttributes === !nonResourceAttributes) throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified');
  const { verb = '', group = '', resource = '', subresource, namespace, name } = resourceAttributes ?? {};
  const attributes: AuthorizationAttributes = { user, verb, group, resource, subresource: subresource || undefined, namespace: namespace || undefined, name: name || undefined };
  if (nonResourceAttributes) Object.assign(attributes, { path: nonResourceAttributes.path ?? '', verb: nonResourceAttributes.verb ?? '' });
  const { allowed, reason } = core.policy.authorize(attributes);
  return reason === '' ? { allowed } : { allowed, reason };
}

function subjectOf({ user = '', groups = [], uid }: AccessSpec): UserInfo {
  if (user === '' && groups.length === 0) throw badRequest('spec.user: Invalid value: "": at least one of user or group must be specified');
  return uid === undefined ? { name: user, groups } : { name: user, groups, uid };
}

function tokenStatus({ core }: Call, spec: { token?: string; audiences?: string[] }): object {
  try {
    const { user, audiences } = verifyToken(core, spec.token ?? '', spec.audiences?.length ? spec.audiences : undefined);
    return { authenticated: true, user: userInfo(authenticated(user)), audiences };
  } catch {
    return { user: {}, error: 'invalid bearer token' };
  }
}

function userInfo({ name, uid, groups, extra }: UserInfo): object {
  return { username: name, ...(uid !== undefined && { uid }), groups, ...(extra && { extra }) };
}
