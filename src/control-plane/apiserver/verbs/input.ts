import type { ApiResource } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { badRequest } from '../../../kube/status.ts';
import { decodeBody } from '../body.ts';
import { type Call, groupVersion } from '../core.ts';

export interface ExpectedKind {
  group: string;
  version: string;
  kind: string;
}

/** The object of a create or update: of the kind the URL asks for, fields checked, namespace as in the URL. Throws StatusError. */
export function readObject(call: Call, expected: ExpectedKind = call.target.resource): KubeObject {
  const object = decodeBody(call);
  checkKind(object, expected);
  checkObjectFields(call, object, expected, ({ kind, version }) => `${kind} in version "${version}" cannot be handled as a ${kind}: `);
  setNamespace(call.target.resource, object, call.info.namespace);
  return object;
}

function checkKind(object: KubeObject, expected: ExpectedKind): void {
  const apiVersion = groupVersion(expected);
  object.apiVersion ||= apiVersion;
  object.kind ||= expected.kind;
  if (object.apiVersion !== apiVersion) throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`);
  if (object.kind !== expected.kind)
    throw badRequest(
      `${object.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: converting (${object.kind}) to (${expected.kind}): unknown conversion`,
    );
}

/** Unknown fields are refused, told as warnings, or ignored, as `fieldValidation` says; wrong types are always refused. */
export function checkObjectFields(call: Call, object: KubeObject, expected: ExpectedKind, prefix: (expected: ExpectedKind) => string): void {
  const { core, query, warnings } = call;
  const definition = core.tables.definitionOf(expected.group, expected.version, expected.kind);
  if (definition === undefined) return;
  const { unknown, invalid } = core.policy.checkFields(definition, object);
  if (invalid[0]) throw badRequest(prefix(expected) + invalid[0].message);
  if (unknown.length === 0) return;
  const mode = query.get('fieldValidation') || 'Warn';
  if (mode === 'Strict') throw badRequest(`${prefix(expected)}strict decoding error: ${unknown.join(', ')}`);
  if (mode === 'Warn') warnings.push(...unknown);
}

function setNamespace(resource: ApiResource, object: KubeObject, namespace: string | undefined): void {
  if (!resource.namespaced || namespace === undefined) return;
  const { metadata } = object;
  metadata.namespace ||= namespace;
  if (metadata.namespace !== namespace) throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
}

/** The name in a body may be left out; another one than the URL's is refused. */
export function checkName({ info }: Pick<Call, 'info'>, { metadata }: KubeObject): void {
  metadata.name ||= info.name ?? '';
  if (metadata.name !== info.name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`);
}

export function isDryRun({ query }: Pick<Call, 'query'>): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  if (values.some((value) => value !== 'All'))
    throw badRequest(`Invalid value: ${JSON.stringify(values)}: dryRun: Unsupported value: ${JSON.stringify(values[0])}: supported values: "All"`);
  return values.length > 0;
}

/** Who is noted as the writer of the fields. */
export function managerOf({ query, headers }: Pick<Call, 'query' | 'headers'>): string {
  return query.get('fieldManager') || headers['user-agent']?.split('/', 1)[0] || 'unknown';
}
