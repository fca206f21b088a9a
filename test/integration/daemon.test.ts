import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { DaemonClient, isAlive } from '../../providers/local/daemon/client.ts';
import { watchHolder } from '../../providers/local/daemon/lock.ts';
import { logFileSink } from '../../providers/local/daemon/log-file.ts';
import { type DaemonPaths, daemonPaths } from '../../providers/local/daemon/paths.ts';
import { createLocalProvider } from '../../providers/local/provider.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { applyPlan } from '../../src/plan/apply-plan.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { deleteAll } from '../../src/plan/delete-all.ts';
import { clusterName, modelInput } from '../contract/local-cloud-harness.ts';

// The SDK's word on old Node.js versions is no finding of a test.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const environment: Environment = { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables: {} };
const entry = fileURLToPath(new URL('./fake-daemon.ts', import.meta.url));
const homes: { folder: string; paths: DaemonPaths }[] = [];

function newHome(name = 'home'): DaemonPaths {
  const folder = mkdtempSync(join(tmpdir(), 'kops-ts-daemon-'));
  const paths = daemonPaths(join(folder, name));
  homes.push({ folder, paths });
  return paths;
}

const clientOf = (paths: DaemonPaths) => new DaemonClient(environment, paths, entry);

async function apply(client: DaemonClient, nodes = 1, block = '127.101'): Promise<number> {
  const provider = createLocalProvider(client.cloud());
  const input = modelInput(nodes, clusterName, block);
  const actual = await provider.inventory(clusterName, environment.signal);
  const plan = buildPlan({ clusterName, provider: 'local', region: 'local-1', desired: provider.model(input), actual, kinds: provider.kinds });
  await applyPlan(plan, { kinds: provider.kinds, environment, onEvent: () => {} });
  return plan.actions.filter((action) => action.action !== 'none').length;
}

async function deleteCluster(client: DaemonClient): Promise<void> {
  const provider = createLocalProvider(client.cloud());
  await deleteAll({ inventory: () => provider.inventory(clusterName, environment.signal), kinds: provider.kinds, environment, onEvent: () => {} });
}

function read(ip: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, ip);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
  });
}

/** What the first healthy target says; machines boot behind the load balancer meanwhile. */
async function answerOf(ip: string, port: number): Promise<string> {
  for (;;) {
    const text = await read(ip, port).catch(() => '');
    if (text) return text;
    await realClock.sleep(20);
  }
}

