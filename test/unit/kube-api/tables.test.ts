import { describe, expect, test } from 'vitest';
import { loadApiTables } from '../../../src/kube/api/tables.ts';

const tables = loadApiTables();

describe('API tables', () => {
  test('served resources have a schema, a protobuf message and columns', () => {
    for (const resource of tables.resources.values()) {
      const name = tables.definitionOf(resource.group, resource.version, resource.kind);
      expect(name, resource.kind).toBeDefined();
      expect(tables.schema(name!)?.properties?.has('metadata'), resource.kind).toBe(true);
      expect(tables.protobuf().messageOf(resource.group, resource.version, resource.kind), resource.kind).toBeDefined();
      expect(tables.columns(resource.group, resource.kind).length).toBeGreaterThan(0);
      for (const sub of resource.subresources.values()) {
        if (!sub.kind.endsWith('Options')) expect(tables.definitionOf(sub.group, sub.version, sub.kind), sub.kind).toBeDefined();
      }
    }
  });

  test('only served groups and versions are listed, core first', () => {
    expect(tables.groups.map(({ group }) => group).slice(0, 2)).toEqual(['', 'apps']);
    expect(tables.groups.find(({ group }) => group === 'coordination.k8s.io')?.versions).toEqual(['v1']);
    expect(tables.resource('apps', 'v1', 'daemonsets')).toBeUndefined();
  });

  test('properties carry merge keys, list types and defaults', () => {
    const spec = tables.schema('core.v1.PodSpec')?.properties;
    expect(spec?.get('containers')).toMatchObject({ listType: 'map', listMapKeys: ['name'], patchStrategy: ['merge'], patchMergeKey: 'name' });
    expect(spec?.get('volumes')?.patchStrategy).toEqual(['merge', 'retainKeys']);
    expect(tables.schema('core.v1.ContainerPort')?.properties?.get('protocol')?.default).toBe('TCP');
    expect(tables.resolve({ form: 'ref', name: 'resource.Quantity' }).type).toEqual({ form: 'scalar', code: 'q' });
  });

  test('names of OpenAPI', () => {
    expect(tables.openApiName('core.v1.Pod')).toBe('io.k8s.api.core.v1.Pod');
    expect(tables.openApiName('meta.v1.ObjectMeta')).toBe('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
    expect(tables.openApiName('resource.Quantity')).toBe('io.k8s.apimachinery.pkg.api.resource.Quantity');
    expect(tables.openApiName('resource.v1.DeviceClass')).toBe('io.k8s.api.resource.v1.DeviceClass');
  });

  test('field labels, with their other names', () => {
    const pods = tables.resource('', 'v1', 'pods');
    expect(pods?.fieldLabels.get('spec.host')).toBe('spec.nodeName');
    expect(pods?.fieldLabels.get('status.phase')).toBe('status.phase');
  });
});
