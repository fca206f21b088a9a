import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { formatYaml } from '../../../src/lib/yaml.ts';
import { type Field, fieldTree } from '../../../src/spec/field-tree.ts';
import { formatPath, getPath, type Segment } from '../../../src/spec/path.ts';
import { parseSpecObjects } from '../../../src/spec/schema.ts';
import { applySettings } from '../../../src/spec/set.ts';
import { clusterAliases, instanceGroupAliases } from '../../../src/spec/set-aliases.ts';
import { apiVersion, type Cluster, type InstanceGroup, type KopsObject } from '../../../src/spec/types.ts';
import { createClusterStore } from '../../../src/state/cluster-store.ts';
import { openMemoryObjectStore } from '../../../src/state/memory-object-store.ts';

const mapKey = 'example.com/a.b';

/** Something that may stand there: a value in every field below it. */
function example(field: Field): unknown {
  if (field.type === 'array') return [field.items ? example(field.items) : 'x'];
  if (field.type === 'integer') return 7;
  if (field.type === 'boolean') return false;
  if (field.type !== 'object') return field.enum?.[0] ?? (field.type === 'string' ? '007' : '100m');
  const fields = [...field.fields].map(([name, child]) => [name, example(child)] as const);
  return Object.fromEntries(field.values ? [...fields, [mapKey, example(field.values)]] : fields);
}

/** Paths of the values that are not objects or lists themselves. */
function leaves(field: Field, at: readonly Segment[]): Segment[][] {
  if (field.type === 'array') return field.items ? leaves(field.items, [...at, 0]) : [[...at, 0]];
  if (field.type !== 'object') return [[...at]];
  const below = [...field.fields].flatMap(([name, child]) => leaves(child, [...at, name]));
  return field.values ? [...below, ...leaves(field.values, [...at, mapKey])] : below;
}

function whole<T extends KopsObject>(kind: T['kind'], name: string): T {
  return { ...(example(fieldTree().get(kind) as Field) as T), apiVersion, kind, metadata: { name, labels: { 'kops.k8s.io/cluster': 'a.k8s.local' } } };
}

const objects = [whole<Cluster>('Cluster', 'a.k8s.local'), whole<InstanceGroup>('InstanceGroup', 'nodes')] as const;

describe('every field of v1alpha2', () => {
  it.each([
    ['Cluster', clusterAliases],
    ['InstanceGroup', instanceGroupAliases],
  ] as const)("has one path in kops' later version at most: %s", (kind, aliases) => {
    const known = (path: string) => path.split('.').reduce<Field | undefined>((field, name) => field?.fields.get(name), fieldTree().get(kind)) !== undefined;
    expect(aliases.filter(([alias, path]) => known(alias) || !known(path))).toEqual([]);
    expect(new Set(aliases.map(([, path]) => path)).size).toBe(aliases.length);
  });

  it('is read and written as it is', () => {
    const text = objects.map((object) => formatYaml(object, { sortKeys: true })).join('---\n');
    expect(parseSpecObjects(text, 'all.yaml')).toEqual(objects);
    expect(parseSpecObjects(JSON.stringify(objects), 'all.json')).toEqual(objects);
  });

  it('is kept by the state store', async () => {
    const clock = new VirtualClock(0);
    const store = createClusterStore(openMemoryObjectStore('every-field', clock), clock);
    await store.createCluster(objects[0]);
    await store.putInstanceGroup('a.k8s.local', objects[1], 'create');
    expect((await store.getCluster('a.k8s.local')).value.spec).toEqual(objects[0].spec);
    expect((await store.getInstanceGroup('a.k8s.local', 'nodes')).value.spec).toEqual(objects[1].spec);
  });

  it.each(objects.map((object) => [object.kind, object] as const))('can be set and removed by its path: %s', (kind, object) => {
    const paths = leaves(fieldTree().get(kind)?.fields.get('spec') as Field, ['spec']);
    expect(paths.length).toBeGreaterThan(kind === 'Cluster' ? 900 : 100);
    for (const path of paths) {
      const text = formatPath(path);
      const bare = { apiVersion, kind, metadata: { name: 'x' }, spec: {} } as unknown as KopsObject;
      const value = getPath(object, path);
      expect([text, getPath(applySettings(bare, { set: [`${text}=${value}`] }), path)]).toEqual([text, value]);
      expect([text, getPath(applySettings(object, { unset: [text] }), path)]).toEqual([text, undefined]);
    }
  });
});
