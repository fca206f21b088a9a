import { KopsError } from '../lib/errors.ts';
import { deepClone, isPlainObject } from '../lib/json.ts';
import { type Field, fieldTree } from './field-tree.ts';
import { formatPath, getPath, parsePath, type Segment, setPath, unsetPath } from './path.ts';
import { hintFor } from './schema.ts';
import { currentName } from './set-aliases.ts';
import type { KopsObject } from './types.ts';

/** `--unset` first, then `--set`, on a copy. `spec.x=v`, or with the kind in front (`cluster.spec.x`, `instancegroup.spec.x`). Throws usage errors. */
export function applySettings<T extends KopsObject>(object: T, settings: { set?: readonly string[]; unset?: readonly string[] }): T {
  const copy = deepClone(object) as T & Record<string, unknown>;
  for (const path of settings.unset ?? []) for (const each of everyItem(copy, path).reverse()) unset(copy, each);
  for (const assignment of settings.set ?? []) for (const each of everyItem(copy, assignment)) set(copy, each);
  return copy;
}

/** True when a `--set` of create cluster is meant for its instance groups. */
export function isGroupSetting(assignment: string): boolean {
  return /^instancegroup\./i.test(assignment);
}

/** `etcdClusters[*].version=v` → one text for each item there is. */
function everyItem(object: KopsObject, text: string): string[] {
  const star = text.split('=', 1)[0]?.indexOf('[*]') ?? -1;
  if (star < 0) return [text];
  const list = getPath(object, resolvePath(object, text.slice(0, star), '--set').segments);
  const items = Array.isArray(list) ? [...list.keys()] : [];
  return items.flatMap((i) => everyItem(object, `${text.slice(0, star)}[${i}]${text.slice(star + 3)}`));
}

function set(object: KopsObject & Record<string, unknown>, assignment: string): void {
  const equals = assignment.indexOf('=');
  if (equals <= 0) throw badSetting(`--set ${assignment} has no value`, assignment, 'Write it as path=value: --set spec.kubernetesVersion=v1.36.0');
  const { segments, field } = resolvePath(object, assignment.slice(0, equals), '--set');
  const value = parseValue(assignment.slice(equals + 1), field, assignment);
  // A list given as a whole replaces what was there; an item index changes one item, [] appends.
  if (!setPath(object, segments, value)) throw badSetting(`--set ${assignment}: there is nothing at that index`, assignment, 'Use the next free index, or [] to append.');
}

function unset(object: KopsObject & Record<string, unknown>, path: string): void {
  unsetPath(object, resolvePath(object, path, '--unset').segments);
}

function resolvePath(object: KopsObject, text: string, flag: string): { segments: Segment[]; field: Field } {
  const prefix = `${object.kind.toLowerCase()}.`;
  const own = text.toLowerCase().startsWith(prefix) ? text.slice(prefix.length) : text;
  const parsed = parsePath(currentName(object.kind, own));
  if (!parsed || (parsed[0] !== 'spec' && parsed[0] !== 'metadata') || parsed.length < 2) {
    throw badSetting(`${flag} ${text}: the path must begin with ${prefix}spec. or spec.`, text, `For example ${flag} spec.kubernetesVersion${flag === '--set' ? '=v1.36.0' : ''}`);
  }
  return walk(object, parsed, `${flag} ${text}`);
}

/** Follows the field table; names are matched without regard to case, as in kops. */
function walk(object: KopsObject, path: readonly Segment[], what: string): { segments: Segment[]; field: Field } {
  const segments: Segment[] = [];
  let field = fieldTree().get(object.kind);
  for (const segment of path) {
    const name: Segment = typeof segment === 'string' && field && !field.values ? fieldName(field, segment) : segment;
    const next: Field | undefined = typeof name === 'number' ? field?.items : (field?.fields.get(name) ?? field?.values);
    if (!next) throw unknownField(what, [...segments, segment], field, segment);
    segments.push(name);
    field = next;
  }
  return { segments, field: field as Field };
}

function fieldName(field: Field, name: string): string {
  if (field.fields.has(name)) return name;
  return [...field.fields.keys()].find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

function unknownField(what: string, path: readonly Segment[], field: Field | undefined, segment: Segment): KopsError {
  const hint = typeof segment === 'string' ? hintFor(segment, field?.fields.keys() ?? []) : undefined;
  const reason = typeof segment === 'number' ? 'is not a list' : 'is not a field';
  return badSetting(`${what}: ${formatPath(typeof segment === 'number' ? path.slice(0, -1) : path)} ${reason}${hint === undefined ? '' : `, ${hint}`}`, what);
}

function parseValue(text: string, field: Field, assignment: string): unknown {
  if (field.type === 'array') {
    const { items } = field;
    return text === '' ? [] : text.split(',').map((part) => (items ? parseValue(part, items, assignment) : part));
  }
  if (field.type === 'object') return parseObject(text, field, assignment);
  if (field.type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw badSetting(`--set ${assignment}: must be true or false`, assignment);
  }
  if (field.type === 'integer') {
    if (/^-?\d+$/.test(text)) return Number(text);
    throw badSetting(`--set ${assignment}: must be a whole number`, assignment);
  }
  return field.type === 'int-or-string' && /^-?\d+$/.test(text) ? Number(text) : text;
}

/** `{}` for a field that only has to be there; JSON for the others. */
function parseObject(text: string, field: Field, assignment: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isPlainObject(value)) return value;
  const inner = [...field.fields.keys()].slice(0, 5).join(', ');
  throw badSetting(`--set ${assignment}: is an object`, assignment, inner === '' ? 'Give it as {}' : `Set one of its fields (${inner}), or give JSON.`);
}

function badSetting(message: string, object: string, suggestion?: string): KopsError {
  return new KopsError(message, { code: 'BAD_SETTING', exit: 'usage', object, ...(suggestion === undefined ? {} : { suggestions: [suggestion] }) });
}
