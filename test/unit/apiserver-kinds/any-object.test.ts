import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IpAllocator, type KindContext, PortAllocator, strategyFor } from '../../../src/control-plane/apiserver/kinds/index.ts';
import { trackFields } from '../../../src/control-plane/apiserver/patch/managed-fields.ts';
import { serverSideApply } from '../../../src/control-plane/apiserver/patch/server-side-apply.ts';
import { checkFields } from '../../../src/control-plane/apiserver/schema/check.ts';
import { rowOf } from '../../../src/control-plane/apiserver/tables/rows.ts';
import type { FieldType } from '../../../src/kube/api/definition.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { isStatus } from '../../../src/kube/status.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { deepClone } from '../../../src/lib/json.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

const tables = loadApiTables();
const random = new SeededRandom(1);
const context: KindContext = {
  user: { name: 'a', groups: [] },
  clock: new VirtualClock(),
  random,
  allocators: { clusterIp: new IpAllocator('10.96.0.0/24', random), nodePort: new PortAllocator({ from: 30000, to: 30009 }, random) },
};
const time = '2026-01-01T00:00:00Z';

/** Any value that fits a type: fields left out, empty, or odd. */
function valueFor(type: FieldType, draw: SeededRandom, depth: number): unknown {
  const { type: resolved, definition } = tables.resolve(type);
  const many = depth > 6 ? 0 : draw.integer(3);
  if (resolved.form === 'list') return Array.from({ length: many }, () => (draw.next() < 0.05 ? null : valueFor(resolved.item, draw, depth + 1)));
  if (resolved.form === 'map') return Object.fromEntries(Array.from({ length: many }, (_, index) => [`k${index}`, valueFor(resolved.item, draw, depth + 1)]));
  if (resolved.form === 'ref') {
    const chosen = [...(definition?.properties?.values() ?? [])].filter(() => draw.next() < (depth < 2 ? 0.7 : depth < 6 ? 0.3 : 0));
    return Object.fromEntries(
      chosen.map((property) => [
        property.name,
        draw.next() < 0.05 ? null : property.enum && draw.next() < 0.7 ? enumValue(property.enum, property.type, draw) : valueFor(property.type, draw, depth + 1),
      ]),
    );
  }
  const values: Record<string, unknown[]> = {
    s: ['', 'a', 'A_b', 'x.example.com/y', '10.0.0.1'],
    y: ['', 'YQ=='],
    b: [true, false],
    t: [time],
    q: ['1', '500m', '0', 2],
    x: [0, 80, '25%', 'http'],
    o: [{}],
    '*': [1, null],
  };
  const options = values[resolved.code] ?? [0, 1, -1, 80, 70000];
  return options[draw.integer(options.length)];
}

function enumValue(options: string[], type: FieldType, draw: SeededRandom): unknown {
  const one = options[draw.integer(options.length)];
  return type.form === 'list' ? [one] : one;
}

const stored = [...tables.resources.values()].filter((resource) => resource.verbs.includes('get'));

function anyObject(kind: string, seed: number): KubeObject {
  const resource = stored.find((candidate) => candidate.kind === kind)!;
  const definition = tables.definitionOf(resource.group, resource.version, kind)!;
  const value = valueFor({ form: 'ref', name: definition }, new SeededRandom(seed), 0) as KubeObject;
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return {
    ...value,
    apiVersion,
    kind,
    metadata: {
      ...(value.metadata as object),
      name: 'x',
      ...(resource.namespaced ? { namespace: 'n' } : { namespace: undefined }),
      managedFields: undefined,
    } as KubeObject['metadata'],
  };
}

describe('whatever fits the schema can be written, refused with field errors, shown and applied; nothing throws', () => {
  test.each(stored.map((resource) => resource.kind))('%s', (kind) => {
    const resource = stored.find((candidate) => candidate.kind === kind)!;
    const definition = tables.definitionOf(resource.group, resource.version, kind)!;
    const strategy = strategyFor(resource);
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (seed, other) => {
        const object = anyObject(kind, seed);
        expect(checkFields(tables, definition, object).unknown).toEqual([]);
        strategy.default(object);
        strategy.prepareForCreate(object, context);
        for (const error of strategy.validate(object)) expect(error).toMatchObject({ reason: expect.any(String), message: expect.any(String), field: expect.any(String) });
        trackFields(tables, object, undefined, { manager: 'a', operation: 'Update', subresource: undefined, time });
        expect(rowOf(resource, object, 0)).toHaveLength(tables.columns(resource.group, kind).length);
        strategy.selectableFields(object);
        strategy.graceSeconds?.(object, undefined);

        const next = anyObject(kind, other);
        strategy.default(next);
        strategy.prepareForUpdate(next, object, context);
        strategy.validateUpdate(next, object);
        trackFields(tables, next, object, { manager: 'b', operation: 'Update', subresource: undefined, time });
        try {
          strategy.default(serverSideApply({ tables, definition, current: object, patch: anyObject(kind, other), manager: 'c', force: true, subresource: undefined, time }));
        } catch (error) {
          expect(isStatus(error, 'BadRequest'), String(error)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('what is decoded again is the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...stored.map(({ kind }) => kind)), fc.integer(), (kind, seed) => {
        const strategy = strategyFor(stored.find((candidate) => candidate.kind === kind)!);
        const object = anyObject(kind, seed);
        strategy.default(object);
        const again = deepClone(object);
        strategy.default(again);
        expect(again).toEqual(object);
      }),
      { numRuns: 200 },
    );
  });
});
