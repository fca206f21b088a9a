import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BootConfig, hashNodeConfig, type NodeConfig } from '../../src/bootstrap/node-config.ts';
import { documentPath, nodeDocuments } from '../../src/bootstrap/node-documents.ts';
import { formatUserData, parseUserData } from '../../src/bootstrap/user-data.ts';
import { createHttpsClient, type HttpsClient } from '../../src/kube/https-client.ts';
import { realClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { formatYaml, parseYaml } from '../../src/lib/yaml.ts';
import { adminRequest } from '../../src/pki/certificate-requests.ts';
import { authorityOf, createKeyset, etcdKeysetNames, formatKeyset, keysetNames, trustBundle } from '../../src/pki/keyset.ts';
import type { CompletedCluster } from '../../src/spec/types.ts';

/** What the machines see of the cloud. */
export interface CloudFile {
  clusterName: string;
  network: string;
  instances: Record<string, { ip: string; zone: string }>;
  /** By member of etcd. */
  volumes: Record<string, { holder?: string }>;
}

const found = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const privileged = process.platform === 'linux' && process.getuid?.() === 0 && found('unshare', '-m', 'true');
/** Empty, or why there is no etcd cluster of machines here: for the names of tests. */
export const etcdMachinesMissing = !privileged
  ? ' (skipped: port 443 on addresses of 127.0.0.0/8 and hosts files of their own need Linux and root)'
  : found('/usr/bin/etcd', '--version')
    ? ''
    : ' (skipped: /usr/bin/etcd is not installed)';

const clusterName = 'ha.example.com';
const group = 'control-plane';

/** Control plane machines with a real etcd on each: processes of their own, which know each other by what the cloud says. */
export class EtcdCloud {
  readonly folder = mkdtempSync(join(tmpdir(), 'kops-ts-etcd-'));
  private readonly block: string;
  private readonly state: CloudFile;
  private readonly running = new Map<string, { child: ChildProcess; log: string }>();
  private readonly clients: HttpsClient[] = [];
  private credentials: { certificateAuthority: string; clientCertificate: { certificate: string; privateKey: string } } | undefined;

  /** `block`: `127.210`, of this process alone. */
  constructor(block: string, members: readonly string[]) {
    this.block = block;
    this.state = { clusterName, network: `${block}.0.0/18`, instances: {}, volumes: Object.fromEntries(members.map((member) => [member, {}])) };
  }

  async prepare(): Promise<void> {
    const source = { clock: realClock, random: systemRandom };
    const names = [...Object.values(keysetNames), ...Object.values(etcdKeysetNames)];
    const keysets = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await createKeyset(name, source)] as const)));
    const authority = keysets[keysetNames.certificateAuthority];
    if (!authority) throw new Error('no authority');
    const texts = Object.fromEntries(Object.entries(keysets).map(([name, keyset]) => [name, formatKeyset(keyset)]));
    const certificateAuthority = trustBundle(authority);
    const { documents, userData } = nodeDocuments({ completed: this.completed(), provider: 'test', keysets: texts, certificateAuthority, store: 'etcd', storeMembers: 3 });
    for (const { path, content } of documents) this.write(`documents/${path}`, content);
    this.publishEtcd(parseUserData(userData[group] ?? ''));
    for (const member of Object.keys(this.state.volumes)) {
      this.write(`volumes/${member}/device`, Buffer.alloc(2 ** 20));
      mkdirSync(join(this.folder, 'volumes', member, 'files'));
    }
    const admin = await authorityOf(authority, source).issue(adminRequest('test'));
    this.credentials = { certificateAuthority, clientCertificate: { certificate: admin.certificatePem, privateKey: admin.privateKeyPem } };
  }

  /** A machine with the volume of a member; starting it is another thing. */
  launch(instance: string, member: string, host: number): HttpsClient {
    this.state.instances[instance] = { ip: `${this.block}.0.${host}`, zone: `test-1${member}` };
    this.state.volumes[member] = { holder: instance };
    this.save();
    this.start(instance);
    return this.client(instance);
  }

  start(instance: string): void {
    const script = join(dirname(fileURLToPath(import.meta.url)), 'etcd-machine.ts');
    const env = { PATH: process.env.PATH, HOME: this.folder, KOPS_TS_LOG_LEVEL: 'info' };
    const child = spawn(process.execPath, ['--import', 'tsx', script, this.folder, instance], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const entry = { child, log: this.running.get(instance)?.log ?? '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (entry.log += chunk.toString()));
    this.running.set(instance, entry);
  }

  /** As systemd ends a service. Resolves with its exit code. */
  async stop(instance: string): Promise<number | null> {
    const child = this.running.get(instance)?.child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    return ended;
  }

  /** Everything on the machine ends at once; its volume is free. */
  async powerOff(instance: string): Promise<void> {
    const child = this.running.get(instance)?.child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }

  /** The disk of a member is lost; there is a new one in its place. */
  blank(member: string): void {
    const files = join(this.folder, 'volumes', member, 'files');
    rmSync(files, { recursive: true });
    mkdirSync(files);
  }

  /** It is gone for good, and so is its address. */
  terminate(instance: string): void {
    delete this.state.instances[instance];
    this.save();
  }

  read(instance: string, path: string): string {
    return readFileSync(join(this.folder, 'machines', instance, path), 'utf8');
  }

  log(instance: string): string {
    return this.running.get(instance)?.log ?? '';
  }

  logs(): string {
    return [...this.running].map(([instance, { log }]) => `${instance}:\n${log.split('\n').slice(-60).join('\n')}`).join('\n');
  }

  async remove(): Promise<void> {
    for (const client of this.clients) client.close();
    await Promise.all([...this.running.keys()].map((instance) => this.powerOff(instance)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private client(instance: string): HttpsClient {
    if (!this.credentials) throw new Error('prepare first');
    const client = createHttpsClient({
      ...this.credentials,
      clock: realClock,
      server: `https://${this.state.instances[instance]?.ip}:443`,
      serverName: `api.internal.${clusterName}`,
    });
    this.clients.push(client);
    return client;
  }

  private completed(): CompletedCluster {
    const { block } = this;
    const etcdMembers = Object.keys(this.state.volumes).map((name) => ({ name, instanceGroup: group }));
    const spec = {
      kubernetesVersion: '1.34.0',
      networkCIDR: this.state.network,
      podCIDR: `${block}.64.0/18`,
      serviceClusterIPRange: `${block}.128.0/18`,
      kubeDNS: { serverIP: `${block}.128.10` },
      etcdClusters: [{ name: 'main', etcdMembers, manager: { discoveryPollInterval: '500ms' } }],
    };
    return {
      cluster: { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster', metadata: { name: clusterName }, spec },
      instanceGroups: [{ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup', metadata: { name: group }, spec: { role: 'Master' } }],
      provenance: { cluster: {}, instanceGroups: {} },
    };
  }

  /** The installed etcd in an archive like that of a release, pinned in place of it; no cloud behind the control planes. */
  private publishEtcd(boot: BootConfig): void {
    const archive = etcdArchive();
    this.write('documents/etcd.tar.gz', archive);
    const path = documentPath('ControlPlane', group);
    const config = parseYaml(readFileSync(join(this.folder, 'documents', path), 'utf8'), path) as NodeConfig;
    const pinned = { url: 's3://documents/etcd.tar.gz', sha256: createHash('sha256').update(archive).digest('hex') };
    if (!config.controlPlane?.etcd) throw new Error('no etcd in the node document');
    config.controlPlane.etcd.archives = { amd64: pinned, arm64: pinned };
    config.controlPlane.cloudControllers = false;
    this.write(`documents/${path}`, formatYaml(config, { sortKeys: true }));
    this.write('documents/boot.yaml', formatUserData({ ...boot, nodeupConfigHash: hashNodeConfig(config) }));
  }

  private save(): void {
    this.write('cloud.json', JSON.stringify(this.state));
  }

  private write(path: string, content: string | Buffer): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Its `etcd` is the installed one, with the machine's /etc in place of the real one: that is where it looks for its peers. */
function etcdArchive(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kops-ts-etcd-archive-'));
  try {
    mkdirSync(join(folder, 'etcd-linux-amd64'));
    const script = ['#!/bin/sh', 'export GODEBUG=netdns=go', `exec unshare -m sh -c 'mount --bind "$0" /etc && exec /usr/bin/etcd "$@"' "\${0%/opt/kops-ts/*}/etc" "$@"`, ''];
    writeFileSync(join(folder, 'etcd-linux-amd64/etcd'), script.join('\n'), { mode: 0o755 });
    return execFileSync('tar', ['-cz', '-C', folder, 'etcd-linux-amd64']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
