import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { daemonPaths } from '../../providers/local/daemon/paths.ts';
import { curl, entry, eventually, has, type Outcome, processesWith, run, Workplace } from './harness.ts';

const places: Workplace[] = [];
function newPlace(extra: NodeJS.ProcessEnv = {}): Workplace {
  const place = new Workplace(extra);
  places.push(place);
  return place;
}
afterAll(() => Promise.all(places.map((place) => place.close())));

const plain = newPlace();
const create = (name: string, ...args: string[]) => plain.kops('create', 'cluster', name, ...args);

/** A refusal: its exit code, and everything its message must name. Standard output stays empty. */
function expectRefusal(outcome: Outcome, code: number, ...named: string[]): void {
  expect({ code: outcome.code, stdout: outcome.stdout }, outcome.stderr).toEqual({ code, stdout: '' });
  for (const text of named) expect(outcome.stderr).toContain(text);
}

async function storeCluster(place: Workplace, name: string): Promise<void> {
  const stored = await place.kops('create', 'cluster', name, '--zones', 'local-1a');
  expect(stored.code, stored.stderr).toBe(0);
}

describe('input that cannot be', () => {
  it.concurrent.each([
    ['a zone that is none', ['ok.k8s.local', '--zones', 'nozone'], 64, ['"nozone" is not a zone', 'local-1a']],
    ['zones of two regions', ['ok.k8s.local', '--zones', 'local-1a,local-2a'], 64, ['local-1a is in local-1', 'local-2a is in local-2', 'one region']],
    ['zones of two clouds', ['ok.k8s.local', '--zones', 'local-1a,us-east-1a'], 64, ['local-1a is a zone of local', 'us-east-1a is a zone of aws']],
    ['no DNS name', ['Bad_Name', '--zones', 'local-1a'], 3, ['Cluster/Bad_Name', 'must be a DNS name', 'bad-name.k8s.local']],
    ['a field that is none', ['ok.k8s.local', '--zones', 'local-1a', '--set', 'spec.kubernetesVersoin=1'], 64, ['spec.kubernetesVersoin', 'did you mean kubernetesVersion?']],
    ['a machine type that is none', ['ok.k8s.local', '--zones', 'local-1a', '--node-size', 't3.mediun'], 3, ['t3.mediun', 'did you mean t3.medium?']],
  ])('%s', async (_what, args, code, named) => {
    expectRefusal(await plain.kops('create', 'cluster', ...args), code, ...named);
  });

  it('a state store that nobody answers at', async () => {
    const place = newPlace({ S3_ENDPOINT: 'http://127.0.0.1:9', S3_REGION: 'us-east-1', S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' });
    expectRefusal(await place.kops('get', 'clusters', '--state', 's3://bucket'), 6, 's3://bucket', 'http://127.0.0.1:9', 'S3_ENDPOINT');
  });

  it('a dry run makes no file and no process', async () => {
    const place = newPlace();
    const dry = await place.kops('create', 'cluster', 'ok.k8s.local', '--zones', 'local-1a', '--dry-run');
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).toContain('networkCIDR: 127.16.0.0/18');
    expect(await processesWith(place.home)).toEqual([]);
    expect(readdirSync(place.folder)).toEqual([]);
  });

  it('lines on standard input are not the name of a cluster', async () => {
    const place = newPlace();
    const listed = await run(process.execPath, [entry, 'get', 'clusters'], place.env, 'other.k8s.local\n');
    expect({ code: listed.code, stderr: listed.stderr }).toEqual({ code: 0, stderr: expect.stringContaining('No clusters found') });
  });

  it('what was refused has left nothing: no cluster, no process, no reserved block', async () => {
    const dry = await create('ok.k8s.local', '--zones', 'local-1a', '--dry-run');
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).toContain('kind: InstanceGroup');
    expect((await plain.kops('get', 'clusters')).stderr).toContain('No clusters found');
    expect(await processesWith(plain.home)).toEqual([]);
    expect(existsSync(join(plain.home, 'local', 'cloud', 'blocks.json'))).toBe(false);
  });

  it('unknown fields of files, a name that is taken, a name that is not there', async () => {
    await storeCluster(plain, 'demo.k8s.local');
    const file = join(plain.folder, 'bad.yaml');
    writeFileSync(file, 'apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: demo.k8s.local\nspec:\n  cloudProvider: local\n  kubernetesVersoin: 1.36.0\n');
    const before = readFileSync(join(plain.home, 'state', 'demo.k8s.local', 'config'), 'utf8');
    const field = ['Cluster/demo.k8s.local', 'spec.kubernetesVersoin', 'did you mean kubernetesVersion?'];
    expectRefusal(await plain.kops('create', '-f', file), 3, ...field);
    expectRefusal(await plain.kops('replace', '-f', file), 3, ...field);
    expectRefusal(await create('demo.k8s.local', '--zones', 'local-1a'), 5, '"demo.k8s.local" already exists', 'kops-ts update cluster demo.k8s.local');
    expectRefusal(await plain.kops('update', 'cluster', 'dem.k8s.local', '--yes'), 4, '"dem.k8s.local" not found', 'Did you mean demo.k8s.local?');
    expect(readFileSync(join(plain.home, 'state', 'demo.k8s.local', 'config'), 'utf8')).toBe(before);
  });
});

