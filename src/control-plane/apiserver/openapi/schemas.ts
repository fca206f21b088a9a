import type { Definition, FieldType, Property, ScalarCode } from '../../../kube/api/definition.ts';
import type { ApiTables } from '../../../kube/api/tables.ts';

type Json = Record<string, unknown>;

const scalars: Record<ScalarCode, Json> = {
  s: { type: 'string' },
  y: { type: 'string', format: 'byte' },
  b: { type: 'boolean' },
  i: { type: 'integer', format: 'int32' },
  l: { type: 'integer', format: 'int64' },
  d: { type: 'number', format: 'double' },
  t: { type: 'string', format: 'date-time' },
  q: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  x: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  o: { type: 'object' },
  '*': {},
  f: { type: 'number', format: 'float' },
  u: { type: 'integer', format: 'uint32' },
  U: { type: 'integer', format: 'uint64' },
};

export const schemaPrefix = '#/components/schemas/';

/** `components.schemas` of these definitions and all they refer to, by their full names. `groupVersion` stands where a kind is in every group version. */
export function schemasOf(tables: ApiTables, names: Iterable<string>, groupVersion: { group: string; version: string }): Json {
  const schemas: Json = {};
  const waiting = [...names];
  const seen = new Set(waiting);
  const refer = (name: string): string => {
    if (!seen.has(name)) waiting.push(name);
    seen.add(name);
    return schemaPrefix + tables.openApiName(name);
  };
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const definition = tables.schema(name);
    if (definition) schemas[tables.openApiName(name)] = schemaOf(definition, refer, groupVersion);
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaOf(definition: Definition, refer: (name: string) => string, { group, version }: { group: string; version: string }): Json {
  if (definition.alias) return typeSchema(definition.alias, refer);
  const schema: Json = { type: 'object' };
  if (definition.properties) schema.properties = Object.fromEntries([...definition.properties].map(([name, property]) => [name, propertySchema(property, refer)]));
  if (definition.required.length > 0) schema.required = definition.required;
  const kinds = definition.kinds === '*' ? [[group, version, definition.name.split('.').at(-1) ?? '']] : definition.kinds;
  if (kinds.length > 0) schema['x-kubernetes-group-version-kind'] = kinds.map(([kindGroup, kindVersion, kind]) => ({ group: kindGroup, version: kindVersion, kind }));
  if (definition.mapType) schema['x-kubernetes-map-type'] = definition.mapType;
  return schema;
}

function propertySchema(property: Property, refer: (name: string) => string): Json {
  const extras: Json = {};
  if (property.default !== undefined) extras.default = property.default;
  if (property.listType) extras['x-kubernetes-list-type'] = property.listType;
  if (property.listMapKeys) extras['x-kubernetes-list-map-keys'] = property.listMapKeys;
  if (property.mapType) extras['x-kubernetes-map-type'] = property.mapType;
  if (property.patchStrategy.length > 0) extras['x-kubernetes-patch-strategy'] = property.patchStrategy.join(',');
  if (property.patchMergeKey) extras['x-kubernetes-patch-merge-key'] = property.patchMergeKey;
  const schema = typeSchema(property.type, refer, property.enum);
  // A reference may have no siblings.
  if ('$ref' in schema) return Object.keys(extras).length === 0 ? schema : { allOf: [schema], ...extras };
  return { ...schema, ...extras };
}

function typeSchema(type: FieldType, refer: (name: string) => string, values?: readonly string[]): Json {
  if (type.form === 'list') return { type: 'array', items: typeSchema(type.item, refer, values) };
  if (type.form === 'map') return { type: 'object', additionalProperties: typeSchema(type.item, refer, values) };
  if (type.form === 'ref') return { $ref: refer(type.name) };
  return values ? { ...scalars[type.code], enum: values } : { ...scalars[type.code] };
}
