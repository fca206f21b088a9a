import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/fabric/fabric.ts';
import { createHostFabric, type HostFabric } from '../../../src/fabric/host-fabric.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

const environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const networking = { networkCIDR: '127.24.240.0/24', podCIDR: '127.24.0.0/18', serviceClusterIPRange: '127.24.128.0/18', nodePodCIDRPrefix: 24 };
const pod = (name: string, ip: string, node: string) => ({ type: 'pod' as const, namespace: 'default', name, ip, node });
const owner = { type: 'pod' as const, name: 'default/web' };
const near = pod('near', '127.24.1.5', 'a');
const opened: HostFabric[] = [];

/** One machine's network. */
async function machine(routes: string[] = [], networks = networking): Promise<HostFabric> {
  const fabric = createHostFabric({ environment, blocks: ['127.24.240.0/24'], addLocalRoute: async (cidr) => void routes.push(cidr) });
  opened.push(fabric);
  await fabric.open(networks);
  return fabric;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((fabric) => fabric.close()));
});

describe.skipIf(process.platform !== 'linux')('the network of a machine of its own', () => {
  it('reaches pods of other machines over TCP, from the address of the pod that dials', async () => {
    const [a, b] = [await machine(), await machine()];
    const seen: Connection[] = [];
    await b.listen(owner, '127.24.2.7', 8080, (connection) => {
      seen.push(connection);
      connection.stream.pipe(connection.stream);
    });
    const stream = await a.connect(near, '127.24.2.7', 8080);
    stream.end('over the wire');
    expect(await text(stream)).toBe('over the wire');
    expect(seen).toMatchObject([{ source: { type: 'outside' }, remote: { ip: near.ip } }]);
    await expect(a.connect(near, '127.24.2.7', 8081)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('what a pod binds to its loopback has no socket', async () => {
    const [a, b] = [await machine(), await machine()];
    await b.listen(owner, '127.24.2.7', 8082, () => {}, { loopbackOnly: true });
    await expect(a.connect(near, '127.24.2.7', 8082)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('a port that another program has is an error, and can be had later', async () => {
    const a = await machine();
    const foreign = createServer();
    await new Promise<void>((resolve) => foreign.listen(8083, '127.24.1.9', resolve));
    await expect(a.listen(owner, '127.24.1.9', 8083, () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(a.listeners()).toEqual([]);
    await new Promise((resolve) => foreign.close(resolve));
    expect((await a.listen(owner, '127.24.1.9', 8083, () => {})).exposed).toEqual({ ip: '127.24.1.9', port: 8083 });
  });

  it('programs of the machine are no part of the cluster, whatever address they listen on', async () => {
    const a = await machine();
    const reached: string[] = [];
    const program = createServer((socket) => {
      reached.push('program');
      socket.destroy();
    });
    await new Promise<void>((resolve) => program.listen(8084, '0.0.0.0', resolve));
    for (const ip of ['127.0.0.1', near.ip, '127.24.1.77', '127.24.130.1', '127.25.0.1', '8.8.8.8', '169.254.169.254']) await expect(a.connect(near, ip, 8084)).rejects.toThrow();
    expect(reached).toEqual([]);
    await new Promise((resolve) => program.close(resolve));
  });

  it('makes the node’s part of the pods and all Services local, once each', async () => {
    const routes: string[] = [];
    const a = await machine(routes, { networkCIDR: '10.0.0.0/16', podCIDR: '100.96.0.0/11', serviceClusterIPRange: '100.64.0.0/13', nodePodCIDRPrefix: 24 });
    const release = a.assign('100.96.3.7');
    a.assign('100.96.3.8');
    release();
    expect(routes).toEqual(['100.64.0.0/13', '100.96.3.0/24']);
  });
});

describe('networks that a machine cannot have', () => {
  it.each([
    ['pods with addresses of machines', { podCIDR: '172.20.0.0/16' }, 'podCIDR 172.20.0.0/16 is no IPv4 block of its own'],
    ['pods in a part of the network', { podCIDR: '172.20.64.0/18' }, 'podCIDR 172.20.64.0/18'],
    ['pods with IPv6 addresses', { podCIDR: '::/0' }, 'podCIDR ::/0'],
    ['Services with addresses of machines', { serviceClusterIPRange: '172.20.0.0/20' }, 'serviceClusterIPRange 172.20.0.0/20'],
  ])('%s', async (_what, changes, message) => {
    const routes: string[] = [];
    const fabric = createHostFabric({ environment, blocks: ['172.20.0.0/16'], addLocalRoute: async (cidr) => void routes.push(cidr) });
    const network = { networkCIDR: '172.20.0.0/16', podCIDR: '100.96.0.0/11', serviceClusterIPRange: '100.64.0.0/13', nodePodCIDRPrefix: 24, ...changes };
    await expect(fabric.open(network)).rejects.toMatchObject({ code: 'UNSUPPORTED_NETWORK', message: expect.stringContaining(message) });
    expect(routes).toEqual([]);
  });
});

const isolated = spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']).status === 0 ? '' : ' (skipped: needs root, unshare and ip)';

describe.skipIf(isolated)(`in a network namespace${isolated}`, () => {
  it('pods and Services have their real addresses', () => {
    const script = join(import.meta.dirname, 'host-fabric-in-namespace.ts');
    const { stdout, stderr } = spawnSync('unshare', ['-n', process.execPath, '--import', 'tsx', script], { timeout: 15_000 });
    expect(stdout.toString().trim().split('\n'), stderr.toString()).toEqual([
      'pod 100.96.3.7: from 100.96.3.8',
      'service 100.64.0.10: hello',
      'local routes: 100.64.0.0/13 100.96.3.0/24',
    ]);
  });
});
