import { readFileSync } from 'node:fs';

export type FieldType = 'object' | 'array' | 'string' | 'boolean' | 'integer' | 'int-or-string';

/** What may stand at one place of a kops object. */
export interface Field {
  type: FieldType;
  enum?: readonly string[];
  required?: readonly string[];
  /** Named fields of an object. */
  fields: Map<string, Field>;
  /** Items of an array. */
  items?: Field;
  /** Values of a map: any key. */
  values?: Field;
}

interface Row {
  type: FieldType;
  enum?: string[];
  required?: string[];
}

// Go's encoder always writes it, so the table calls it required; kops reads files without it.
const notReallyRequired = new Set(['legacy']);

const string = (): Field => ({ type: 'string', fields: new Map() });
const stringMap = (): Field => ({ type: 'object', fields: new Map(), values: string() });

let tree: ReadonlyMap<string, Field> | undefined;

/** kops.k8s.io/v1alpha2 by kind; read from the table once, when first asked for. */
export function fieldTree(): ReadonlyMap<string, Field> {
  tree ??= readTree();
  return tree;
}

function readTree(): ReadonlyMap<string, Field> {
  const table = JSON.parse(readFileSync(new URL('./fields.json', import.meta.url), 'utf8')) as { kinds: Record<string, Record<string, Row>> };
  return new Map(Object.entries(table.kinds).map(([kind, rows]) => [kind, objectField(rows, kind === 'SSHCredential' ? [] : ['name'])]));
}

function objectField(rows: Record<string, Row>, requiredMetadata: readonly string[]): Field {
  const root: Field = { type: 'object', fields: new Map(), required: ['apiVersion', 'kind', 'metadata', 'spec'] };
  root.fields.set('apiVersion', string());
  root.fields.set('kind', string());
  root.fields.set('metadata', metadataField(requiredMetadata));
  for (const [path, row] of Object.entries(rows)) insert(root, path.match(/[^.[\]{}]+|\[\]|\{\}/g) ?? [], row);
  return root;
}

function metadataField(required: readonly string[]): Field {
  const fields = new Map<string, Field>([
    ['name', string()],
    ['creationTimestamp', string()],
    ['generation', { type: 'integer', fields: new Map() }],
    ['labels', stringMap()],
    ['annotations', stringMap()],
  ]);
  return { type: 'object', fields, required };
}

function insert(root: Field, segments: readonly string[], row: Row): void {
  let at = root;
  for (const segment of segments) at = child(at, segment);
  at.type = row.type;
  if (row.enum) at.enum = row.enum;
  if (row.required) at.required = row.required.filter((name) => !notReallyRequired.has(name));
}

function child(parent: Field, segment: string): Field {
  if (segment === '[]') {
    parent.items ??= string();
    return parent.items;
  }
  if (segment === '{}') {
    parent.values ??= string();
    return parent.values;
  }
  const known = parent.fields.get(segment);
  if (known) return known;
  const made = string();
  parent.fields.set(segment, made);
  return made;
}