describe.concurrent('files', () => {
  // As in a container that runs as a number: no entry in the user database, and no SHELL.
  const user = ['--reuid', '12345', '--regid', '12345', '--clear-groups', 'env', '-u', 'SHELL', process.execPath];
  const asUser = (place: Workplace, ...args: string[]) => run('setpriv', [...user, entry, ...args], place.env);

  /** Why no command can be run as another user, for the names of tests; empty: it can. A checkout in a folder of mode 0700 is its owner's alone. */
  function userMissing(): string {
    if (process.getuid?.() !== 0 || !has('setpriv')) return ' (skipped: needs root and setpriv)';
    return spawnSync('setpriv', [...user, '--check', entry]).status === 0 ? '' : ` (skipped: other users cannot read ${entry})`;
  }
  const missing = userMissing();

  it.skipIf(missing)(`a home that may not be written is named, with the way out${missing}`, async () => {
    const place = newPlace();
    mkdirSync(place.home, { recursive: true });
    chmodSync(place.folder, 0o755);
    for (const args of [
      ['create', 'cluster', 'ro.k8s.local', '--zones', 'local-1a', '--yes'],
      ['local', 'start'],
    ]) {
      expectRefusal(await asUser(place, ...args), 6, `cannot write to ${place.home}`, 'KOPS_TS_HOME');
    }
    expect(readdirSync(place.home)).toEqual([]);
  });

  it.skipIf(missing || !has('kubectl'))(`a user without rights gets a cluster too, and every address that had to move is shown${missing}`, async () => {
    const place = newPlace();
    chmodSync(place.folder, 0o755);
    mkdirSync(place.home);
    chownSync(place.folder, 12345, 12345);
    chownSync(place.home, 12345, 12345);
    const made = await asUser(place, 'create', 'cluster', 'user.k8s.local', '--zones', 'local-1a', '--yes', '--wait', '60s');
    expect(made.code, made.stderr).toBe(0);
    await place.kubectl('create', 'deployment', 'web', '--image=nginx');
    await place.kubectl('expose', 'deployment', 'web', '--port=80', '--type=LoadBalancer');
    const status = JSON.parse((await asUser(place, 'local', 'status', '-o', 'json')).stdout) as { clusters: { api: string; mapped: { address: string; reachedAt: string }[] }[] };
    const [cluster] = status.clusters;
    await eventually('the service tells where it is reached', async () => {
      const described = await place.kubectl('describe', 'service', 'web');
      const ip = /LoadBalancer Ingress:\s+(\S+)/.exec(described.stdout)?.[1] ?? '';
      const moved = /LoadBalancerAddress .*port 80 of .* is served at (\S+):/.exec(described.stdout)?.[1];
      // Some systems allow everybody port 80.
      expect((await curl(`http://${moved ?? ip}/`)).stdout).toContain('nginx');
    });
    if (!cluster?.api.startsWith('https://127.0.0.1:')) expect(cluster?.mapped).toEqual([]);
    else expect(cluster.mapped.map(({ reachedAt }) => `https://${reachedAt}`)).toContain(cluster.api);
    expect((await asUser(place, 'delete', 'cluster', 'user.k8s.local', '--yes')).code).toBe(0);
  });

  it('damaged state is named and kept aside; the other clusters work', async () => {
    const place = newPlace();
    await storeCluster(place, 'good.k8s.local');
    const made = await place.kops('create', 'cluster', 'bad.k8s.local', '--zones', 'local-1a', '--yes');
    expect(made.code, made.stderr).toBe(0);
    await place.kops('local', 'stop');
    const cloudFile = join(place.home, 'local', 'cloud', 'clusters', 'bad.k8s.local.json');
    const whole = readFileSync(cloudFile);
    writeFileSync(cloudFile, '{');
    expect((await place.kops('local', 'start')).stderr).toContain(`${cloudFile}.corrupt`);
    expectRefusal(await place.kops('get', 'instances', '--name', 'bad.k8s.local'), 6, 'bad.k8s.local.json.corrupt', 'kops-ts delete cluster bad.k8s.local --yes');
    expect(readFileSync(`${cloudFile}.corrupt`, 'utf8')).toBe('{');
    writeFileSync(cloudFile, whole);
    await place.kops('local', 'stop');
    await place.kops('local', 'start');
    expect((await place.kops('get', 'instances', '--name', 'bad.k8s.local')).stdout).toContain('nodes-local-1a');

    const config = join(place.home, 'state', 'bad.k8s.local', 'config');
    writeFileSync(config, '{ not: [yaml');
    const listed = await place.kops('get', 'clusters');
    expect({ code: listed.code, rows: listed.stdout.split('\n').length }, listed.stdout).toEqual({ code: 0, rows: 3 });
    expect(listed.stdout).toContain('good.k8s.local');
    expect(listed.stderr).toContain('bad.k8s.local/config');
    expectRefusal(await place.kops('update', 'cluster', 'bad.k8s.local'), 3, 'bad.k8s.local/config', 'Correct it');
    expect(readFileSync(config, 'utf8')).toBe('{ not: [yaml');
  });
});

