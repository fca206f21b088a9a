import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Fabric, Source } from '../../../src/fabric/fabric.ts';

const blockBase = '127.23';
const podA = { type: 'pod', namespace: 'default', name: 'a', ip: `${blockBase}.1.1`, node: 'n' } satisfies Source;
const podB = { type: 'pod', namespace: 'default', name: 'b', ip: `${blockBase}.1.2`, node: 'n' } satisfies Source;
const outside: Source = { type: 'outside' };
const owner = (name: string) => ({ type: 'pod' as const, name });

/** What every Fabric does. `blocks` given to the factory must be [`127.23.0.0/16`]. */
export function fabricContract(name: string, make: () => Fabric | Promise<Fabric>): void {
  describe(`fabric contract: ${name}`, () => {
    let fabric: Fabric;
    beforeEach(async () => {
      fabric = await make();
    });
    afterEach(() => fabric.close());

    it('carries bytes both ways and ends cleanly', async () => {
      await fabric.listen(owner('default/b'), podB.ip, 80, (connection) => void connection.stream.pipe(connection.stream));
      const stream = await fabric.connect(podA, podB.ip, 80);
      stream.end('hello');
      expect(await text(stream)).toBe('hello');
    });

    it('carries megabytes in order with a slow reader', async () => {
      const chunks = Array.from({ length: 64 }, (_, i) => Buffer.alloc(32 * 1024, i));
      await fabric.listen(owner('default/b'), podB.ip, 80, ({ stream }) => {
        for (const chunk of chunks) stream.write(chunk);
        stream.end();
      });
      const stream = await fabric.connect(podA, podB.ip, 80);
      let index = 0;
      let bytes = 0;
      for await (const chunk of stream) {
        expect((chunk as Buffer)[0]).toBeGreaterThanOrEqual(index);
        index = (chunk as Buffer)[0]!;
        bytes += (chunk as Buffer).length;
      }
      expect(bytes).toBe(64 * 32 * 1024);
    });

    it('tells the listener who dials', async () => {
      const seen: Connection[] = [];
      await fabric.listen(owner('default/b'), podB.ip, 80, (connection) => seen.push(connection));
      await fabric.connect(podA, podB.ip, 80);
      expect(seen[0]).toMatchObject({ source: podA, remote: { ip: podA.ip } });
    });

    it('serves node:http with keep-alive', async () => {
      const server = createServer((request, response) => response.end(`you asked ${request.url}`));
      await fabric.listen(owner('default/b'), podB.ip, 80, ({ stream }) => server.emit('connection', stream));
      expect(await get(await fabric.connect(podA, podB.ip, 80), '/x')).toBe('you asked /x');
    });

    it('serves node:http2', async () => {
      const server = createHttp2Server((request, response) => response.end(`h2 ${request.url}`));
      await fabric.listen(owner('default/b'), podB.ip, 80, ({ stream }) => server.emit('connection', stream));
      const stream = await fabric.connect(podA, podB.ip, 80);
      const client = connectHttp2('http://b', { createConnection: () => stream });
      const answers = ['/1', '/2'].map((path) => text(client.request({ ':path': path }).setEncoding('utf8')));
      expect(await Promise.all(answers)).toEqual(['h2 /1', 'h2 /2']);
      client.close();
    });

    it('carries TLS', async () => {
      const psk = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
      const ciphers = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
      const server = createTlsServer({ ...ciphers, pskCallback: () => psk }, (socket) => socket.end('secret'));
      await fabric.listen(owner('default/b'), podB.ip, 443, ({ stream }) => server.emit('connection', stream));
      const socket = await fabric.connect(podA, podB.ip, 443);
      const secure = connectTls({ ...ciphers, socket, pskCallback: () => ({ psk, identity: 'a' }), checkServerIdentity: () => undefined });
      expect(await text(secure)).toBe('secret');
    });

    it('refuses where nobody listens and has no route to foreign addresses', async () => {
      await expect(fabric.connect(podA, podA.ip, 81)).rejects.toMatchObject({ code: 'ECONNREFUSED', address: podA.ip, port: 81 });
      await expect(fabric.connect(podA, '8.8.8.8', 53)).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
      await expect(fabric.connect(podA, podB.ip, 80)).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
      const release = fabric.assign(podB.ip);
      await expect(fabric.connect(podA, podB.ip, 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      release();
      release();
      await expect(fabric.connect(podA, podB.ip, 80)).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
    });

    it('takes an address once and gives it back', async () => {
      const first = await fabric.listen(owner('default/b'), podB.ip, 80, () => {});
      await expect(fabric.listen(owner('default/c'), podB.ip, 80, () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' });
      expect(fabric.listeners().map(({ owner }) => owner.name)).toEqual(['default/b']);
      await first.close();
      await first.close();
      expect(fabric.listeners()).toEqual([]);
      await fabric.listen(owner('default/c'), podB.ip, 80, () => {});
    });

    it('lets open connections live when a listener closes', async () => {
      const listener = await fabric.listen(owner('default/b'), podB.ip, 80, ({ stream }) => void stream.pipe(stream));
      const stream = await fabric.connect(podA, podB.ip, 80);
      await listener.close();
      stream.end('still here');
      expect(await text(stream)).toBe('still here');
    });

    it('means the pod itself by 127.0.0.1', async () => {
      await fabric.listen(owner('default/a'), podA.ip, 80, ({ stream }) => void stream.end('a'));
      await fabric.listen(owner('default/b'), podB.ip, 80, ({ stream }) => void stream.end('b'), { loopbackOnly: true });
      for (const ip of ['127.0.0.1', 'localhost', '127.99.3.4', '::1']) {
        expect(await text(await fabric.connect(podA, ip, 80))).toBe('a');
        expect(await text(await fabric.connect(podB, ip, 80))).toBe('b');
      }
      await expect(fabric.connect(podA, podB.ip, 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });

    it('hands a connection over without a second hop', async () => {
      const seen: Connection[] = [];
      await fabric.listen(owner('default/b'), podB.ip, 80, (connection) => {
        seen.push(connection);
        connection.stream.end('from b');
      });
      const service = `${blockBase}.200.1`;
      await fabric.listen({ type: 'service', name: 'default/s' }, service, 80, (connection) => {
        expect(fabric.handOff(connection, connection.source, podA.ip, 80)).toBe(false);
        expect(fabric.handOff(connection, connection.source, podB.ip, 80)).toBe(true);
      });
      expect(await text(await fabric.connect(podA, service, 80))).toBe('from b');
      expect(seen[0]).toMatchObject({ source: podA, remote: { ip: podA.ip } });
    });

    it('resets the other end when one is destroyed with an error', async () => {
      await fabric.listen(owner('default/b'), podB.ip, 80, ({ stream }) => void stream.destroy(new Error('crash')));
      const stream = await fabric.connect(podA, podB.ip, 80);
      const [error] = await once(stream, 'error');
      expect(error).toMatchObject({ code: 'ECONNRESET' });
    });

    it('close ends every connection and refuses new ones', async () => {
      await fabric.listen(owner('default/b'), podB.ip, 80, () => {});
      const stream = await fabric.connect(podA, podB.ip, 80);
      const closed = once(stream, 'close');
      await fabric.close();
      await closed;
      await expect(fabric.connect(podA, podB.ip, 80)).rejects.toThrow();
      await expect(fabric.listen(owner('default/b'), podB.ip, 80, () => {})).rejects.toThrow();
    });

    it('never reaches a server of the user, whatever the address', async () => {
      const reached: string[] = [];
      const servers = await Promise.all(
        ['127.0.0.1', '0.0.0.0', '127.9.9.9'].map(async (host) => {
          const server = createTcpServer((socket) => {
            reached.push(host);
            socket.destroy();
          });
          server.listen({ host, port: 0, exclusive: true });
          await once(server, 'listening').catch(() => {});
          return server;
        }),
      );
      const ports = servers.map((server) => (server.address() as { port: number } | null)?.port).filter((port) => port !== undefined);
      const sources: Source[] = [podA, { type: 'node', name: 'n', ip: `${blockBase}.0.9` }, { type: 'loadBalancer', name: 'l' }, { type: 'controlPlane' }, outside];
      const addresses = [
        '127.0.0.1',
        'localhost',
        '127.9.9.9',
        '127.255.255.255',
        '0.0.0.0',
        '::1',
        '::ffff:127.0.0.1',
        '10.0.0.1',
        `${blockBase}.1.1`,
        '2130706433',
        '169.254.169.254',
        '0x7f.1',
        '',
      ];
      for (const from of sources) for (const ip of addresses) for (const port of ports) await expect(fabric.connect(from, ip, port)).rejects.toThrow();
      expect(reached).toEqual([]);
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    });
  });
}

export function get(stream: Duplex, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ path, headers: { connection: 'close' }, createConnection: () => stream }, (response) => resolve(text(response)));
    call.on('error', reject);
    call.end();
  });
}
