import type { Definition, FieldType, Property } from '../../../kube/api/definition.ts';
import type { ApiTables } from '../../../kube/api/tables.ts';
import { isPlainObject } from '../../../lib/json.ts';

type Json = Record<string, unknown>;

/** How a value is owned and merged: as one piece, by field, or by list item. */
export type Shape =
  | { form: 'leaf' }
  | { form: 'fields'; isMap: boolean; required: readonly string[]; of(key: string): Shape }
  | { form: 'items'; elementOf(item: unknown): string; item: Shape };

const leaf: Shape = { form: 'leaf' };

const shapes = new WeakMap<object, Shape>();

/** The shape of a definition (`core.v1.Pod`), and below it of every field. Made once. */
export function shapeOf(tables: ApiTables, name: string): Shape {
  const definition = tables.schema(name);
  const properties = definition?.properties;
  if (!properties || definition.mapType === 'atomic') return leaf;
  const known = shapes.get(definition);
  if (known) return known;
  const shape: Shape = {
    form: 'fields',
    isMap: false,
    required: definition.required,
    of: (key) => {
      const property = properties.get(key);
      return property ? propertyShape(tables, property) : leaf;
    },
  };
  shapes.set(definition, shape);
  return shape;
}

function propertyShape(tables: ApiTables, property: Property): Shape {
  const known = shapes.get(property);
  if (known) return known;
  const shape = makeShape(tables, property);
  shapes.set(property, shape);
  return shape;
}

function makeShape(tables: ApiTables, property: Property): Shape {
  const { type, mapType } = property;
  if (mapType === 'atomic') return leaf;
  if (type.form === 'ref') return shapeOf(tables, type.name);
  if (type.form === 'list') return listShape(tables, property, type.item);
  if (type.form !== 'map') return leaf;
  const item = itemShape(tables, type.item);
  return { form: 'fields', isMap: true, required: [], of: () => item };
}

function itemShape(tables: ApiTables, type: FieldType): Shape {
  return makeShape(tables, { name: '', type, patchStrategy: [] });
}

function listShape(tables: ApiTables, { listType, listMapKeys }: Property, itemType: FieldType): Shape {
  if (listType === 'set') return { form: 'items', elementOf: (item) => `v:${JSON.stringify(item)}`, item: leaf };
  if (listType !== 'map' || !listMapKeys) return leaf;
  const item = itemShape(tables, itemType);
  const { definition } = tables.resolve(itemType);
  const keys = [...listMapKeys].sort();
  return { form: 'items', elementOf: (value) => `k:${JSON.stringify(keysOf(value, keys, definition))}`, item };
}

/** A key that is left out counts as its default: a port is TCP. */
function keysOf(value: unknown, keys: readonly string[], definition: Definition | undefined): Json {
  const item = isPlainObject(value) ? value : {};
  const found: Json = {};
  for (const key of keys) {
    const id = item[key] ?? definition?.properties?.get(key)?.default;
    if (id !== undefined) found[key] = id;
  }
  return found;
}
