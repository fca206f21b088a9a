import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../../src/control-plane/apiserver/patch/apply-patch.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { PatchType } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';

/** Objects as kubectl users see them: any field may be there. */
type Loose = ReturnType<typeof JSON.parse>;

const tables = loadApiTables();
const deployment = (): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web', tier: 'front' }, finalizers: ['a/b', 'c/d'] },
  spec: {
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
    template: {
      spec: {
        containers: [
          {
            name: 'nginx',
            image: 'nginx:1',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
            args: ['x', 'y'],
          },
          { name: 'side', image: 'side:1' },
        ],
        tolerations: [{ key: 'k', operator: 'Exists' }],
      },
    },
  },
});

function patched(patchType: PatchType, patch: unknown): Loose {
  const current = deployment();
  const before = JSON.stringify(current);
  const result = applyPatch(patchType, { tables, definition: 'apps.v1.Deployment', current, patch });
  expect(JSON.stringify(current), 'the current object stays as it was').toBe(before);
  return result;
}

const strategic = (patch: unknown) => patched('application/strategic-merge-patch+json', patch);
const containersOf = (object: Loose) => object.spec.template.spec.containers;
const inTemplate = (spec: object) => ({ spec: { template: { spec } } });

describe('strategic merge patch', () => {
  test('lists with a merge key merge item by item; scalars and plain lists are replaced', () => {
    const result = strategic(
      inTemplate({
        containers: [
          {
            name: 'nginx',
            image: 'nginx:2',
            args: ['z'],
            env: [
              { name: 'B', value: '3' },
              { name: 'C', value: '4' },
            ],
          },
        ],
        tolerations: [],
      }),
    );
    expect(containersOf(result)).toEqual([
      {
        name: 'nginx',
        image: 'nginx:2',
        args: ['z'],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '3' },
          { name: 'C', value: '4' },
        ],
      },
      { name: 'side', image: 'side:1' },
    ]);
    expect(result.spec.template.spec.tolerations).toEqual([]);
  });

  test('$patch: delete removes an item, replace the whole list or map', () => {
    expect(containersOf(strategic(inTemplate({ containers: [{ name: 'side', $patch: 'delete' }] }))).map((c: Loose) => c.name)).toEqual(['nginx']);
    expect(containersOf(strategic(inTemplate({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'x' }] })))).toEqual([{ name: 'only', image: 'x' }]);
    expect(strategic({ metadata: { labels: { $patch: 'replace', only: 'me' } } }).metadata.labels).toEqual({ only: 'me' });
  });

  test('null deletes, $retainKeys keeps only what it names', () => {
    expect(strategic({ metadata: { labels: { tier: null } }, spec: { replicas: null } })).toMatchObject({ metadata: { labels: { app: 'web' } } });
    expect(strategic({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }).spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('$setElementOrder orders, $deleteFromPrimitiveList takes from sets', () => {
    const order = strategic(inTemplate({ '$setElementOrder/containers': [{ name: 'side' }, { name: 'nginx' }], containers: [{ name: 'nginx', image: 'nginx:3' }] }));
    expect(containersOf(order).map((c: Loose) => c.name)).toEqual(['side', 'nginx']);
    expect(strategic({ metadata: { '$deleteFromPrimitiveList/finalizers': ['a/b'], finalizers: ['e/f'] } }).metadata.finalizers).toEqual(['c/d', 'e/f']);
    expect(strategic({ metadata: { '$deleteFromPrimitiveList/finalizers': ['a/b'] } }).metadata.finalizers).toEqual(['c/d']);
  });

  test('an item without its merge key is refused', () => {
    expect(() => strategic(inTemplate({ containers: [{ image: 'x' }] }))).toThrow('map: map[image:x] does not contain declared merge key: name');
  });

  test('kubectl set image, label, cordon shapes', () => {
    expect(
      containersOf(strategic(inTemplate({ '$setElementOrder/containers': [{ name: 'nginx' }, { name: 'side' }], containers: [{ image: 'nginx:9', name: 'nginx' }] })))[0].image,
    ).toBe('nginx:9');
    expect(strategic({ metadata: { labels: { new: 'label' } } }).metadata.labels).toEqual({ app: 'web', tier: 'front', new: 'label' });
  });
});

describe('merge and JSON patch', () => {
  test('merge patch replaces lists and deletes with null', () => {
    const result = patched('application/merge-patch+json', { metadata: { labels: { tier: null } }, ...inTemplate({ containers: [{ name: 'x' }] }) });
    expect(result.metadata.labels).toEqual({ app: 'web' });
    expect(containersOf(result)).toEqual([{ name: 'x' }]);
  });

  test('JSON patch changes by path, and fails as a whole', () => {
    expect(patched('application/json-patch+json', [{ op: 'replace', path: '/spec/replicas', value: 5 }]).spec.replicas).toBe(5);
    expect(() => patched('application/json-patch+json', [{ op: 'test', path: '/spec/replicas', value: 1 }])).toThrow();
    expect(() => patched('application/json-patch+json', [{ op: 'remove', path: '/spec/nothing' }])).toThrow();
    expect(() => patched('application/json-patch+json', { op: 'add' })).toThrow('cannot unmarshal object');
  });
});
