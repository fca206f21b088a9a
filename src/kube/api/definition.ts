/** One letter of the tables: `s`tring, b`y`te, `b`oolean, `i`nt32, `l` int64, `d`ouble, da`t`e-time, `q`uantity, int-or-string `x`, `o`bject, `*` anything. */
export type ScalarCode = 's' | 'y' | 'b' | 'i' | 'l' | 'd' | 't' | 'q' | 'x' | 'o' | '*' | 'f' | 'u' | 'U';

export type FieldType = { form: 'scalar'; code: ScalarCode } | { form: 'list'; item: FieldType } | { form: 'map'; item: FieldType } | { form: 'ref'; name: string };

export interface Property {
  name: string;
  type: FieldType;
  default?: unknown;
  enum?: string[];
  listType?: 'atomic' | 'map' | 'set';
  listMapKeys?: string[];
  mapType?: 'atomic' | 'granular';
  /** `merge`, `replace`, `retainKeys`; empty when none is given. */
  patchStrategy: string[];
  patchMergeKey?: string;
}

/** A schema of the Kubernetes API: an object with properties, or another name for a type. */
export interface Definition {
  name: string;
  properties?: ReadonlyMap<string, Property>;
  required: readonly string[];
  mapType?: 'atomic' | 'granular';
  /** Set when the definition is no object: `resource.Quantity`, `meta.v1.Time` … */
  alias?: FieldType;
  /** Rows of [group, version, kind]; `*` = in every group version. */
  kinds: readonly (readonly [string, string, string])[] | '*';
  unions?: unknown;
}

export interface RawProperty {
  t: string;
  d?: unknown;
  e?: string[];
  lt?: Property['listType'];
  lk?: string[];
  mt?: Property['mapType'];
  ps?: string;
  pk?: string;
}

export interface RawDefinition {
  p?: Record<string, string | RawProperty>;
  t?: string;
  r?: string[];
  g?: [string, string, string][] | '*';
  mt?: Property['mapType'];
  u?: unknown;
}

const zeroOf: Record<string, unknown> = { s: '', y: '', b: false, i: 0, l: 0, d: 0 };

export function parseFieldType(text: string): FieldType {
  const rest = text.slice(1);
  if (text[0] === '[') return { form: 'list', item: parseFieldType(rest) };
  if (text[0] === '{') return { form: 'map', item: parseFieldType(rest) };
  if (text[0] === '#') return { form: 'ref', name: rest };
  return { form: 'scalar', code: text as ScalarCode };
}

export function parseDefinition(name: string, raw: RawDefinition): Definition {
  const definition: Definition = { name, required: raw.r ?? [], kinds: raw.g ?? [] };
  if (raw.p) definition.properties = new Map(Object.entries(raw.p).map(([key, value]) => [key, parseProperty(key, value)]));
  if (raw.t !== undefined) definition.alias = parseFieldType(raw.t);
  if (raw.mt) definition.mapType = raw.mt;
  if (raw.u !== undefined) definition.unions = raw.u;
  return definition;
}

function parseProperty(name: string, value: string | RawProperty): Property {
  const raw = typeof value === 'string' ? { t: value } : value;
  const hasZero = raw.t.endsWith('!');
  const type = parseFieldType(hasZero ? raw.t.slice(0, -1) : raw.t);
  const property: Property = { name, type, patchStrategy: raw.ps?.split(',') ?? [] };
  const fallback = raw.d ?? (hasZero ? zeroValue(type) : undefined);
  if (fallback !== undefined) property.default = fallback;
  if (raw.e) property.enum = raw.e;
  if (raw.lt) property.listType = raw.lt;
  if (raw.lk) property.listMapKeys = raw.lk;
  if (raw.mt) property.mapType = raw.mt;
  if (raw.pk) property.patchMergeKey = raw.pk;
  return property;
}

function zeroValue(type: FieldType): unknown {
  return type.form === 'scalar' ? zeroOf[type.code] : {};
}
