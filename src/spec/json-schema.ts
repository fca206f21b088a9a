import { type Field, fieldTree } from './field-tree.ts';
import { apiVersion } from './types.ts';

export type JsonSchema = Record<string, unknown>;

const scalars: Partial<Record<Field['type'], JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  'int-or-string': { type: ['integer', 'string'] },
};

/** JSON Schema (draft 2020-12) of one kind of kops.k8s.io/v1alpha2: what editors complete and check by. Undefined for a kind that is not known. */
export function jsonSchema(kind: string): JsonSchema | undefined {
  const field = fieldTree().get(kind);
  if (!field) return undefined;
  const schema = fieldSchema(field);
  const properties = { ...(schema.properties as JsonSchema), apiVersion: { const: apiVersion }, kind: { const: kind } };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://${apiVersion}/${kind.toLowerCase()}.json`,
    title: `kops ${kind}`,
    ...schema,
    type: 'object',
    properties,
  };
}

/** A null counts as absent, as in Kubernetes. */
function fieldSchema(field: Field): JsonSchema {
  if (field.type === 'array') return { type: ['array', 'null'], ...(field.items ? { items: fieldSchema(field.items) } : {}) };
  if (field.type === 'object') return objectSchema(field);
  return { ...scalars[field.type], ...(field.enum ? { enum: field.enum } : {}) };
}

function objectSchema(field: Field): JsonSchema {
  const names = [...field.fields].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    type: ['object', 'null'],
    ...(names.length > 0 ? { properties: Object.fromEntries(names.map(([name, child]) => [name, fieldSchema(child)])) } : {}),
    ...(field.required ? { required: field.required } : {}),
    additionalProperties: field.values ? fieldSchema(field.values) : false,
  };
}
