import { isPlainObject } from '../lib/json.ts';
import { nearest } from '../lib/text.ts';
import { parseYamlDocuments } from '../lib/yaml.ts';
import { type Field, fieldTree } from './field-tree.ts';
import { Findings, SpecError } from './findings.ts';
import { formatPath, type Segment } from './path.ts';
import { type AddonObject, apiVersion, type Finding, type KopsObject, type SpecObject } from './types.ts';

const legacyApiVersion = 'kops/v1alpha2';
const kinds: readonly KopsObject['kind'][] = ['Cluster', 'InstanceGroup', 'SSHCredential'];

/** Everything that is wrong with the shape of one object. `where` names it when it has no name: `cluster.yaml, document 2`. */
export function checkShape(object: unknown, where: string): Finding[] {
  if (!isPlainObject(object))
    return [{ severity: 'error', object: where, path: '', message: `must be an object with apiVersion, kind, metadata and spec, not ${describe(object)}` }];
  const findings = new Findings(objectName(object, where));
  const { kind } = object;
  if (object.apiVersion !== apiVersion && object.apiVersion !== legacyApiVersion) {
    findings.error('apiVersion', `must be ${apiVersion}, not ${describe(object.apiVersion)}`);
  }
  const field = kinds.some((known) => known === kind) ? fieldTree().get(kind as string) : undefined;
  if (!field) findings.error('kind', `must be one of ${kinds.join(', ')}, not ${describe(kind)}`, hintFor(String(kind), kinds));
  else check(object, field, [], findings);
  return findings.list;
}

/** The object with its shape checked; the legacy apiVersion becomes today's, role ControlPlane becomes v1alpha2's Master. Nothing else is changed. Throws SpecError. */
export function parseKopsObject(object: unknown, where: string): KopsObject {
  const findings = checkShape(object, where);
  if (findings.length > 0) throw new SpecError(findings);
  return current(object);
}

/** Every object of a YAML or JSON text. Throws SpecError with the findings of all documents. */
export function parseKopsObjects(text: string, where: string): KopsObject[] {
  const documents = parseYamlDocuments(text, where).flatMap(flattenList);
  const findings = documents.flatMap((document, i) => checkShape(document, documents.length === 1 ? where : `${where}, document ${i + 1}`));
  if (findings.length > 0) throw new SpecError(findings);
  return documents.map(current);
}

/** As `parseKopsObjects`, with objects of other APIs (addons) among them. */
export function parseSpecObjects(text: string, where: string): SpecObject[] {
  const documents = parseYamlDocuments(text, where).flatMap(flattenList);
  const findings = documents.flatMap((document, i) => {
    const name = documents.length === 1 ? where : `${where}, document ${i + 1}`;
    return isOtherApi(document) ? checkAddon(document, name) : checkShape(document, name);
  });
  if (findings.length > 0) throw new SpecError(findings);
  return documents.map((document) => (isOtherApi(document) ? (document as AddonObject) : current(document)));
}

/** Not a kops object with a slip in its apiVersion. */
function isOtherApi(document: unknown): document is Record<string, unknown> {
  if (!isPlainObject(document) || typeof document.apiVersion !== 'string' || kinds.some((kind) => kind === document.kind)) return false;
  return !document.apiVersion.startsWith('kops') && nearest(document.apiVersion, [apiVersion]) === undefined;
}

function checkAddon(document: Record<string, unknown>, where: string): Finding[] {
  const findings = new Findings(objectName(document, where));
  if (typeof document.kind !== 'string' || document.kind === '') findings.error('kind', 'is required');
  const name = isPlainObject(document.metadata) ? document.metadata.name : undefined;
  if (typeof name !== 'string' || name === '') findings.error('metadata.name', 'is required');
  return findings.list;
}

/** The object with today's apiVersion. SSH keys need no name: kops has one user, admin. A control plane may have the name that kops has for it inside. */
function current(document: unknown): KopsObject {
  const object = document as KopsObject;
  if (object.kind === 'InstanceGroup' && (object.spec?.role as string) === 'ControlPlane') return current({ ...object, spec: { ...object.spec, role: 'Master' } });
  const metadata = object.kind === 'SSHCredential' ? { ...object.metadata, name: object.metadata.name ?? 'admin' } : object.metadata;
  return { ...object, apiVersion, metadata } as KopsObject;
}

// What `get -o json` prints for several objects can be read back, and what kubectl does.
function flattenList(document: unknown): unknown[] {
  if (isPlainObject(document) && document.kind === 'List' && Array.isArray(document.items)) return document.items;
  return Array.isArray(document) ? document : [document];
}

function objectName(object: Record<string, unknown>, where: string): string {
  const name = isPlainObject(object.metadata) ? object.metadata.name : undefined;
  return typeof object.kind === 'string' && typeof name === 'string' ? `${object.kind}/${name}` : where;
}

/** Checks a value against its field; a null counts as absent, as in Kubernetes. */
export function checkValue(value: unknown, field: Field, path: readonly Segment[], findings: Findings): void {
  check(value, field, path, findings);
}

function check(value: unknown, field: Field, path: readonly Segment[], findings: Findings): void {
  if (value === null || value === undefined) return;
  if (field.type === 'object') checkObject(value, field, path, findings);
  else if (field.type === 'array') checkArray(value, field, path, findings);
  else checkScalar(value, field, path, findings);
}

function checkObject(value: unknown, field: Field, path: readonly Segment[], findings: Findings): void {
  if (!isPlainObject(value)) {
    findings.error(formatPath(path), `must be an object, not ${describe(value)}`);
    return;
  }
  for (const name of field.required ?? []) {
    if (value[name] === undefined || value[name] === null) findings.error(formatPath([...path, name]), 'is required');
  }
  for (const [name, item] of Object.entries(value)) {
    const child = field.fields.get(name) ?? field.values;
    if (child) check(item, child, [...path, name], findings);
    else findings.error(formatPath([...path, name]), 'is not a field of kops.k8s.io/v1alpha2', hintFor(name, field.fields.keys()));
  }
}

function checkArray(value: unknown, field: Field, path: readonly Segment[], findings: Findings): void {
  if (!Array.isArray(value)) {
    findings.error(formatPath(path), `must be a list, not ${describe(value)}`);
    return;
  }
  const { items } = field;
  if (items) for (const [i, item] of value.entries()) check(item, items, [...path, i], findings);
}

const scalars: Record<string, { is: (value: unknown) => boolean; name: string }> = {
  string: { is: (value) => typeof value === 'string', name: 'a string' },
  boolean: { is: (value) => typeof value === 'boolean', name: 'true or false' },
  integer: { is: (value) => Number.isSafeInteger(value), name: 'a whole number' },
  'int-or-string': { is: (value) => typeof value === 'string' || Number.isSafeInteger(value), name: 'a whole number or a string' },
};

function checkScalar(value: unknown, field: Field, path: readonly Segment[], findings: Findings): void {
  const scalar = scalars[field.type];
  if (scalar && !scalar.is(value)) {
    const quoted = field.type === 'string' && (typeof value === 'number' || typeof value === 'boolean');
    findings.error(formatPath(path), `must be ${scalar.name}, not ${describe(value)}`, quoted ? `put it in quotes: "${value}"` : undefined);
  } else if (field.enum && !field.enum.includes(String(value))) {
    findings.error(formatPath(path), `must be one of ${field.enum.join(', ')}, not ${describe(value)}`, hintFor(String(value), field.enum));
  }
}

export function hintFor(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `did you mean ${found}?`;
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return isPlainObject(value) ? 'an object' : JSON.stringify(value);
}
