import type { KubeObject } from '../../kube/objects.ts';
import type { ApiResponse, ApiWatchBody } from '../../kube/request.ts';
import { formatYaml } from '../../lib/yaml.ts';
import { type Call, groupVersion } from './core.ts';
import { negotiate, type Wanted } from './negotiation.ts';
import { type ListMetadata, objectBody, type Result, textResponse } from './result.ts';
import type { StoredObject } from './storage/stored-object.ts';
import { encodeLine } from './storage/watch-event.ts';

/** The answer in the form the client accepts, with its warnings. */
export function respond(call: Call, result: Result): ApiResponse {
  const response = shape(call, result, negotiate(call.headers.accept));
  if (call.warnings.length > 0) {
    const warnings = [...new Set(call.warnings)].map((text) => `299 - ${JSON.stringify(text)}`);
    response.headers = { ...response.headers, warning: warnings };
  }
  return response;
}

function shape(call: Call, result: Result, wanted: Wanted): ApiResponse {
  if (result.type === 'response') return { ...result.response, body: watchBody(call, result.response.body, wanted) };
  const status = result.type === 'list' ? 200 : result.status;
  if (wanted.as === 'Table' && result.type !== 'plain') return { status, body: objectBody(tableOf(call, result, wanted)) };
  if (wanted.as !== undefined && wanted.as !== 'Table' && result.type !== 'plain') return { status, body: objectBody(metadataOf(result, wanted)) };
  if (wanted.encoding === 'yaml') return textResponse(status, formatYaml(plainOf(call, result)), 'application/yaml');
  if (result.type === 'object') return { status, body: { type: 'object', object: result.stored.object, encoded: result.stored.encoded } };
  if (result.type === 'plain') return { status, body: objectBody(result.object) };
  const list = listOf(call, result.items, result.metadata);
  return { status, body: { type: 'object', object: list as unknown as KubeObject, encoded: () => encodeList(list, result.items) } };
}

function plainOf(call: Call, result: Exclude<Result, { type: 'response' }>): object {
  if (result.type === 'object') return result.stored.object;
  return result.type === 'plain' ? result.object : listOf(call, result.items, result.metadata);
}

interface List {
  kind: string;
  apiVersion: string;
  metadata: ListMetadata;
  items: KubeObject[];
}

function listOf({ target }: Call, items: readonly StoredObject[], metadata: ListMetadata): List {
  return { kind: `${target.resource.kind}List`, apiVersion: groupVersion(target.resource), metadata, items: items.map((stored) => stored.object) };
}

/** The bytes of the objects side by side: nothing is encoded again. */
function encodeList({ items: _, ...head }: List, items: readonly StoredObject[]): Uint8Array {
  const comma = Buffer.from(',');
  const parts: Uint8Array[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  for (const [index, stored] of items.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(stored.encoded());
  }
  parts.push(Buffer.from(']}\n'));
  return Buffer.concat(parts);
}

function tableOf(call: Call, result: { type: 'object'; stored: StoredObject } | { type: 'list'; items: readonly StoredObject[]; metadata: ListMetadata }, wanted: Wanted): object {
  if (result.type === 'list')
    return rows(
      call,
      result.items.map((stored) => stored.object),
      result.metadata,
      wanted,
    );
  return rows(call, [result.stored.object], { resourceVersion: result.stored.object.metadata.resourceVersion }, wanted);
}

function rows({ core, target, query }: Call, items: readonly KubeObject[], metadata: object, wanted: Wanted): object {
  const include = query.get('includeObject');
  const includeObject = include === 'Object' || include === 'None' ? include : 'Metadata';
  return core.policy.toTable(target.resource, items, metadata, { includeObject, apiVersion: `meta.k8s.io/${wanted.version}`, now: core.clock.now() });
}

function metadataOf(result: { type: 'object'; stored: StoredObject } | { type: 'list'; items: readonly StoredObject[]; metadata: ListMetadata }, { version }: Wanted): object {
  if (result.type === 'object') return partial(result.stored.object, version);
  const items = result.items.map((stored) => partial(stored.object, version));
  return { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}`, metadata: result.metadata, items };
}

function partial({ metadata }: KubeObject, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}

/** A watch in another form: each object is turned into it, the same for a watcher's life. */
function watchBody(call: Call, body: ApiResponse['body'], wanted: Wanted): ApiResponse['body'] {
  if (body.type !== 'watch' || wanted.as === undefined) return body;
  let first = true;
  const convert = (type: string, object: KubeObject): object => {
    if (wanted.as !== 'Table') return partial(object, wanted.version);
    const table = rows(call, type === 'BOOKMARK' ? [] : [object], { resourceVersion: object.metadata.resourceVersion }, wanted) as Record<string, unknown>;
    if (!first) table.columnDefinitions = null;
    first = false;
    return table;
  };
  return convertedWatch(body, convert);
}

function convertedWatch(body: ApiWatchBody, convert: (type: string, object: KubeObject) => object): ApiWatchBody {
  return {
    type: 'watch',
    start: (sink) =>
      body.start({
        event: (type, object) => {
          const converted = convert(type, object) as KubeObject;
          sink.event(type, converted, () => encodeLine(type, Buffer.from(JSON.stringify(converted))));
        },
        end: (status) => sink.end(status),
        get ready() {
          return sink.ready;
        },
        onReady: (callback) => sink.onReady?.(callback),
      }),
  };
}
