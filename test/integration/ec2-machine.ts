import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MachineOptions {
  instanceId: string;
  hostname: string;
  privateIp: string;
  network: string;
  zone: string;
  /** A script. */
  userData: string;
  role: string;
  credentials: { AccessKeyId: string; SecretAccessKey: string; Token: string };
  /** Where AWS is. */
  endpoint: string;
  /** Id of the volume whose device the machine has. */
  volumeId?: string;
}

/** An EC2 instance as `kops-ts nodeup` sees it: a metadata service, a root of its own, tools that only note what they were asked for. */
export class Ec2Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'kops-ts-ec2-'));
  log = '';
  private readonly options: MachineOptions;
  private readonly metadata: Server;
  private child: ChildProcess | undefined;
  private url = '';

  constructor(options: MachineOptions) {
    this.options = options;
    const answers = metadataOf(options);
    this.metadata = createServer((request, response) => {
      const path = (request.url ?? '').replace('/latest/', '');
      if (request.method === 'PUT' && path === 'api/token') return response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', '21600').end('token');
      const answer = request.headers['x-aws-ec2-metadata-token'] === 'token' ? answers[path] : undefined;
      response.writeHead(answer === undefined ? (request.headers['x-aws-ec2-metadata-token'] ? 404 : 401) : 200).end(answer);
    });
    for (const folder of ['bin', 'dev/disk/by-id']) mkdirSync(join(this.root, folder), { recursive: true });
    for (const tool of ['ip', 'mkfs.ext4', 'mount', 'systemctl']) this.tool(tool, `echo "${tool} $*" >>"${this.root}/calls"`);
    this.tool('findmnt', 'exit 1');
    if (options.volumeId) writeFileSync(join(this.root, `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${options.volumeId.replace('-', '')}`), Buffer.alloc(2 ** 20));
  }

  /** The first boot: what cloud-init does. */
  async launch(): Promise<void> {
    await new Promise<void>((resolve) => this.metadata.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.metadata.address() as AddressInfo).port}`;
    const script = spawn('bash', ['-s'], { env: { ...this.env(), AWS_ENDPOINT_URL_S3: this.options.endpoint }, stdio: ['pipe', 'inherit', 'pipe'] });
    script.stderr.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    script.stdin.end(this.options.userData);
    const code = await new Promise((resolve) => script.once('close', resolve));
    if (code !== 0) throw new Error(`the user data ended with ${code}\n${this.log}`);
    this.start();
  }

  /** As systemd starts the service of the unit file. */
  start(): void {
    const unit = readFileSync(join(this.root, 'etc/systemd/system/kops-ts-nodeup.service'), 'utf8');
    const [node = '', ...args] = (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '').split(' ').map((word) => (word.startsWith('/') ? join(this.root, word) : word));
    const child = spawn(node, args, { env: { ...this.env(), KOPS_TS_LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    this.child = child;
  }

  /** As systemd stops a service. Resolves with its exit code. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => {
      child.once('exit', (code) => resolve(code));
      child.kill(signal);
    });
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await new Promise<void>((resolve) => (this.url === '' ? resolve() : this.metadata.close(() => resolve())));
    rmSync(this.root, { recursive: true, force: true });
  }

  private env(): NodeJS.ProcessEnv {
    return {
      PATH: `${this.root}/bin:${process.env.PATH}`,
      HOME: this.root,
      KOPS_TS_ROOT: this.root,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: this.url,
      AWS_ENDPOINT_URL: this.options.endpoint,
      no_proxy: '*',
    };
  }

  private tool(name: string, line: string): void {
    const path = join(this.root, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${line}\n`);
    chmodSync(path, 0o755);
  }
}

function metadataOf({ instanceId, hostname, privateIp, network, zone, role, credentials }: MachineOptions): Record<string, string> {
  const region = zone.slice(0, -1);
  const document = { accountId: '123456789012', architecture: 'x86_64', availabilityZone: zone, instanceId, instanceType: 't3.medium', privateIp, region };
  const keys = { Code: 'Success', Type: 'AWS-HMAC', LastUpdated: '2026-01-01T00:00:00Z', Expiration: '2099-01-01T00:00:00Z', ...credentials };
  return {
    'dynamic/instance-identity/document': JSON.stringify(document),
    'meta-data/local-hostname': hostname,
    'meta-data/placement/region': region,
    'meta-data/network/interfaces/macs/': '02:00:00:00:00:01/',
    'meta-data/network/interfaces/macs/02:00:00:00:00:01/vpc-ipv4-cidr-blocks': network,
    'meta-data/iam/security-credentials/': role,
    [`meta-data/iam/security-credentials/${role}`]: JSON.stringify(keys),
  };
}

/** In place of Node.js' own archive: its `bin/node` is the one that runs this. */
export function nodeArchive(name: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kops-ts-node-'));
  try {
    mkdirSync(join(folder, name, 'bin'), { recursive: true });
    writeFileSync(join(folder, name, 'bin/node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
    return execFileSync('tar', ['-cJ', '-C', folder, name]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