afterEach(async () => {
  for (const { folder, paths } of homes.splice(0)) {
    const client = clientOf(paths);
    await client.stop();
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the daemon of the local cloud', () => {
  it('starts once however many ask, serves one home on a private socket, and goes when told', async () => {
    const paths = newHome();
    const clients = Array.from({ length: 4 }, () => clientOf(paths));
    await Promise.all(clients.map((client) => client.start()));
    const pids = await Promise.all(clients.map(async (client) => (await client.hello())?.pid));
    expect(new Set(pids).size).toBe(1);
    expect(statSync(paths.socket).mode & 0o777).toBe(0o600);
    expect(statSync(paths.folder).mode & 0o777).toBe(0o700);
    const status = await clients[0]?.status();
    expect(status).toMatchObject({ state: 'running', home: paths.home, processes: [{ pid: pids[0], role: 'daemon' }], clusters: [] });
    expect(await clients[0]?.stop()).toBe(true);
    expect(isAlive(pids[0] ?? 0)).toBe(false);
    expect(existsSync(paths.socket)).toBe(false);
    expect((await clients[0]?.status())?.state).toBe('stopped');
    await Promise.all(clients.map((client) => client.close()));
  });

  it('is back after kill -9 with everything that was acknowledged, and plain clients reach the load balancer again', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    await apply(client);
    const before = await client.cloud().groups(clusterName);
    const node = before.find((group) => group.instanceGroup === 'control-plane-local-1a')?.instances[0]?.nodeName;
    const api = (await client.status()).clusters[0]?.addresses.find((address) => address.kind === 'loadBalancer')?.ports?.find(({ port }) => port === 443)?.reachedAt ?? '';
    const [ip = '', port = ''] = api.split(':');
    expect(await answerOf(ip, Number(port))).toBe(node);
    const first = await client.hello();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await watchHolder(paths.lock, 'gone');
    const next = clientOf(paths);
    const groups = await next.cloud().groups(clusterName);
    expect(groups.map((group) => group.instances.map((instance) => instance.id))).toEqual(before.map((group) => group.instances.map((instance) => instance.id)));
    expect((await next.hello())?.pid).not.toBe(first?.pid);
    expect(await answerOf(ip, Number(port))).toBe(node);
    expect(await apply(next)).toBe(0);
    await Promise.all([client.close(), next.close()]);
  });

  it('loses nothing when it is killed in the middle of an apply: the same apply goes on and doubles nothing', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    const provider = createLocalProvider(client.cloud());
    const plan = buildPlan({
      clusterName,
      provider: 'local',
      region: 'local-1',
      desired: provider.model(modelInput(2, clusterName, '127.101')),
      actual: [],
      kinds: provider.kinds,
    });
    let done = 0;
    await applyPlan(plan, {
      kinds: provider.kinds,
      environment,
      concurrency: 4,
      onEvent: (event) => {
        if (event.type === 'succeeded' && [3, 9].includes(++done)) void client.hello().then((hello) => process.kill(hello?.pid ?? 0, 'SIGKILL'));
      },
    });
    expect(await apply(client, 2)).toBe(0);
    const resources = await client.cloud().describe(clusterName);
    expect(resources).toHaveLength(plan.actions.length);
    await client.close();
  });

  it('stays stopped until it is started, and says how', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    await apply(client);
    await client.stop();
    await expect(clientOf(paths).cloud().groups(clusterName)).rejects.toMatchObject({ code: 'LOCAL_CLOUD_STOPPED', suggestions: ['kops-ts local start'] });
    await client.start();
    expect(await client.cloud().groups(clusterName)).toHaveLength(2);
    await client.close();
  });

  it('ends with its last cluster and leaves no process, socket or resource', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    await apply(client);
    const pid = (await client.hello())?.pid ?? 0;
    await deleteCluster(client);
    await client.close();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(paths.folder)).toBe(false);
  });

  it('does not disturb another home; a block that one holds is refused to the other by name', async () => {
    const [mine, theirs] = [newHome('mine'), newHome('theirs')];
    const [first, second] = [clientOf(mine), clientOf(theirs)];
    await apply(first);
    await expect(apply(second)).rejects.toMatchObject({ message: expect.stringContaining(mine.home) });
    expect(await first.cloud().reserveBlock('other.k8s.local', 16)).not.toBe('127.101.0.0/16');
    expect(await apply(second, 1, '127.100')).toBeGreaterThan(0);
    expect((await first.status()).clusters).toHaveLength(1);
    await Promise.all([first.close(), second.close()]);
  });

  it('opens its object storage when it is asked for, and is back with it, key and address as long as it has a bucket', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    await client.start();
    expect((await client.status()).objectStorage).toBeUndefined();
    const access = await client.objectStorage();
    await client.close();
    const { endpoint, ...key } = access;
    const s3 = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: key, maxAttempts: 1 });
    await s3.send(new CreateBucketCommand({ Bucket: 'state' }));
    const pid = (await client.hello())?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await watchHolder(paths.lock, 'gone');
    await expect(s3.send(new ListBucketsCommand({}))).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
    const next = clientOf(paths);
    await next.start();
    expect((await next.status()).objectStorage).toEqual({ endpoint, buckets: ['state'] });
    expect(await next.objectStorage()).toEqual(access);
    await next.stop();
    await expect(clientOf(paths).objectStorage()).rejects.toMatchObject({ code: 'LOCAL_CLOUD_STOPPED' });
    await next.start();
    await s3.send(new DeleteBucketCommand({ Bucket: 'state' }));
    const last = clientOf(paths);
    await last.cloud().describe('none');
    await last.close();
    expect(await last.hello()).toBeUndefined();
    s3.destroy();
    await Promise.all([client.close(), next.close()]);
  });

  it('keeps its socket short where the home is deep', async () => {
    const paths = newHome(`${'deep/'.repeat(25)}home`);
    expect(Buffer.byteLength(paths.socket)).toBeLessThanOrEqual(100);
    const client = clientOf(paths);
    await client.start();
    expect((await client.hello())?.home).toBe(paths.home);
    await client.close();
  });

  it('names both versions and the way out when another version runs', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    await client.start();
    const older = clientOf(paths);
    Object.assign(older, { version: '0.0.1' });
    await expect(older.cloud().groups(clusterName)).rejects.toMatchObject({
      code: 'DAEMON_VERSION',
      message: expect.stringContaining('0.0.1'),
      suggestions: [expect.stringContaining('kops-ts local stop')],
    });
    expect((await older.status()).state).toBe('running');
    await Promise.all([client.close(), older.close()]);
  });

  it('names a corrupt state file, keeps it, and runs', async () => {
    const paths = newHome();
    const client = clientOf(paths);
    await apply(client);
    await client.stop();
    const file = join(paths.folder, 'cloud', 'clusters', `${clusterName}.json`);
    writeFileSync(file, 'not json');
    await client.start();
    const { problems, clusters } = await client.status();
    expect({ problems, clusters }).toMatchObject({ problems: [{ file, keptAs: `${file}.corrupt` }], clusters: [] });
    expect(readFileSync(`${file}.corrupt`, 'utf8')).toBe('not json');
    await client.close();
  });
});

describe('the log of the daemon', () => {
  it('begins anew when it is full and keeps one old file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kops-ts-log-'));
    const sink = logFileSink(join(folder, 'daemon.log'), 100);
    for (let i = 0; i < 30; i++) sink(`line ${i} of the log\n`);
    expect(readdirSync(folder).sort()).toEqual(['daemon.log', 'daemon.log.1']);
    expect(readFileSync(join(folder, 'daemon.log'), 'utf8')).toContain('line 29');
    expect(statSync(join(folder, 'daemon.log.1')).size).toBeLessThan(150);
    rmSync(folder, { recursive: true });
  });
});
