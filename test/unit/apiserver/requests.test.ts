import { createServer } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryStreamPair } from '../../../src/fabric/memory-stream.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { configMap, json, startServer, streamed, type TestServer, text } from './server.ts';

const bob = { name: 'bob', groups: [] };
const maps = '/api/v1/namespaces/default/configmaps';

describe('API server: URLs that are no resource', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ tokens: true });
  });

  it('says its version', async () => {
    expect(json(await server.ask('/version'))).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.0' });
  });

  it('says how it is', async () => {
    expect(text(await server.ask('/healthz', { user: null }))).toBe('ok');
    expect(text(await server.ask('/readyz?verbose'))).toMatch(/^\[\+\]ping ok\n[\s\S]*readyz check passed\n$/);
    expect(text(await server.ask('/livez/ping'))).toBe('ok');
    expect((await server.ask('/livez/nosuch')).status).toBe(404);
  });

  it.each([
    ['v2', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'],
    ['v2beta1', 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'],
  ])('lists its resources in one document, as %s', async (version, accept) => {
    const response = await server.ask('/apis', { headers: { accept } });
    expect(response.body).toMatchObject({ contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList` });
    expect(json(response).items.map((group: KubeObject) => group.metadata.name)).toContain('apps');
    const again = await server.ask('/apis', { headers: { accept, 'if-none-match': response.headers?.etag as string } });
    expect([again.status, text(again)]).toEqual([304, '']);
  });

  it('lists its resources group by group for others', async () => {
    expect(json(await server.ask('/api', { headers: { accept: 'application/json' } })).versions).toEqual(['v1']);
    expect(json(await server.ask('/apis')).kind).toBe('APIGroupList');
    expect(json(await server.ask('/apis/apps')).preferredVersion.version).toBe('v1');
    expect(json(await server.ask('/apis/apps/v1')).resources.map((resource: { name: string }) => resource.name)).toContain('deployments/scale');
  });

  it('describes its types, each document under its hash', async () => {
    const index = json(await server.ask('/openapi/v3'));
    const url = index.paths['apis/apps/v1'].serverRelativeURL;
    const document = await server.ask(url);
    expect(document.headers).toMatchObject({ vary: 'Accept', expires: expect.any(String) });
    expect(Object.keys(json(document).components.schemas)).toContain('io.k8s.api.apps.v1.Deployment');
    expect((await server.ask(url, { headers: { 'if-none-match': document.headers?.etag as string } })).status).toBe(304);
    const old = await server.ask('/openapi/v3/apis/apps/v1?hash=OLD');
    expect([old.status, old.headers?.location]).toEqual([301, url]);
  });

  it('publishes the keys of its tokens', async () => {
    expect(json(await server.ask('/openid/v1/jwks')).keys).toHaveLength(1);
    expect(json(await server.ask('/.well-known/openid-configuration')).issuer).toBe('https://issuer');
  });

  it('answers NotFound for anything else', async () => {
    for (const path of ['/nosuch', '/api/v1/nosuch', '/apis/nosuch/v1/pods', '/api/v1/namespaces/default/pods/x/nosuch', '/metrics']) {
      const response = await server.ask(path);
      expect([response.status, json(response).message], path).toEqual([404, 'the server could not find the requested resource']);
    }
  });
});

describe('API server: who asks', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ tokens: true });
  });

  it('refuses the unknown, the nameless and the unauthorized', async () => {
    expect((await server.ask(maps, { user: null, headers: { authorization: 'Bearer nonsense' } })).status).toBe(401);
    const nobody = await server.ask(maps, { user: null });
    expect([nobody.status, json(nobody).message]).toEqual([
      403,
      'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"',
    ]);
    expect(json(await server.ask('/metrics', { user: bob })).message).toBe('forbidden: User "bob" cannot get path "/metrics"');
  });

  it('takes the token of a service account as long as the account lives', async () => {
    const { client, ask } = server;
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } };
    await client.create(resourceTypes.serviceAccounts, account);
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name: 'robot', namespace: 'default' }, spec: { expirationSeconds: 600 } };
    const { status } = (await client.create(resourceTypes.serviceAccounts, request, { name: 'robot', subresource: 'token' })) as unknown as { status: { token: string } };
    const headers = { authorization: `Bearer ${status.token}` };
    const who = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
    const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const answer = json(await ask(review, { method: 'POST', user: null, headers, body: who }));
    expect(answer.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:default:robot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    const tokenReview = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token: status.token } };
    expect(json(await ask('/apis/authentication.k8s.io/v1/tokenreviews', { method: 'POST', body: tokenReview })).status.authenticated).toBe(true);
    await client.delete(resourceTypes.serviceAccounts, 'default', 'robot');
    expect((await ask(review, { method: 'POST', user: null, headers, body: who })).status).toBe(401);
  });

  it('lets those who may act as somebody else', async () => {
    const { ask } = server;
    expect((await ask(maps, { headers: { 'impersonate-user': 'bob' } })).status).toBe(403);
    expect((await ask(maps, { headers: { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' } })).status).toBe(200);
    expect(json(await ask(maps, { user: bob, headers: { 'impersonate-user': 'admin' } })).message).toContain(
      'User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });

  it('answers what others may do', async () => {
    const spec = { user: 'bob', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec };
    const answer = await server.ask('/apis/authorization.k8s.io/v1/subjectaccessreviews', { method: 'POST', body: review });
    expect([answer.status, json(answer).status.allowed]).toEqual([201, false]);
  });
});

describe('API server: forms of requests and answers', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    await server.client.create(resourceTypes.configMaps, configMap('a', { data: { x: '1' } }));
  });

  it('takes and gives YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {x: "1"}\n';
    expect((await server.ask(maps, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body })).status).toBe(201);
    const response = await server.ask(`${maps}/yaml`, { headers: { accept: 'application/yaml' } });
    expect([response.body.type === 'bytes' && response.body.contentType, text(response)]).toEqual(['application/yaml', expect.stringContaining('kind: ConfigMap')]);
  });

  it('gives tables, and metadata alone', async () => {
    const table = json(await server.ask(maps, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } }));
    expect(table.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(['Name', 'Data', 'Age']);
    expect(table.rows[0]).toMatchObject({ cells: ['a', 1, '0s'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } });
    const partial = json(await server.ask(`${maps}/a`, { headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' } }));
    expect([partial.kind, partial.metadata.name, partial.data]).toEqual(['PartialObjectMetadata', 'a', undefined]);
    const list = json(await server.ask(maps, { headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' } }));
    expect([list.kind, list.items[0].kind]).toEqual(['PartialObjectMetadataList', 'PartialObjectMetadata']);
  });

  it('gives JSON to those who would rather have protobuf, and refuses what it cannot', async () => {
    expect(json(await server.ask(`${maps}/a`, { headers: { accept: 'application/vnd.kubernetes.protobuf,application/json' } })).data).toEqual({ x: '1' });
    expect((await server.ask(`${maps}/a`, { headers: { accept: 'image/png' } })).status).toBe(406);
    expect((await server.ask(maps, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })).status).toBe(415);
    expect((await server.ask(`${maps}/a`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: {} })).status).toBe(415);
  });

  it('refuses what does not fit the URL', async () => {
    const post = (body: object | string) => server.ask(maps, { method: 'POST', body });
    const message = async (body: object | string) => json(await post(body)).message;
    expect(await message({ ...configMap('b'), apiVersion: 'v2' })).toBe('the API version in the data (v2) does not match the expected API version (v1)');
    expect(await message({ ...configMap('b'), kind: 'Secret' })).toContain('Secret in version "v1" cannot be handled as a ConfigMap');
    expect(await message({ ...configMap('b'), metadata: { name: 'b', namespace: 'other' } })).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
    expect(await message({ ...configMap('b'), metadata: { name: 'b', resourceVersion: '1' } })).toBe('resourceVersion should not be set on objects to be created');
    expect(await message({ apiVersion: 'v1', kind: 'ConfigMap' })).toContain('name or generateName is required');
    expect((await post('[1]')).status).toBe(400);
    expect((await post('{"a":')).status).toBe(400);
    expect((await post(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`)).status).toBe(400);
    expect(await message('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"},"__proto__":{"polluted":true}}')).toContain('"__proto__"');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    const put = await server.ask(`${maps}/a`, { method: 'PUT', body: configMap('b') });
    expect(json(put).message).toBe('the name of the object (b) does not match the name on the URL (a)');
    expect((await server.ask(`${maps}/a`, { method: 'POST', body: configMap('a') })).status).toBe(405);
    expect((await server.ask(`${maps}?dryRun=Some`, { method: 'POST', body: configMap('b') })).status).toBe(400);
    expect((await server.ask('/api/v1/namespaces/default/nodes')).status).toBe(404);
    expect((await server.ask('/api/v1/namespaces/default/pods/%zz')).status).toBe(400);
  });

  it('warns in headers', async () => {
    const response = await server.ask(maps, { method: 'POST', body: { ...configMap('warned'), extra: 1 } });
    expect([response.status, response.headers?.warning]).toEqual([201, ['299 - "unknown field \\"extra\\""']]);
    expect((await server.ask(`${maps}?fieldValidation=Ignore`, { method: 'POST', body: { ...configMap('ignored'), extra: 1 } })).headers).toBeUndefined();
    const endpoints = await server.ask('/api/v1/endpoints');
    expect(endpoints.headers?.warning).toEqual(['299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"']);
  });

  it('applies without losing others', async () => {
    const apply = (manager: string, data: object, query = '') =>
      server.ask(`${maps}/applied?fieldManager=${manager}${query}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: { ...configMap('applied'), data },
      });
    expect((await apply('one', { a: '1', b: '1' })).status).toBe(201);
    expect(json(await apply('two', { c: '2' })).data).toEqual({ a: '1', b: '1', c: '2' });
    const conflict = await apply('two', { a: '2', c: '2' });
    expect([conflict.status, json(conflict).message]).toEqual([409, 'Apply failed with 1 conflict: conflict with "one": .data.a']);
    expect(json(await apply('two', { a: '2', c: '2' }, '&force=true')).data).toEqual({ a: '2', b: '1', c: '2' });
    expect(json(await apply('one', { b: '1' })).data).toEqual({ a: '2', b: '1', c: '2' });
    expect((await server.ask(`${maps}/applied`, { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+yaml' }, body: configMap('applied') })).status).toBe(422);
  });
});

describe('API server: lives of objects', () => {
  it('holds a namespace until its contents are gone', async () => {
    const { client } = await startServer();
    const { namespaces, configMaps } = resourceTypes;
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'temp' } });
    await client.delete(namespaces, undefined, 'temp');
    const going = await client.get<KubeObject & { spec: object; status: { phase: string } }>(namespaces, undefined, 'temp');
    expect([going.status.phase, going.spec]).toEqual(['Terminating', { finalizers: ['kubernetes'] }]);
    const late = client.create(configMaps, { ...configMap('late'), metadata: { name: 'late', namespace: 'temp' } });
    await expect(late).rejects.toThrow('configmaps "late" is forbidden: unable to create new content in namespace temp because it is being terminated');
    await client.update(namespaces, { ...going, spec: { finalizers: [] } }, { subresource: 'finalize' });
    await expect(client.get(namespaces, undefined, 'temp')).rejects.toThrow('namespaces "temp" not found');
  });

  it('goes on after a restart: objects, versions, addresses', async () => {
    const first = await startServer();
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' }, spec: { ports: [{ port: 80 }], clusterIP: '10.96.5.5' } };
    const made = await first.client.create<KubeObject>(resourceTypes.services, service);
    first.api.stop();
    const second = await startServer({ store: first.store, clock: first.clock });
    expect(await second.client.get(resourceTypes.services, 'default', 's')).toEqual(made);
    await expect(second.client.create(resourceTypes.services, { ...service, metadata: { name: 't', namespace: 'default' } })).rejects.toThrow('provided IP is already allocated');
    const next = await second.client.create(resourceTypes.configMaps, configMap('next'));
    expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
  });

  it('forgets events after an hour or so', async () => {
    const { client, clock } = await startServer();
    const event = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      reason: 'Tested',
      message: 'it was',
      type: 'Normal',
    });
    await client.create(resourceTypes.events, event('old'));
    await clock.advance(30 * 60_000);
    await client.create(resourceTypes.events, event('young'));
    await clock.advance(32 * 60_000);
    expect((await client.list(resourceTypes.events)).items.map(({ metadata }) => metadata.name)).toEqual(['young']);
    await clock.advance(30 * 60_000);
    expect((await client.list(resourceTypes.events)).items).toEqual([]);
  });

  it('passes requests on to pods and services', async () => {
    const dialled: string[] = [];
    const program = createServer((request, response) => response.writeHead(418, { 'x-from': 'pod' }).end(`${request.method} ${request.url}`));
    const dial = async (ip: string, port: number) => {
      dialled.push(`${ip}:${port}`);
      if (port === 81) throw new Error('connect: connection refused');
      const { client: near, server: far } = memoryStreamPair({ ip: '10.0.0.1', port: 40_000 }, { ip, port });
      program.emit('connection', far);
      return near;
    };
    const { client, ask } = await startServer({ dial });
    const ports = [
      { name: 'web', port: 80 },
      { name: 'gone', port: 81 },
    ];
    await client.create(resourceTypes.services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' }, spec: { ports, clusterIP: '10.96.7.7' } });
    const proxied = await ask('/api/v1/namespaces/default/services/s:web/proxy/deep/er?x=1', { method: 'POST', body: 'hello' });
    expect([proxied.status, proxied.headers?.['x-from'], await streamed(proxied)]).toEqual([418, 'pod', 'POST /deep/er?x=1']);
    const refused = await ask('/api/v1/namespaces/default/services/s:81/proxy/');
    expect([refused.status, json(refused).message]).toEqual([503, 'error trying to reach service: dial tcp 10.96.7.7:81: connect: connection refused']);
    await client.create(resourceTypes.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 8080 }] }] },
    });
    await client.patch(resourceTypes.pods, 'default', 'p', { status: { podIP: '10.1.1.1' } }, 'application/merge-patch+json', { subresource: 'status' });
    expect(await streamed(await ask('/api/v1/namespaces/default/pods/p/proxy/'))).toBe('GET /');
    expect(dialled).toEqual(['10.96.7.7:80', '10.96.7.7:81', '10.1.1.1:8080']);
    expect((await ask('/api/v1/namespaces/default/services/s:web/proxy/', { user: bob })).status).toBe(403);
  });

  it('evicts', async () => {
    const { client } = await startServer();
    await client.create(resourceTypes.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
    await client.create(resourceTypes.pods, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p', namespace: 'default' } }, { name: 'p', subresource: 'eviction' });
    await expect(client.get(resourceTypes.pods, 'default', 'p')).rejects.toThrow('pods "p" not found');
  });
});
