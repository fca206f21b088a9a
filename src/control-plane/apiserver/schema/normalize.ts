import type { FieldType, ScalarCode } from '../../../kube/api/definition.ts';
import type { ApiTables, ProtobufField } from '../../../kube/api/tables.ts';
import { formatTime, parseTime } from '../../../lib/clock.ts';
import { isPlainObject } from '../../../lib/json.ts';
import { canonicalQuantity } from './quantity.ts';

type Json = Record<string, unknown>;

interface FieldPlan {
  type: FieldType;
  /** Go type is a pointer: a zero value is kept. */
  pointer: boolean;
  omitEmpty: boolean;
  omitZero: boolean;
  /** What Go writes when the field was not given; undefined: nothing. */
  always: (() => unknown) | undefined;
}

const plans = new Map<string, ReadonlyMap<string, FieldPlan>>();

/**
 * What decoding into Kubernetes' Go types and encoding again does, in place: unknown fields, nulls, and zero values of omitempty fields go;
 * structs that are always written (`resources: {}`, `status: {}`) come; quantities take their canonical form. Frozen parts come from stored objects and are so already.
 */
export function normalize(tables: ApiTables, definition: string, object: Json): void {
  const plan = planOf(tables, definition);
  if (plan) normalizeObject(tables, plan, object);
}

function normalizeObject(tables: ApiTables, plan: ReadonlyMap<string, FieldPlan>, object: Json): void {
  for (const key of Object.keys(object)) {
    const field = plan.get(key);
    const value = field && field.type.form !== 'scalar' ? normalizeValue(tables, field.type, object[key]) : object[key];
    if (!field || value === null || value === undefined || (!field.pointer && (field.omitEmpty || field.omitZero) && isZero(value, field.type))) delete object[key];
    else if (value !== object[key]) object[key] = value;
  }
  for (const [key, field] of plan) if (field.always && object[key] === undefined) object[key] = field.always();
}

function normalizeValue(tables: ApiTables, declared: FieldType, value: unknown): unknown {
  if (value === null || value === undefined || (typeof value === 'object' && Object.isFrozen(value))) return value;
  const { type, definition } = tables.resolve(declared);
  if (type.form === 'scalar') return normalizeScalar(type.code, definition?.name, value);
  if (type.form === 'list') {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) value[index] = normalizeValue(tables, type.item, item ?? zeroItem(tables, type.item));
    return value;
  }
  if (!isPlainObject(value)) return value;
  if (type.form === 'ref') normalize(tables, type.name, value);
  else for (const [key, item] of Object.entries(value)) value[key] = normalizeValue(tables, type.item, item ?? zeroItem(tables, type.item));
  return value;
}

function normalizeScalar(code: ScalarCode, name: string | undefined, value: unknown): unknown {
  if (code === 'q') return canonicalQuantity(value) ?? value;
  return name === 'meta.v1.Time' ? wholeSeconds(value) : value;
}

/** metav1.Time is kept in UTC, to the second. */
function wholeSeconds(value: unknown): unknown {
  if (typeof value !== 'string' || /^[^.]*Z$/.test(value)) return value;
  const time = parseTime(value);
  return Number.isNaN(time) ? value : formatTime(time);
}

/** A null in a list or a map is the zero value to Go. */
function zeroItem(tables: ApiTables, declared: FieldType): unknown {
  const { type } = tables.resolve(declared);
  if (type.form === 'list') return null;
  return type.form === 'scalar' ? (scalarZeros[type.code] ?? null) : {};
}

const scalarZeros: Partial<Record<ScalarCode, unknown>> = { s: '', y: '', q: '0', b: false, i: 0, l: 0, d: 0, x: 0 };

function isZero(value: unknown, type: FieldType): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (type.form === 'map') return Object.keys(value as Json).length === 0;
  return value === '' || value === 0 || value === false;
}

function planOf(tables: ApiTables, name: string): ReadonlyMap<string, FieldPlan> | undefined {
  const known = plans.get(name);
  if (known) return known;
  const properties = tables.schema(name)?.properties;
  if (!properties) return undefined;
  const flags = goFields(tables, name);
  const plan = new Map<string, FieldPlan>();
  for (const [key, property] of properties) {
    const field = flags.get(key);
    const isTypeMeta = key === 'apiVersion' || key === 'kind';
    plan.set(key, {
      type: property.type,
      pointer: field?.pointer ?? !isTypeMeta,
      omitEmpty: field?.omitEmpty ?? isTypeMeta,
      omitZero: field?.omitZero ?? false,
      always: field && !field.pointer && !field.omitZero ? alwaysWritten(tables, property.type, field.omitEmpty) : undefined,
    });
  }
  plans.set(name, plan);
  return plan;
}

/** Go's struct fields by JSON name, embedded structs flattened. */
function goFields(tables: ApiTables, name: string): Map<string, ProtobufField> {
  const fields = new Map<string, ProtobufField>();
  for (const field of tables.protobuf().message(name)?.values() ?? []) {
    if (field.inline && field.type.form === 'ref') for (const [key, inner] of goFields(tables, field.type.name)) fields.set(key, inner);
    else fields.set(field.name, field);
  }
  return fields;
}

function alwaysWritten(tables: ApiTables, declared: FieldType, omitEmpty: boolean): (() => unknown) | undefined {
  if (declared.form !== 'ref') return omitEmpty ? undefined : zeroScalar(declared);
  const { type, definition } = tables.resolve(declared);
  if (type.form === 'ref' && definition?.properties) {
    return () => {
      const empty: Json = {};
      normalize(tables, type.name, empty);
      return empty;
    };
  }
  if (type.form === 'scalar' && type.code === 'q') return () => '0';
  return undefined;
}

/** Required strings and numbers are written even when empty; a missing list stays missing so that validation can say so. */
function zeroScalar(type: FieldType): (() => unknown) | undefined {
  if (type.form !== 'scalar') return undefined;
  if (type.code === 's') return () => '';
  if (type.code === 'b') return () => false;
  if (type.code === 'i' || type.code === 'l' || type.code === 'd') return () => 0;
  return undefined;
}
