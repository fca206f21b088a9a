import { beforeAll, describe, expect, it } from 'vitest';
import type { Deployment, Pod, Service } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { configMap, json, startServer, type TestServer } from './server.ts';

const core = '/api/v1/namespaces/default';
const maps = `${core}/configmaps`;
const apps = '/apis/apps/v1/namespaces/default';
let server: TestServer;

beforeAll(async () => {
  server = await startServer({ tokens: true });
});

const podOf = (name: string, spec: object = {}, metadata: object = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...metadata }, spec: { containers: [{ name: 'main', image: 'nginx:1' }], ...spec } }) as Pod;

const deploymentOf = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx:1' }] } },
    ...spec,
  },
});

const status = async (url: string, asked?: Parameters<TestServer['ask']>[1]) => {
  const response = await server.ask(url, asked);
  const { reason, message, metadata } = json(response);
  return { code: response.status, reason, message, metadata };
};

describe('API server: versions of lists', () => {
  it.each([
    ['resourceVersionMatch=Exact', 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'],
    ['resourceVersionMatch=Exact&resourceVersion=0', 'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
    ['resourceVersionMatch=Other&resourceVersion=1', 'resourceVersionMatch: Unsupported value: "Other": supported values: "Exact", "NotOlderThan", ""'],
    ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    ['watch=true&resourceVersionMatch=NotOlderThan', 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
    ['watch=true&sendInitialEvents=true', 'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
  ])('refuses %s', async (query, why) => {
    expect(await status(`${maps}?${query}`)).toMatchObject({ code: 422, reason: 'Invalid', message: `ListOptions.meta.k8s.io "" is invalid: ${why}` });
  });

  it('refuses a version together with a token', async () => {
    const answer = await status(`${maps}?limit=1&continue=x&resourceVersion=5`);
    expect(answer).toMatchObject({ code: 400, message: 'specifying resource version is not allowed when using continue' });
  });

  it('gives the state of exactly that version, and says when it is gone', async () => {
    const { client, store, ask } = await startServer();
    const first = await client.create(resourceTypes.configMaps, configMap('a'));
    const version = first.metadata.resourceVersion;
    await client.create(resourceTypes.configMaps, configMap('b'));
    const names = async (query: string) => json(await ask(`${maps}?${query}`)).items?.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(await names(`resourceVersion=${version}&resourceVersionMatch=Exact`)).toEqual(['a']);
    expect(await names(`resourceVersion=${version}`)).toEqual(['a', 'b']);
    await store.compact(await store.revision());
    const gone = await ask(`${maps}?resourceVersion=${version}&resourceVersionMatch=Exact`);
    expect(json(gone)).toMatchObject({ code: 410, reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' });
  });

  it('goes on with an inconsistent list when the first page is too old', async () => {
    const { client, store, ask } = await startServer();
    for (const name of ['a', 'b', 'c']) await client.create(resourceTypes.configMaps, configMap(name));
    const page = json(await ask(`${maps}?limit=1`));
    await client.create(resourceTypes.configMaps, configMap('d'));
    await store.compact(await store.revision());
    const expired = json(await ask(`${maps}?limit=1&continue=${page.metadata.continue}`));
    expect(expired).toMatchObject({ code: 410, reason: 'Expired' });
    expect(expired.message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result\. You can start a new list without the continue parameter, or use/,
    );
    const rest = json(await ask(`${maps}?limit=10&continue=${expired.metadata.continue}`));
    expect(rest.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['b', 'c', 'd']);
  });

  it('names fields it cannot select by', async () => {
    expect((await status(`${core}/pods?fieldSelector=spec.foo=a`)).message).toBe('field label not supported: spec.foo');
    expect((await status(`${maps}?fieldSelector=data.x=a`)).message).toBe('"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"');
  });
});

describe('API server: preconditions', () => {
  it('refuses a version on a new object, an old one on a write, and another object of the same name', async () => {
    const versioned = { ...configMap('new'), metadata: { name: 'new', namespace: 'default', resourceVersion: '5' } };
    expect((await status(maps, { method: 'POST', body: versioned })).message).toBe('resourceVersion should not be set on objects to be created');
    const made = await server.client.create(resourceTypes.configMaps, configMap('old'));
    await server.client.update(resourceTypes.configMaps, { ...made, data: { a: 'b' } });
    expect(await status(`${maps}/old`, { method: 'PUT', body: { ...made, data: { a: 'c' } } })).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Operation cannot be fulfilled on configmaps "old": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect(await status(`${maps}/old`, { method: 'DELETE', body: { preconditions: { uid: 'x' } } })).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on configmaps "old": Precondition failed: UID in precondition: x, UID in object meta: ${made.metadata.uid}`,
    });
  });

  it('refuses options of a deletion that contradict each other or mean nothing', async () => {
    await server.client.create(resourceTypes.configMaps, configMap('kept'));
    const both = await status(`${maps}/kept?propagationPolicy=Orphan`, { method: 'DELETE', body: { orphanDependents: true } });
    expect(both.message).toContain('orphanDependents and deletionPropagation cannot be both set');
    const other = await status(`${maps}/kept?propagationPolicy=Later`, { method: 'DELETE' });
    expect(other.message).toBe(
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Later": supported values: "Foreground", "Background", "Orphan", "nil"',
    );
    await server.client.get(resourceTypes.configMaps, 'default', 'kept');
  });

  it('a patch of nothing is NotFound, unless it is applied; one that takes the metadata away is refused', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect(await status(`${maps}/nowhere`, { method: 'PATCH', headers, body: {} })).toMatchObject({ code: 404, message: 'configmaps "nowhere" not found' });
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } };
    const response = await server.ask(`${maps}/applied?fieldManager=me`, { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+yaml' }, body: applied });
    expect(response.status).toBe(201);
    expect(await status(`${maps}/applied`, { method: 'PATCH', headers, body: { metadata: null } })).toMatchObject({ code: 422, reason: 'Invalid' });
  });
});

describe('API server: parts of objects', () => {
  it('a dry run stores nothing and takes no address', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'dry', namespace: 'default' }, spec: { clusterIP: '10.96.77.7', ports: [{ port: 80 }] } };
    expect((await server.ask(`${core}/services?dryRun=All`, { method: 'POST', body: service })).status).toBe(201);
    expect((await server.ask(`${core}/services/dry`)).status).toBe(404);
    const made = await server.client.create<Service>(resourceTypes.services, service as unknown as Service);
    expect(made.spec.clusterIP).toBe('10.96.77.7');
    await server.ask(`${core}/services/dry?dryRun=All`, { method: 'DELETE' });
    expect((await server.ask(`${core}/services/dry`)).status).toBe(200);
  });

  it('a status is written without the spec, and the spec without the status', async () => {
    const { client } = server;
    const made = await client.create<Deployment>(resourceTypes.deployments, deploymentOf('parts', { replicas: 2 }) as unknown as Deployment);
    const changed = { ...made, spec: { ...made.spec, replicas: 7 }, status: { ...made.status, replicas: 3 } };
    const byStatus = await client.update<Deployment>(resourceTypes.deployments, changed, { subresource: 'status' });
    expect([byStatus.spec.replicas, byStatus.status?.replicas, byStatus.metadata.generation]).toEqual([2, 3, 1]);
    const bySpec = await client.update<Deployment>(resourceTypes.deployments, { ...byStatus, spec: { ...byStatus.spec, replicas: 7 }, status: {} });
    expect([bySpec.spec.replicas, bySpec.status?.replicas, bySpec.metadata.generation]).toEqual([7, 3, 2]);
  });

  it.each(['application/merge-patch+json', 'application/strategic-merge-patch+json'])('a %s of the status keeps the spec as it is', async (type) => {
    const name = `patched-${type.length}`;
    const made = await server.client.create(resourceTypes.pods, podOf(name, { containers: [{ name: 'main', image: 'nginx:1', resources: { limits: { cpu: '1' } } }] }));
    const body = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, spec: { nodeName: 'elsewhere' } };
    const response = json(await server.ask(`${core}/pods/${name}/status`, { method: 'PATCH', headers: { 'content-type': type }, body }));
    expect(response.spec).toEqual(made.spec);
    expect(response.status).toMatchObject({ phase: 'Running', qosClass: 'Burstable' });
    const labelled = await server.ask(`${core}/pods/${name}`, { method: 'PATCH', headers: { 'content-type': type }, body: { metadata: { labels: { a: 'b' } } } });
    expect(json(labelled)).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { phase: 'Running' } });
  });

  it('a scale shows the selector, changes the replicas and nothing else', async () => {
    await server.client.create(resourceTypes.deployments, deploymentOf('scaled') as unknown as Deployment);
    const scale = json(await server.ask(`${apps}/deployments/scaled/scale`));
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=scaled' } });
    const put = json(await server.ask(`${apps}/deployments/scaled/scale`, { method: 'PUT', body: { ...scale, spec: { replicas: 4 } } }));
    expect(put.spec.replicas).toBe(4);
    expect(await status(`${apps}/deployments/scaled/scale`, { method: 'PUT', body: { ...scale, spec: { replicas: 5 } } })).toMatchObject({ code: 409 });
    const other = await status(`${apps}/deployments/scaled/scale`, { method: 'PUT', body: { ...scale, metadata: { name: 'other' }, spec: { replicas: 5 } } });
    expect(other).toMatchObject({ code: 400, message: 'the name of the object (other) does not match the name on the URL (scaled)' });
  });

  it('who creates owns what was sent, not what admission and the server add', async () => {
    const made = await server.client.create(resourceTypes.pods, podOf('owned'));
    const [entry] = made.metadata.managedFields as { fieldsV1: Record<string, Record<string, unknown>> }[];
    const spec = Object.keys(entry?.fieldsV1['f:spec'] ?? {});
    expect(spec).toEqual(expect.arrayContaining(['f:containers', 'f:restartPolicy']));
    for (const added of ['f:tolerations', 'f:volumes', 'f:priority', 'f:serviceAccountName']) expect(spec).not.toContain(added);
    expect(entry?.fieldsV1).not.toHaveProperty('f:status');
  });
});

describe('API server: services that change their type', () => {
  const patch = (name: string, spec: object) =>
    server.ask(`${core}/services/${name}`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: { spec } });
  const changed = async (name: string, spec: object) => json(await patch(name, spec)).spec;
  const create = (name: string, spec: object) =>
    server.client.create(resourceTypes.services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });

  it('keep what the new type needs, lose the rest, and give it back', async () => {
    const made = (await create('walks', { ports: [{ port: 80 }] })) as Service;
    const { clusterIP } = made.spec;
    const asNodePort = await changed('walks', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_077 }] });
    expect(asNodePort).toMatchObject({ clusterIP, externalTrafficPolicy: 'Cluster', ports: [{ nodePort: 30_077 }] });
    const asBalancer = await changed('walks', { type: 'LoadBalancer' });
    expect(asBalancer).toMatchObject({ clusterIP, allocateLoadBalancerNodePorts: true, ports: [{ nodePort: 30_077 }] });
    expect(
      (await status(`${core}/services`, { method: 'POST', body: { ...made, metadata: { name: 'rival' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_077 }] } } }))
        .message,
    ).toBe('Service "rival" is invalid: spec.ports[0].nodePort: Invalid value: 30077: provided port is already allocated');
    const plain = await changed('walks', { type: 'ClusterIP' });
    expect(plain.clusterIP).toBe(clusterIP);
    expect(plain.ports[0]).not.toHaveProperty('nodePort');
    for (const gone of ['allocateLoadBalancerNodePorts', 'externalTrafficPolicy']) expect(plain).not.toHaveProperty(gone);
    await create('rival', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_077 }] });
    const named = await changed('walks', { type: 'ExternalName', externalName: 'example.com' });
    for (const gone of ['clusterIP', 'clusterIPs', 'ipFamilies', 'internalTrafficPolicy']) expect(named).not.toHaveProperty(gone);
    await create('heir', { clusterIP, ports: [{ port: 80 }] });
    expect((await changed('walks', { type: 'ClusterIP', externalName: null })).clusterIP).not.toBe(clusterIP);
  });

  it('may name only blocks of addresses as sources', async () => {
    const spec = { type: 'LoadBalancer', ports: [{ port: 80 }], loadBalancerSourceRanges: ['10.0.0.0/8', '10.0.0.1'] };
    const refused = await status(`${core}/services`, { method: 'POST', body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'ranges' }, spec } });
    expect(refused.message).toBe(
      'Service "ranges" is invalid: spec.loadBalancerSourceRanges[1]: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    );
  });
});

describe('API server: evictions and tokens of pods', () => {
  it('an evicted pod says why it goes', async () => {
    const { client } = server;
    const pod = await client.create<Pod>(resourceTypes.pods, podOf('evicted', { nodeName: 'node-1' }));
    const eviction = (metadata: object, more: object = {}) => ({ method: 'POST' as const, body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata, ...more } });
    const url = `${core}/pods/evicted/eviction`;
    expect(await status(url, eviction({ name: 'other' }))).toMatchObject({ code: 400, message: 'name in URL does not match name in Eviction object' });
    const stale = eviction({ name: 'evicted' }, { deleteOptions: { preconditions: { uid: 'x' } } });
    expect((await status(url, stale)).code).toBe(409);
    expect(await client.get(resourceTypes.pods, 'default', 'evicted')).toEqual(pod);
    await server.ask(url, eviction({ name: 'evicted' }, { deleteOptions: { dryRun: ['All'] } }));
    expect(await client.get(resourceTypes.pods, 'default', 'evicted')).toEqual(pod);
    const meant = { preconditions: { uid: pod.metadata.uid, resourceVersion: pod.metadata.resourceVersion } };
    expect((await server.ask(url, eviction({ name: 'evicted' }, { deleteOptions: meant }))).status).toBe(201);
    const evicted = await client.get<Pod>(resourceTypes.pods, 'default', 'evicted');
    expect(evicted.metadata.deletionTimestamp).toBeDefined();
    expect(evicted.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }));
  });

  it('a token bound to a pod is of the pod’s account and dies with the pod', async () => {
    const { client } = server;
    for (const name of ['builder', 'other'])
      await client.create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } });
    await client.create(resourceTypes.pods, podOf('bound', { serviceAccountName: 'builder' }));
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'bound' } } };
    const wrong = await status(`${core}/serviceaccounts/other/token`, { method: 'POST', body: request });
    expect(wrong).toMatchObject({ code: 400, message: 'cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.' });
    const { token } = json(await server.ask(`${core}/serviceaccounts/builder/token`, { method: 'POST', body: request })).status;
    const asBuilder = () => server.ask(`${core}/pods`, { user: null, headers: { authorization: `Bearer ${token}` } });
    expect(json(await asBuilder()).message).toBe(
      'pods is forbidden: User "system:serviceaccount:default:builder" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    await client.delete(resourceTypes.pods, 'default', 'bound', { gracePeriodSeconds: 0 });
    expect((await asBuilder()).status).toBe(401);
  });
});
