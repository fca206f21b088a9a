import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../src/spec/json-schema.ts';

type Schema = { type?: unknown; properties: Record<string, Schema>; items: Schema; additionalProperties: unknown; required?: string[]; const?: string };

describe('the JSON Schema', () => {
  it('has every field of a kind, its type, and nothing else', () => {
    const schema = jsonSchema('Cluster') as unknown as Schema;
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'kops Cluster', required: ['apiVersion', 'kind', 'metadata', 'spec'] });
    const spec = schema.properties.spec as Schema;
    expect(spec.properties.subnets?.items.properties.cidr).toEqual({ type: 'string' });
    expect(spec.properties.cloudLabels).toEqual({ type: ['object', 'null'], additionalProperties: { type: 'string' } });
    expect(spec.additionalProperties).toBe(false);
    expect(schema.properties.kind?.const).toBe('Cluster');
  });

  it('is there for every kind, and no other', () => {
    expect(jsonSchema('InstanceGroup')).toHaveProperty('properties.spec.properties.maxSize', { type: 'integer' });
    expect(jsonSchema('SSHCredential')).toHaveProperty('properties.spec.properties.publicKey');
    expect(jsonSchema('Cat')).toBeUndefined();
  });
});
