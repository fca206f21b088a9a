import type { KubeObject } from '../../kube/objects.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import { messageOf } from '../../lib/errors.ts';
import { isPlainObject } from '../../lib/json.ts';
import { parseYaml } from '../../lib/yaml.ts';
import type { Call } from './core.ts';

const maxDepth = 512;

type BodySource = Pick<Call, 'body' | 'headers' | 'core'>;

/** A request's object, whatever it is encoded in. Kind and apiVersion may be missing. Throws StatusError. */
export function decodeBody(call: BodySource): KubeObject {
  const value = decodeAny(call);
  if (!isPlainObject(value))
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  value.metadata ??= {};
  if (!isPlainObject(value.metadata)) throw badRequest('json: cannot unmarshal metadata into Go struct field .metadata of type v1.ObjectMeta');
  return value as KubeObject;
}

/** Options that come with a DELETE; an empty body has none. */
export function decodeOptions(call: BodySource): Record<string, unknown> {
  const { body } = call;
  if (body === undefined || (body instanceof Uint8Array && body.length === 0)) return {};
  const value = decodeAny(call);
  return isPlainObject(value) ? value : {};
}

/** A patch as it stands in the body: an object, or the operations of a JSON patch. */
export function decodePatch(call: BodySource): unknown {
  const { body } = call;
  if (!(body instanceof Uint8Array)) return body;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  return mediaType(call.headers['content-type']) === 'application/apply-patch+yaml' ? parseText(text, true) : parseText(text, false);
}

function decodeAny(call: BodySource): unknown {
  const { body } = call;
  if (body === undefined) throw badRequest('the request has no body');
  if (!(body instanceof Uint8Array)) return body;
  const type = mediaType(call.headers['content-type']);
  if (type === 'application/vnd.kubernetes.protobuf') {
    const { apiVersion, kind, object } = call.core.policy.decodeProtobuf(body);
    return { ...object, apiVersion, kind };
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  if (type === 'application/yaml') return parseText(text, true);
  if (type === 'application/json' || type === '') return parseText(text, false);
  throw new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf`,
  );
}

function parseText(text: string, yaml: boolean): unknown {
  let value: unknown;
  try {
    value = yaml && !text.trimStart().startsWith('{') ? parseYaml(text, 'the body of the request') : JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${messageOf(error)}`);
  }
  inspect(value, maxDepth);
  return value;
}

/** Bounds what recursive code will meet, and refuses the one name that is no plain key in JavaScript. */
function inspect(value: unknown, left: number): void {
  if (value === null || typeof value !== 'object') return;
  if (left === 0) throw badRequest(`the body of the request is nested deeper than ${maxDepth} levels`);
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw badRequest('the body of the request has a field named "__proto__", which is not supported');
    inspect((value as Record<string, unknown>)[key], left - 1);
  }
}

export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function goKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
