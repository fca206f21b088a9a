import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EtcdTls } from '../../src/control-plane/store/etcd/etcd-member.ts';
import { type EtcdStoreOptions, openEtcdStore } from '../../src/control-plane/store/etcd/etcd-store.ts';
import type { Store } from '../../src/control-plane/store/store.ts';
import { type Clock, realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';

/** Empty, or why tests against etcd are skipped: for their names. */
export const etcdMissing = spawnSync('etcd', ['--version'], { stdio: 'ignore' }).status === 0 ? '' : ' (skipped: etcd is not installed, see .ci/run)';

/** Shortens the store's patience, which is ten seconds: four for one member. Elections take as long as they take. */
export const faster = (factor: number): Clock => ({
  now: () => realClock.now() * factor,
  setTimer: (delayMs, callback, options) => realClock.setTimer(delayMs / factor, callback, options),
  sleep: (delayMs, signal) => realClock.sleep(delayMs / factor, signal),
});

export interface EtcdMember {
  name: string;
  /** `127.0.0.1:port` */
  endpoint: string;
  /** As when the power fails. Its data stay. */
  kill(): Promise<void>;
  /** Again, with the data it had. */
  start(): void;
  /** Stops answering, with its connections open, until it is woken. */
  freeze(): void;
  wake(): void;
}

export interface EtcdFixture {
  members: EtcdMember[];
  endpoints: string[];
  /** What a client shows and believes. */
  tls?: EtcdTls;
  /** A store of its own on all members; the test closes it. */
  open(options?: Partial<EtcdStoreOptions>): Promise<Store>;
  stop(): Promise<void>;
}

/** A real etcd cluster on loopback, in a folder of its own; with `tls` clients need certificates. Elections take half a second. */
export async function startEtcd(options: { members?: number; tls?: boolean } = {}): Promise<EtcdFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'kops-ts-etcd-'));
  const names = Array.from({ length: options.members ?? 1 }, (_, index) => `member-${index + 1}`);
  const ports = await freePorts(names.length * 2);
  const tls = options.tls ? await certificates(folder) : undefined;
  const scheme = tls ? 'https' : 'http';
  const peers = names.map((name, index) => ({ name, endpoint: `127.0.0.1:${ports[index]}`, peer: `http://127.0.0.1:${ports[names.length + index]}` }));
  const initialCluster = peers.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const failed = new AbortController();
  const members = peers.map(({ name, endpoint, peer }) => {
    const client = `${scheme}://${endpoint}`;
    const flags = {
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': initialCluster,
      'heartbeat-interval': '50',
      'election-timeout': '500',
      ...tls?.serverFlags,
    };
    return member({ name, endpoint, flags, logFile: join(folder, `${name}.log`), failed });
  });
  const endpoints = peers.map(({ endpoint }) => endpoint);
  const open: EtcdFixture['open'] = (more) => openEtcdStore({ endpoints, ...(tls && { tls: tls.client }), clock: realClock, log: silentLog, signal: failed.signal, ...more });
  await (await open()).close();
  return {
    members,
    endpoints,
    ...(tls && { tls: tls.client }),
    open,
    stop: async () => {
      await Promise.all(members.map((one) => one.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function member(options: { name: string; endpoint: string; flags: Record<string, string>; logFile: string; failed: AbortController }): EtcdMember {
  const { name, endpoint, flags, logFile, failed } = options;
  const log = openSync(logFile, 'a');
  const run = (): ChildProcess => {
    const started = spawn(
      'etcd',
      Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      { stdio: ['ignore', log, log] },
    );
    started.once('exit', (code) => code !== null && failed.abort(new Error(`${name} ended with ${code}: ${readFileSync(logFile, 'utf8').slice(-1_000)}`)));
    return started;
  };
  let child = run();
  return {
    name,
    endpoint,
    kill: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
    start: () => {
      child = run();
    },
    freeze: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
  };
}

/** Certificates of somebody else's cluster. */
export async function strangerTls(): Promise<EtcdTls> {
  const { authority, client } = await clientCertificates();
  return { certificateAuthority: authority.certificatePem, certificate: client.certificatePem, privateKey: client.privateKeyPem };
}

async function clientCertificates() {
  const authority = await createCertificateAuthority({ clock: realClock, random: systemRandom, commonName: 'etcd-clients-ca' });
  return { authority, client: await authority.issue({ subject: { commonName: 'kube-apiserver' }, usages: ['client'] }) };
}

async function certificates(folder: string): Promise<{ client: EtcdTls; serverFlags: Record<string, string> }> {
  const { authority, client } = await clientCertificates();
  const server = await authority.issue({ subject: { commonName: 'etcd-server' }, ipAddresses: ['127.0.0.1'], usages: ['server', 'client'] });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    client: { certificateAuthority: authority.certificatePem, certificate: client.certificatePem, privateKey: client.privateKeyPem },
    serverFlags: {
      'cert-file': file('server.crt', server.certificatePem),
      'key-file': file('server.key', server.privateKeyPem),
      'trusted-ca-file': file('ca.crt', authority.certificatePem),
      'client-cert-auth': 'true',
    },
  };
}

/** All different: they are held until the last one is known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
