import type { ApiTables } from '../../../kube/api/tables.ts';
import type { ApiRequest, ApiResponse } from '../../../kube/request.ts';
import { openApiIndex, openApiText } from '../openapi/openapi.ts';
import { openApiV2, openApiV2Protobuf, openApiV2ProtobufType } from '../openapi/openapi-v2.ts';
import { jsonResponse, textResponse } from '../result.ts';

/** Far enough for every client; the URL carries the hash of what it names. */
const neverExpires = 'Thu, 31 Dec 2099 23:59:59 GMT';

/** /openapi/v3 and the document of each group version; of version 2 only its frame. */
export function openApiRoute(tables: ApiTables): (request: ApiRequest) => ApiResponse | undefined {
  let index: Uint8Array | undefined;
  return ({ path, query, headers }) => {
    if (path === '/openapi/v3') {
      index ??= Buffer.from(JSON.stringify(openApiIndex(tables)));
      return { status: 200, body: { type: 'bytes', contentType: 'application/json', bytes: index } };
    }
    if (path === '/openapi/v2') return versionTwo(tables, headers.accept ?? '');
    const key = /^\/openapi\/v3\/(.+)$/.exec(path)?.[1];
    const text = key === undefined ? undefined : openApiText(tables, key);
    if (!text) return undefined;
    const hash = query.get('hash');
    if (hash !== null && hash !== text.hash) return movedTo(`${path}?hash=${text.hash}`);
    const etag = `"${text.hash}"`;
    const caching: Record<string, string> = { etag, vary: 'Accept' };
    if (hash !== null) Object.assign(caching, { expires: neverExpires, 'cache-control': 'public, immutable' });
    if (headers['if-none-match'] === etag) return { status: 304, headers: caching, body: { type: 'bytes', contentType: 'application/json', bytes: new Uint8Array() } };
    return { status: 200, headers: caching, body: { type: 'bytes', contentType: 'application/json', bytes: text.bytes } };
  };
}

/** kubectl asks for protobuf, with `@` or `.` before the version of the format. */
function versionTwo(tables: ApiTables, accept: string): ApiResponse {
  if (!/proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/.test(accept)) return jsonResponse(openApiV2(tables));
  return { status: 200, body: { type: 'bytes', contentType: openApiV2ProtobufType, bytes: openApiV2Protobuf(tables) } };
}

function movedTo(location: string): ApiResponse {
  return { ...textResponse(301, 'Moved Permanently\n'), headers: { location } };
}
