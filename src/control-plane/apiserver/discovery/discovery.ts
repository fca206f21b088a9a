import type { ApiResource, ApiTables } from '../../../kube/api/tables.ts';

type AggregatedVersion = 'v2' | 'v2beta1';

/** `APIGroupDiscoveryList` for `/api` or `/apis`, in the version that the client asked for. */
export function aggregatedDiscovery(tables: ApiTables, version: AggregatedVersion, which: 'api' | 'apis'): object {
  const groups = tables.groups.filter(({ group }) => (group === '') === (which === 'api'));
  const items = groups.map(({ group, versions }) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versions.map((name) => ({ version: name, resources: resourcesOf(tables, group, name).map(aggregatedResource), freshness: 'Current' })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function resourcesOf(tables: ApiTables, group: string, version: string): ApiResource[] {
  return [...tables.resources.values()].filter((resource) => resource.group === group && resource.version === version);
}

function aggregatedResource(resource: ApiResource): object {
  const subresources = [...resource.subresources].map(([name, sub]) => ({
    subresource: name,
    responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
    verbs: sub.verbs,
  }));
  return {
    resource: resource.resource,
    responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
    ...(resource.categories.length > 0 && { categories: resource.categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

/** `/api` for clients without aggregated discovery. */
export function apiVersions(serverAddress: string): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}

/** `/apis` for clients without aggregated discovery. */
export function apiGroupList(tables: ApiTables): object {
  const groups = tables.groups.filter(({ group }) => group !== '').map(({ group }) => groupOf(tables, group));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/apis/<group>`; undefined when it is not served. */
export function apiGroup(tables: ApiTables, group: string): object | undefined {
  if (group === '' || !tables.groups.some((served) => served.group === group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(tables, group) };
}

function groupOf(tables: ApiTables, group: string): object {
  const versions = tables.groups.find((served) => served.group === group)?.versions ?? [];
  const rows = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: rows, preferredVersion: rows[0] };
}

/** `/api/v1` or `/apis/<group>/<version>`; undefined when it is not served. */
export function apiResourceList(tables: ApiTables, group: string, version: string): object | undefined {
  const resources = resourcesOf(tables, group, version);
  if (resources.length === 0) return undefined;
  const rows = resources.flatMap((resource) => [resourceRow(resource), ...subresourceRows(resource)]);
  return { kind: 'APIResourceList', ...(group !== '' && { apiVersion: 'v1' }), groupVersion: group === '' ? version : `${group}/${version}`, resources: rows };
}

function resourceRow(resource: ApiResource): object {
  return {
    name: resource.resource,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.verbs,
    ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
    ...(resource.categories.length > 0 && { categories: resource.categories }),
    ...(resource.storageVersionHash !== undefined && { storageVersionHash: resource.storageVersionHash }),
  };
}

function subresourceRows(resource: ApiResource): object[] {
  return [...resource.subresources].map(([name, sub]) => ({
    name: `${resource.resource}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...((sub.group !== resource.group || sub.version !== resource.version) && { group: sub.group, version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }));
}
