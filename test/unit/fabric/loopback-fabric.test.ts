import { once } from 'node:events';
import { createServer as createHttpServer, get as httpGet } from 'node:http';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { claimBlock } from '../../../src/fabric/block-claim.ts';
import type { Fabric } from '../../../src/fabric/fabric.ts';
import { createLoopbackFabric, type Exposure } from '../../../src/fabric/loopback-fabric.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

const environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const block = '127.89.0.0/16';
const pod = { type: 'pod' as const, name: 'default/a' };
const service = { type: 'service' as const, name: 'default/s' };
const opened: Fabric[] = [];

function open(expose: Exposure, maxListeners?: number): Fabric {
  const fabric = createLoopbackFabric({ environment, blocks: [block], expose, ...(maxListeners === undefined ? {} : { maxListeners }) });
  opened.push(fabric);
  return fabric;
}

function read(at: { ip: string; port: number } | undefined): Promise<string> {
  const socket = connect({ host: at!.ip, port: at!.port });
  return text(socket);
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((fabric) => fabric.close()));
});

describe('loopback fabric', () => {
  it('answers plain clients of the machine on the same address, or says where', async () => {
    const fabric = open('all');
    const listener = await fabric.listen(pod, '127.89.1.1', 8080, ({ stream, source, remote }) => void stream.end(`${source.type} ${remote.ip}`));
    if (process.platform === 'linux') expect(listener.exposed).toEqual({ ip: '127.89.1.1', port: 8080 });
    expect(await read(listener.exposed)).toBe('outside 127.0.0.1');
    await listener.close();
    await expect(read(listener.exposed)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('hands a connection from outside to a pod', async () => {
    const fabric = open('all');
    const server = createHttpServer((_request, response) => response.end('pod'));
    await fabric.listen(pod, '127.89.1.1', 8080, ({ stream }) => server.emit('connection', stream));
    const listener = await fabric.listen(service, '127.89.200.1', 8080, (connection) => void fabric.handOff(connection, connection.source, '127.89.1.1', 8080));
    const answer = await new Promise<string>((resolve, reject) => {
      httpGet({ host: listener.exposed!.ip, port: listener.exposed!.port, agent: false }, (response) => resolve(text(response))).on('error', reject);
    });
    expect(answer).toBe('pod');
  });

  it('maps an address that someone else holds, and one that is not loopback, to 127.0.0.1', async () => {
    const foreign = createServer();
    foreign.listen({ host: process.platform === 'linux' ? '127.89.1.3' : '127.0.0.1', port: 8081 });
    await once(foreign, 'listening');
    const fabric = open('all');
    const taken = await fabric.listen(pod, '127.89.1.3', 8081, ({ stream }) => void stream.end('ours'));
    const elsewhere = await fabric.listen(pod, '100.96.0.1', 8081, ({ stream }) => void stream.end('elsewhere'));
    expect(taken.exposed?.ip).toBe('127.0.0.1');
    expect(await read(taken.exposed)).toBe('ours');
    expect(elsewhere.exposed?.ip).toBe('127.0.0.1');
    expect(await read(elsewhere.exposed)).toBe('elsewhere');
    foreign.close();
  });

  it.each([
    ['none', [false, false]],
    ['services', [false, true]],
    ['all', [true, true]],
  ] as const)('exposes %s', async (expose, expected) => {
    const fabric = open(expose);
    const listeners = [await fabric.listen(pod, '127.89.1.1', 8082, () => {}), await fabric.listen(service, '127.89.200.1', 8082, () => {})];
    expect(listeners.map((listener) => listener.exposed !== undefined)).toEqual(expected);
  });

  it('keeps room for services when there are very many listeners', async () => {
    const fabric = open('all', 1);
    const first = await fabric.listen(pod, '127.89.1.1', 8083, () => {});
    const second = await fabric.listen(pod, '127.89.1.2', 8083, () => {});
    const third = await fabric.listen(service, '127.89.200.1', 8083, () => {});
    expect([first, second, third].map((listener) => listener.exposed !== undefined)).toEqual([true, false, true]);
    expect(await text(await fabricDial(fabric))).toBe('');
  });
});

async function fabricDial(fabric: Fabric) {
  await fabric.listen(pod, '127.89.1.9', 80, ({ stream }) => void stream.end());
  return fabric.connect({ type: 'outside' }, '127.89.1.9', 80);
}

describe('claimBlock', () => {
  it('gives a block to one home and names the holder to others', async () => {
    const holder = { home: '/home/ann/kops', cluster: 'demo.k8s.local', pid: 4711 };
    const claim = await claimBlock(environment, '127.90.0.0/16', holder);
    const other = { home: '/home/bob', cluster: 'x.k8s.local', pid: 1 };
    await expect(claimBlock(environment, '127.90.0.0/16', other)).rejects.toMatchObject({
      code: 'BLOCK_IN_USE',
      exitCode: 5,
      message: 'address block 127.90.0.0/16 is in use by cluster demo.k8s.local of /home/ann/kops (process 4711)',
    });
    await expect(claimBlock(environment, '127.88.0.0/14', other)).rejects.toMatchObject({ code: 'BLOCK_IN_USE' });
    await claim.release();
    await (await claimBlock(environment, '127.88.0.0/14', other)).release();
  });
});