describe.concurrent('what others have', () => {
  it("a block of another home: refused by its holder's name, and the way out", async () => {
    const [one, two] = [newPlace(), newPlace()];
    const made = await one.kops('create', 'cluster', 'one.k8s.local', '--zones', 'local-1a', '--yes');
    expect(made.code, made.stderr).toBe(0);
    const block = /networkCIDR: (\d+\.\d+)\./.exec(readFileSync(join(one.home, 'state', 'one.k8s.local', 'config'), 'utf8'))?.[1];
    const refused = await two.kops('create', 'cluster', 'two.k8s.local', '--zones', 'local-1a', '--network-cidr', `${block}.0.0/16`, '--yes');
    expect(refused.code).toBe(5);
    for (const text of [`address block ${block}.0.0/16 is in use by cluster one.k8s.local of ${one.home}`, `KOPS_TS_HOME=${one.home} kops-ts local stop`])
      expect(refused.stderr).toContain(text);
    expect((await two.kops('delete', 'cluster', 'two.k8s.local', '--yes')).code).toBe(0);
  });

  it.runIf(has('kubectl'))('a port that a program of the user has: the API is served elsewhere, and kubectl finds it', async () => {
    const place = newPlace();
    // A block of its own: the address must be taken before the cluster asks for it.
    const own = [
      '--network-cidr',
      '127.93.0.0/18',
      '--set',
      'spec.serviceClusterIPRange=127.93.64.0/18',
      '--set',
      'spec.podCIDR=127.93.128.0/17',
      '--set',
      'spec.nonMasqueradeCIDR=127.93.128.0/17',
    ];
    const server = createServer((socket) => socket.end('mine\n'));
    const taken = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(443, '127.93.0.10', () => resolve(true)));
    try {
      const made = await place.kops('create', 'cluster', 'port.k8s.local', '--zones', 'local-1a', ...own, '--yes');
      expect(made.code, made.stderr).toBe(0);
      await eventually('kubectl is answered', async () => expect((await place.kubectl('get', 'namespaces')).stdout).toContain('kube-system'));
      const shown = (await place.kops('local', 'status')).stdout;
      if (taken) expect(shown).toMatch(/127\.93\.0\.10:443 +127\.0\.0\.1:\d+/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('a local cloud of another version says so, and goes when told', async () => {
    const place = newPlace();
    const { socket } = daemonPaths(place.home);
    const calls: string[] = [];
    const gone = spawn('true').pid;
    const other = createHttpServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { operation } = JSON.parse(Buffer.concat(chunks).toString()) as { operation: string };
      calls.push(operation);
      response.end(JSON.stringify({ result: operation === 'hello' ? { version: '0.0.1', pid: gone, home: place.home } : null }));
    });
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    try {
      const refused = await place.kops('create', 'cluster', 'v.k8s.local', '--zones', 'local-1a', '--yes');
      expectRefusal(refused, 5, 'runs version 0.0.1', 'kops-ts local stop && kops-ts local start');
      expect((await place.kops('local', 'stop')).code).toBe(0);
      expect(calls).toContain('stop');
    } finally {
      other.closeAllConnections();
      await new Promise((resolve) => other.close(resolve));
    }
  });
});

describe('Ctrl-C', () => {
  /** Runs until it has printed `sign`, then interrupts. */
  function interrupted(place: Workplace, sign: RegExp, args: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [entry, ...args], { env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
      const seen = { stdout: '', stderr: '' };
      let told = false;
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream].on('data', (chunk: Buffer) => {
          seen[stream] += chunk.toString();
          if (told || !sign.test(seen[stream])) return;
          told = true;
          child.kill('SIGINT');
        });
      }
      child.once('close', (code) => resolve({ code: code ?? -1, ...seen }));
    });
  }

  it('stops an apply anywhere with 130: the lock is free, nothing is doubled, the next run goes on', async () => {
    const place = newPlace();
    const name = 'stop.k8s.local';
    const args = ['create', 'cluster', name, '--zones', 'local-1a', '--yes', '--wait', '60s'];
    const first = await interrupted(place, /Will create/, args);
    expect(first.code, first.stderr).toBe(130);
    expect(first.stderr).toContain(`kops-ts update cluster ${name} --yes`);
    for (const sign of [/created/, /LoadBalancer\S* created/]) {
      const outcome = await interrupted(place, sign, ['update', 'cluster', name, '--yes']);
      // It may have been done before it was told to stop.
      expect([0, 130], outcome.stdout + outcome.stderr).toContain(outcome.code);
      expect(readdirSync(join(place.home, 'state'), { recursive: true }).filter((file) => /lock/i.test(String(file)))).toEqual([]);
    }
    const last = await place.kops('update', 'cluster', name, '--yes');
    expect(last.code, last.stderr).toBe(0);
    const status = JSON.parse((await place.kops('local', 'status', '-o', 'json')).stdout) as { clusters: { addresses: unknown[] }[] };
    expect(status.clusters[0]?.addresses).toHaveLength(3);
    expect((await place.kops('update', 'cluster', name)).stdout).toContain('No changes');
  });
});
