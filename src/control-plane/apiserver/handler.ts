import type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from '../../kube/request.ts';
import { qualifiedResource, StatusError } from '../../kube/status.ts';
import { authenticate } from './authentication.ts';
import { type ApiCore, type Call, makeTarget, type Target } from './core.ts';
import { dispatch } from './dispatch.ts';
import { impersonated } from './impersonation.ts';
import { parseResourceRequest, type ResourceRequest } from './request-info.ts';
import { respond } from './respond.ts';
import { errorResponse, type Result } from './result.ts';

export interface HandlerParts {
  core: ApiCore;
  /** URLs that are no resource's; undefined: not one of them. */
  plainRoute(request: ApiRequest): ApiResponse | Promise<ApiResponse> | undefined;
  /** Subresources that reach out to nodes and pods, by `resource/subresource`. */
  connect: Record<string, (call: Call) => Promise<Result>>;
}

/** Authentication, authorization, the verb, and the answer: one request from end to end. */
export function createHandler(parts: HandlerParts): ApiHandler {
  const targets = new Map<string, Target>();
  for (const resource of parts.core.tables.resources.values()) {
    targets.set(`${resource.group}/${resource.version}/${resource.resource}`, makeTarget(parts.core, resource));
  }
  return async (request) => {
    try {
      const user = impersonated(parts.core, authenticate(parts.core, request), request.headers);
      const info = parseResourceRequest(request);
      if (!info) return await plain(parts, request, user);
      return await serveResource(parts, request, user, info, targets.get(`${info.group}/${info.version}/${info.resource}`));
    } catch (error) {
      if (!(error instanceof StatusError)) parts.core.log.error('a request failed', { method: request.method, path: request.path, error });
      return errorResponse(error);
    }
  };
}

async function plain({ core, plainRoute }: HandlerParts, request: ApiRequest, user: UserInfo): Promise<ApiResponse> {
  const verb = request.method.toLowerCase();
  const { allowed, reason } = core.policy.authorize({ user, verb, group: '', resource: '', subresource: undefined, namespace: undefined, name: undefined, path: request.path });
  if (!allowed) throw new StatusError('Forbidden', `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(request.path)}${reason && `: ${reason}`}`);
  return (await plainRoute(request)) ?? errorResponse(unknownPath());
}

async function serveResource({ core, connect }: HandlerParts, request: ApiRequest, user: UserInfo, info: ResourceRequest, target: Target | undefined): Promise<ApiResponse> {
  const refined = refine(info, request.query);
  authorizeResource(core, user, refined);
  if (!target || (info.subresource !== undefined && !target.resource.subresources.has(info.subresource))) throw unknownPath();
  if (info.namespace !== undefined && !target.resource.namespaced) throw unknownPath();
  const { query, headers, body } = request;
  const call: Call = {
    core,
    target,
    info: refined,
    user,
    query,
    headers,
    body,
    warnings: [...target.warnings],
    // Not read before it is needed: a server may make it only then.
    get signal() {
      return request.signal;
    },
  };
  return respond(call, await dispatch(call, connect));
}

/** A list or watch of one name is authorized as a request for that name. */
function refine(info: ResourceRequest, query: URLSearchParams): ResourceRequest {
  if (info.name !== undefined || (info.verb !== 'list' && info.verb !== 'watch')) return info;
  const name = /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
  return name === undefined ? info : { ...info, name };
}

function authorizeResource(core: ApiCore, user: UserInfo, info: ResourceRequest): void {
  const { verb, group, resource, subresource, namespace, name } = info;
  const { allowed, reason } = core.policy.authorize({ user, verb, group, resource, subresource, namespace, name });
  if (allowed) return;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const action = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${scope}`;
  const subject = `${qualifiedResource(group, what)}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`;
  throw new StatusError('Forbidden', `${subject} is forbidden: ${action}${reason && `: ${reason}`}`, { name: name ?? '', group, kind: what });
}

function unknownPath(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource');
}
