import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpsClient } from '../../src/kube/https-client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import { adminRequest } from '../../src/pki/certificate-requests.ts';
import { startApiServer } from './apiserver-fixture.ts';

interface Identity {
  certificatePem: string;
  privateKeyPem?: string;
}

describe('API server over sockets', () => {
  let server: Awaited<ReturnType<typeof startApiServer>>;
  beforeAll(async () => {
    server = await startApiServer();
  });
  afterAll(() => server.close());

  const identify = (identity: Identity | undefined) => (identity ? { cert: identity.certificatePem, key: identity.privateKeyPem as string } : {});

  /** One request over HTTP/1.1. */
  const fetchH1 = (path: string, identity?: Identity, options: { method?: string; body?: string; headers?: Record<string, string> } = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const outgoing = request(
        `${server.url}${path}`,
        { ca: server.certificateAuthority, agent: false, method: options.method ?? 'GET', headers: options.headers ?? {}, ...identify(identity) },
        (answer) => {
          let body = '';
          answer.on('data', (chunk) => {
            body += chunk;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(options.body);
    });

  it('knows people and nodes by their certificates, and nobody by a stranger’s', async () => {
    expect((await fetchH1('/api/v1/namespaces/default/secrets', server.admin)).status).toBe(200);
    const node = await fetchH1('/api/v1/namespaces/default/secrets', server.node);
    expect(JSON.parse(node.body).message).toContain('User "system:node:node-1" cannot list resource "secrets"');
    expect((await fetchH1('/api/v1/nodes/node-1', server.node)).status).toBe(200);
    const stranger = await createCertificateAuthority({ clock: realClock, random: systemRandom, commonName: 'another-ca' });
    const forged = await fetchH1('/api/v1/nodes', await stranger.issue(adminRequest('mallory')));
    expect(JSON.parse(forged.body).message).toContain('User "system:anonymous"');
    expect(await fetchH1('/healthz')).toEqual({ status: 200, body: 'ok' });
  });

  it('limits the size of bodies', async () => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { x: 'x'.repeat(4 * 1024 * 1024) } });
    const answer = await fetchH1('/api/v1/namespaces/default/configmaps', server.admin, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([413, 'Request entity too large: limit is 3145728']);
  });

  it('survives clients that talk nonsense or vanish', async () => {
    const port = Number(new URL(server.url).port);
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00nonsense', '']) {
      await new Promise<void>((resolve) => {
        const socket = connectTcp(port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
    const session = connectHttp2(server.url, { ca: server.certificateAuthority, ...identify(server.admin) });
    session.on('error', () => {});
    for (let index = 0; index < 5; index++) session.request({ ':path': '/api/v1/pods?watch=true' }).on('error', () => {});
    await new Promise<void>((resolve) => session.once('connect', () => resolve()));
    session.destroy();
    expect((await fetchH1('/healthz')).body).toBe('ok');
  });

  it('refuses an upgrade it does not know, and one that is not allowed', async () => {
    const upgrade = { connection: 'Upgrade', upgrade: 'h2c' };
    const path = '/api/v1/namespaces/default/pods/nosuch/exec?command=x&stdout=true';
    expect((await fetchH1(path, server.admin, { method: 'POST', headers: upgrade })).status).toBe(404);
    expect((await fetchH1(path, undefined, { method: 'POST', headers: { connection: 'Upgrade', upgrade: 'websocket' } })).status).toBe(403);
  });

  it('is found again after a connection broke', async () => {
    const client = createHttpsClient({
      clock: realClock,
      server: server.url,
      certificateAuthority: server.certificateAuthority,
      clientCertificate: { certificate: server.admin.certificatePem, privateKey: server.admin.privateKeyPem },
    });
    let began = () => {};
    const beginning = new Promise<void>((resolve) => {
      began = resolve;
    });
    const ended = new Promise((resolve) => {
      client.watch(resourceTypes.namespaces, {}, { event: began, end: resolve });
    });
    await beginning;
    server.drop();
    await ended;
    expect((await client.get(resourceTypes.namespaces, undefined, 'default')).metadata.name).toBe('default');
    client.close();
    const nowhere = createHttpsClient({ clock: realClock, server: 'https://127.0.0.1:1', certificateAuthority: server.certificateAuthority });
    await expect(nowhere.raw('/version')).rejects.toThrow('the API server at https://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('serves connections that are no sockets', async () => {
    const { certificatePem: certificate, privateKeyPem: privateKey } = server.admin;
    const { url, certificateAuthority, dial } = server;
    const client = createHttpsClient({ clock: realClock, server: url, certificateAuthority, clientCertificate: { certificate, privateKey }, dial });
    const big: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'inside', namespace: 'default' }, data: { x: 'x'.repeat(500_000) } };
    const created = await client.create(resourceTypes.configMaps, big);
    expect(await client.get(resourceTypes.configMaps, 'default', 'inside')).toEqual(created);
    client.close();
  });

  it('drops a reader that does not read, while others go on', async () => {
    const configMap = (name: string, extra: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, ...extra });
    const session = connectHttp2(server.url, { ca: server.certificateAuthority, ...identify(server.admin) });
    const slow = session.request({ ':path': '/api/v1/namespaces/default/configmaps?watch=true' });
    await new Promise<void>((resolve) => slow.once('response', () => resolve()));
    const quick = createHttpsClient({
      clock: realClock,
      server: server.url,
      certificateAuthority: server.certificateAuthority,
      clientCertificate: { certificate: server.admin.certificatePem, privateKey: server.admin.privateKeyPem },
    });
    let seen = 0;
    let signal = { first: () => {}, last: () => {} };
    const first = new Promise<void>((resolve) => (signal = { ...signal, first: resolve }));
    const finished = new Promise<void>((resolve) => (signal = { ...signal, last: resolve }));
    const running = quick.watch(
      resourceTypes.configMaps,
      { namespace: 'default' },
      {
        event: (type, object) => {
          if (type !== 'BOOKMARK') seen++;
          if (object.metadata.name === 'first') signal.first();
          if (object.metadata.name === 'last') signal.last();
        },
        end: (error) => {
          throw error ?? new Error('the watch ended');
        },
      },
    );
    const { client } = server;
    await client.create(resourceTypes.configMaps, configMap('first'));
    await first;
    const names = Array.from({ length: 50 }, (_, index) => `slow-${index}`);
    const filler = 'x'.repeat(500);
    await Promise.all(names.map((name) => client.create(resourceTypes.configMaps, configMap(name))));
    // More than what the server holds for a reader, with room for what the sockets buffer.
    const rounds = 140;
    for (let done = 0; done < rounds; done++) {
      await Promise.all(names.map((name) => client.patch(resourceTypes.configMaps, 'default', name, { data: { filler, done: String(done) } }, 'application/merge-patch+json')));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.create(resourceTypes.configMaps, configMap('last'));
    await finished;
    running.stop();
    quick.close();
    expect(seen).toBeGreaterThanOrEqual(names.length * (rounds + 1) + 2);
    let text = '';
    slow.on('data', (chunk) => {
      text += chunk;
    });
    await new Promise<void>((resolve) => slow.on('close', () => resolve()));
    session.destroy();
    const lines = text.trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });
});
