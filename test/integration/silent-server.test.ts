import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHttpsClient, type HttpsClient } from '../../src/kube/https-client.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { startApiServer } from './apiserver-fixture.ts';

describe('a client whose API server falls silent', () => {
  let server: Awaited<ReturnType<typeof startApiServer>>;
  beforeAll(async () => {
    server = await startApiServer();
  });
  afterAll(() => server.close());

  const overTcp = () =>
    new Promise<Duplex>((resolve) => {
      const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1', () => resolve(socket));
    });

  function connect(dial: () => Promise<Duplex>): { client: HttpsClient; clock: VirtualClock } {
    const clock = new VirtualClock();
    const { url, certificateAuthority, admin } = server;
    const clientCertificate = { certificate: admin.certificatePem, privateKey: admin.privateKeyPem };
    return { clock, client: createHttpsClient({ server: url, certificateAuthority, clientCertificate, dial, clock }) };
  }

  it.each([
    ['a socket', overTcp],
    ['a stream', () => server.dial()],
  ])('hears that a watch over %s broke, and finds the server again', async (_name, dial) => {
    const line = new Line(await dial());
    const lines = [line];
    const { client, clock } = connect(async () => lines.pop() ?? dial());
    await client.get(resourceTypes.namespaces, undefined, 'default');
    await vi.waitFor(() => expect(clock.waiting, 'a client without requests has no timer').toBe(0));
    const ends: (Error | undefined)[] = [];
    await new Promise<void>((event) => client.watch(resourceTypes.namespaces, {}, { event: () => event(), end: (error) => ends.push(error) }));

    const { received } = line;
    await clock.advance(60_000);
    await vi.waitFor(() => expect(line.received, 'a quiet server answers the ping').toBeGreaterThan(received));
    await clock.advance(15_000);
    expect(ends, 'a quiet server is kept').toEqual([]);

    line.silent = true;
    await clock.advance(30_000);
    await clock.advance(14_000);
    expect(ends, 'a ping has 15 seconds').toEqual([]);
    await clock.advance(31_000);
    await vi.waitFor(() => expect(ends.map(String)).toEqual([expect.stringContaining('silent for 45 s or more')]));
    await vi.waitFor(() => expect(line.destroyed, 'the socket is given back').toBe(true));
    expect((await client.get(resourceTypes.namespaces, undefined, 'default')).metadata.name).toBe('default');
    client.close();
    await vi.waitFor(() => expect(clock.waiting).toBe(0));
  });

  it('hears it when the server does not even shake hands', async () => {
    const line = new Line(await server.dial());
    line.silent = true;
    const { client, clock } = connect(async () => line);
    const answer = expect(client.raw('/version')).rejects.toThrow('no TLS handshake within 10 s');
    await clock.advance(10_000);
    await answer;
    expect(line.destroyed).toBe(true);
  });
});

/** A connection whose other end can go as a machine without power does: no byte passes any more, and nobody says so. */
class Line extends Duplex {
  silent = false;
  received = 0;
  private readonly inner: Duplex;

  constructor(inner: Duplex) {
    super();
    this.inner = inner;
    inner.on('error', () => {});
    inner.on('data', (chunk: Buffer) => {
      if (this.silent) return;
      this.received += chunk.length;
      this.push(chunk);
    });
    inner.on('end', () => this.silent || this.push(null));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    if (this.silent) callback();
    else this.inner.write(chunk, () => callback());
  }

  override _read(): void {}

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.inner.destroy();
    callback(error);
  }
}
