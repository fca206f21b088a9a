import { describe, expect, test } from 'vitest';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList } from '../../../src/control-plane/apiserver/discovery/discovery.ts';
import { openApiDocument, openApiIndex, openApiText } from '../../../src/control-plane/apiserver/openapi/openapi.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';

const tables = loadApiTables();
type Loose = ReturnType<typeof JSON.parse>;

describe('OpenAPI v3', () => {
  const index = openApiIndex(tables) as Loose;

  test('the index names a document for each group version, by the hash of its text', () => {
    expect(Object.keys(index.paths)).toContain('apis/apps/v1');
    expect(index.paths['api/v1'].serverRelativeURL).toBe(`/openapi/v3/api/v1?hash=${openApiText(tables, 'api/v1')?.hash}`);
    expect(openApiDocument(tables, 'apis/nothing/v1')).toBeUndefined();
  });

  test('every reference in every document leads somewhere', () => {
    for (const key of Object.keys(index.paths)) {
      const document = openApiDocument(tables, key) as Loose;
      const text = JSON.stringify(document);
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(document.components.schemas, `${key} ${name}`).toHaveProperty([name!]);
    }
  });

  test('kubectl finds fieldValidation on the PATCH of a kind, and the kind in its schema', () => {
    const document = openApiDocument(tables, 'apis/apps/v1') as Loose;
    const gvk = { group: 'apps', version: 'v1', kind: 'Deployment' };
    const patch = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].patch;
    expect(patch['x-kubernetes-group-version-kind']).toEqual(gvk);
    expect(patch.parameters.map((parameter: Loose) => parameter.name)).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']));
    expect(document.components.schemas['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind']).toEqual([gvk]);
    const containers = document.components.schemas['io.k8s.api.core.v1.PodSpec'].properties.containers;
    expect(containers).toMatchObject({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'name',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
    });
  });
});

describe('discovery', () => {
  test('aggregated and plain discovery tell the same resources', () => {
    const aggregated = [aggregatedDiscovery(tables, 'v2', 'api'), aggregatedDiscovery(tables, 'v2', 'apis')].flatMap((list: Loose) => list.items);
    for (const item of aggregated) {
      const group = item.metadata.name ?? '';
      for (const version of item.versions) {
        const plain = apiResourceList(tables, group, version.version) as Loose;
        const names = version.resources.flatMap((resource: Loose) => [
          resource.resource,
          ...(resource.subresources ?? []).map((sub: Loose) => `${resource.resource}/${sub.subresource}`),
        ]);
        expect(plain.resources.map((resource: Loose) => resource.name)).toEqual(names);
      }
    }
  });

  test('pods as kubectl knows them', () => {
    const pods = (apiResourceList(tables, '', 'v1') as Loose).resources.find((resource: Loose) => resource.name === 'pods');
    expect(pods).toMatchObject({ singularName: 'pod', namespaced: true, kind: 'Pod', shortNames: ['po'], categories: ['all'], storageVersionHash: 'xPOwRZ+Yhw8=' });
  });

  test('groups that are not served are not there', () => {
    expect((apiGroupList(tables) as Loose).groups.map((group: Loose) => group.name)).not.toContain('batch');
    expect(apiGroup(tables, 'apps')).toMatchObject({ kind: 'APIGroup', name: 'apps', preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } });
    expect(apiGroup(tables, 'batch')).toBeUndefined();
    expect(apiResourceList(tables, 'batch', 'v1')).toBeUndefined();
  });
});
