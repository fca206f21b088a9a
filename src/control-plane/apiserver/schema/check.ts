import type { Definition, FieldType, ScalarCode } from '../../../kube/api/definition.ts';
import type { ApiTables } from '../../../kube/api/tables.ts';
import { quantityError } from '../../../kube/quantity.ts';
import type { StatusCause } from '../../../kube/status.ts';
import { isPlainObject } from '../../../lib/json.ts';
import { canonicalQuantity } from './quantity.ts';

export interface FieldCheck {
  /** `unknown field "spec.containers[0].x"`, in the order of the object. */
  unknown: string[];
  /** Values of a wrong type; the message is what Go's JSON decoder says. */
  invalid: Required<StatusCause>[];
}

interface Place {
  /** With indices: `spec.containers[0].image`. */
  path: string;
  /** As Go's decoder names it: the struct and the path without indices. */
  struct: string;
  goPath: string;
}

const goTypes: Partial<Record<ScalarCode, string>> = { s: 'string', b: 'bool', i: 'int32', l: 'int64', d: 'float64', y: '[]uint8', t: 'v1.Time' };

/** Compares an object with its schema. `definition` is the schema's short name (`core.v1.Pod`). Frozen parts come from stored objects and are right. */
export function checkFields(tables: ApiTables, definition: string, object: unknown): FieldCheck {
  const checker = new FieldChecker(tables);
  const short = definition.split('.').at(-1) ?? definition;
  checker.walk({ form: 'ref', name: definition }, object, { path: '', struct: short, goPath: '' });
  return checker.result;
}

class FieldChecker {
  readonly result: FieldCheck = { unknown: [], invalid: [] };
  private readonly tables: ApiTables;

  constructor(tables: ApiTables) {
    this.tables = tables;
  }

  walk(declared: FieldType, value: unknown, place: Place): void {
    if (value === null || value === undefined || (typeof value === 'object' && Object.isFrozen(value))) return;
    const { type, definition } = this.tables.resolve(declared);
    if (type.form === 'ref') this.object(definition, value, place);
    else if (type.form === 'list') this.list(type.item, value, place);
    else if (type.form === 'map') this.map(type.item, value, place);
    else this.scalar(type.code, value, place);
  }

  private object(definition: Definition | undefined, value: unknown, place: Place): void {
    const struct = definition?.name.split('.').at(-1) ?? '';
    if (!isPlainObject(value)) this.mismatch(value, `${definition?.name.split('.').at(-2)}.${struct}`, place);
    if (!isPlainObject(value) || !definition?.properties) return;
    for (const [key, child] of Object.entries(value)) {
      const path = place.path === '' ? key : `${place.path}.${key}`;
      const property = definition.properties.get(key);
      if (!property) this.result.unknown.push(`unknown field "${path}"`);
      else this.walk(property.type, child, { path, struct, goPath: place.goPath === '' ? key : `${place.goPath}.${key}` });
    }
  }

  private list(item: FieldType, value: unknown, place: Place): void {
    if (!Array.isArray(value)) this.mismatch(value, goTypeOf({ form: 'list', item }), place);
    else for (const [index, child] of value.entries()) this.walk(item, child, { ...place, path: `${place.path}[${index}]` });
  }

  private map(item: FieldType, value: unknown, place: Place): void {
    if (!isPlainObject(value)) this.mismatch(value, goTypeOf({ form: 'map', item }), place);
    else for (const [key, child] of Object.entries(value)) this.walk(item, child, { ...place, path: `${place.path}.${key}` });
  }

  private scalar(code: ScalarCode, value: unknown, place: Place): void {
    const problem = scalarChecks[code]?.(value);
    if (problem === 'type') this.mismatch(value, goTypes[code] ?? 'string', place);
    else if (problem !== undefined) this.report(problem, place);
  }

  private mismatch(value: unknown, goType: string, place: Place): void {
    const where = place.goPath === '' ? 'Go value' : `Go struct field ${place.struct}.${place.goPath}`;
    this.report(`json: cannot unmarshal ${jsonKind(value, goType)} into ${where} of type ${goType}`, place);
  }

  private report(message: string, place: Place): void {
    this.result.invalid.push({ reason: 'FieldValueInvalid', message, field: place.path });
  }
}

function goTypeOf(type: FieldType): string {
  if (type.form === 'list') return `[]${goTypeOf(type.item)}`;
  if (type.form === 'map') return `map[string]${goTypeOf(type.item)}`;
  if (type.form === 'ref') return type.name.split('.').slice(-2).join('.');
  return goTypes[type.code] ?? 'string';
}

function jsonKind(value: unknown, goType: string): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return /^int/.test(goType) ? `number ${value}` : 'number';
  return typeof value;
}

/** `type` = another JSON type than expected; other text = a message of its own. */
type ScalarCheck = (value: unknown) => string | undefined;

const typed =
  (fits: (value: unknown) => boolean): ScalarCheck =>
  (value) =>
    fits(value) ? undefined : 'type';

const scalarChecks: Partial<Record<ScalarCode, ScalarCheck>> = {
  s: typed((value) => typeof value === 'string'),
  b: typed((value) => typeof value === 'boolean'),
  i: typed((value) => Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 31),
  l: typed(Number.isInteger),
  d: typed((value) => typeof value === 'number'),
  x: typed((value) => typeof value === 'string' || Number.isInteger(value)),
  y: (value) => (typeof value === 'string' ? base64Problem(value) : 'type'),
  t: (value) => (typeof value === 'string' ? timeProblem(value) : 'type'),
  q: (value) => (canonicalQuantity(value) === undefined ? quantityError : undefined),
};

function base64Problem(text: string): string | undefined {
  const wrong = text.replace(/[\r\n]/g, '').search(/[^A-Za-z0-9+/=]|=(?!=?$)/);
  const clean = text.replace(/[\r\n]/g, '');
  if (wrong >= 0) return `illegal base64 data at input byte ${wrong}`;
  return clean.length % 4 === 0 ? undefined : `illegal base64 data at input byte ${clean.length - (clean.length % 4)}`;
}

function timeProblem(text: string): string | undefined {
  if (/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return undefined;
  return `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`;
}
