import type { ApiRequest } from '../../kube/request.ts';
import { badRequest } from '../../kube/status.ts';

/** What a URL asks for. Verbs as RBAC knows them. */
export interface ResourceRequest {
  verb: Verb;
  group: string;
  version: string;
  /** Plural. */
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  /** What follows a `proxy` subresource, with its leading slash, or ''. */
  rest: string;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

// /api/v1 or /apis/group/version; then a namespace unless it is itself what is asked for; then resource[/name[/subresource[/rest]]].
const pattern = /^\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+)(?=\/(?!(?:status|finalize)\/?$)[^/]))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+)(\/.*)?)?)?\/?$/;

/** Undefined when the path is not one of a resource. */
export function parseResourceRequest(request: ApiRequest): ResourceRequest | undefined {
  const match = pattern.exec(request.path);
  if (!match) return undefined;
  const [, coreVersion, group, version, namespace, resource = '', name, subresource, rest = ''] = match;
  const nameText = decoded(name);
  return {
    verb: verbOf(request, nameText),
    group: group ?? '',
    version: coreVersion ?? version ?? '',
    resource,
    namespace: decoded(namespace),
    name: nameText,
    subresource,
    rest,
  };
}

/** Throws StatusError BadRequest for broken percent-encoding. */
function decoded(part: string | undefined): string | undefined {
  if (part === undefined || !part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(part)}`);
  }
}

function verbOf(request: ApiRequest, name: string | undefined): Verb {
  switch (request.method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      if (parseBool(request.query.get('watch'))) return 'watch';
      return name === undefined ? 'list' : 'get';
  }
}

/** As Go's strconv.ParseBool, except that anything it refuses is false. */
export function parseBool(text: string | null): boolean {
  return text !== null && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}
