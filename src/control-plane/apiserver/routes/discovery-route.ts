import { createHash } from 'node:crypto';
import type { ApiTables } from '../../../kube/api/tables.ts';
import type { ApiRequest, ApiResponse } from '../../../kube/request.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/discovery.ts';
import { parseAccept } from '../negotiation.ts';

interface Document {
  bytes: Uint8Array;
  contentType: string;
  etag: string;
}

/** /api, /apis and below: in the aggregated form when it is asked for, each document encoded once. */
export function discoveryRoute(tables: ApiTables, serverAddress: string): (request: ApiRequest) => ApiResponse | undefined {
  const documents = new Map<string, Document | undefined>();
  return ({ path, headers }) => {
    const match = /^\/(api|apis)(?:\/([^/]+))?(?:\/([^/]+))?\/?$/.exec(path);
    if (!match) return undefined;
    const [, root = '', first, second] = match;
    const version = first === undefined ? aggregatedVersion(headers.accept) : undefined;
    const key = `${path.replace(/\/$/, '')} ${version ?? ''}`;
    if (!documents.has(key)) documents.set(key, encode(build(tables, serverAddress, root, [first, second], version), version));
    const document = documents.get(key);
    return document && conditional(document, headers['if-none-match']);
  };
}

type AggregatedVersion = 'v2' | 'v2beta1';

function build(tables: ApiTables, serverAddress: string, root: string, [first, second]: [string?, string?], version: AggregatedVersion | undefined): object | undefined {
  if (version !== undefined) return aggregatedDiscovery(tables, version, root === 'api' ? 'api' : 'apis');
  if (root === 'api') {
    if (second !== undefined) return undefined;
    return first === undefined ? apiVersions(serverAddress) : apiResourceList(tables, '', first);
  }
  if (first === undefined) return apiGroupList(tables);
  return second === undefined ? apiGroup(tables, first) : apiResourceList(tables, first, second);
}

/** The first form of the Accept header that is served: aggregated in some version, or the plain one. */
function aggregatedVersion(accept: string | undefined): AggregatedVersion | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json') continue;
    const { g, v, as } = parameters;
    if (as === undefined) return undefined;
    if (g === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}

function encode(document: object | undefined, version: AggregatedVersion | undefined): Document | undefined {
  if (!document) return undefined;
  const bytes = Buffer.from(JSON.stringify(document));
  const etag = `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"`;
  return { bytes, etag, contentType: version === undefined ? 'application/json' : `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList` };
}

function conditional({ bytes, contentType, etag }: Document, known: string | undefined): ApiResponse {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public' };
  if (known === etag) return { status: 304, headers, body: { type: 'bytes', contentType, bytes: new Uint8Array() } };
  return { status: 200, headers, body: { type: 'bytes', contentType, bytes } };
}
