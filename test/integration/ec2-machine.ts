import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const entry = join(dirname(dirname(import.meta.dirname)), 'bin', 'run.js');

export interface MachineOptions {
  instanceId: string;
  hostname: string;
  privateIp: string;
  network: string;
  zone: string;
  /** Text of /etc/kops-ts/boot.yaml. */
  bootConfig: string;
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
    for (const folder of ['bin', 'etc/kops-ts', 'dev/disk/by-id']) mkdirSync(join(this.root, folder), { recursive: true });
    for (const tool of ['ip', 'mkfs.ext4', 'mount']) this.tool(tool, `echo "${tool} $*" >>"${this.root}/calls"`);
    this.tool('findmnt', 'exit 1');
    writeFileSync(join(this.root, 'etc/kops-ts/boot.yaml'), options.bootConfig);
    if (options.volumeId) writeFileSync(join(this.root, `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${options.volumeId.replace('-', '')}`), Buffer.alloc(2 ** 20));
  }

  async start(): Promise<void> {
    if (this.url === '') {
      await new Promise<void>((resolve) => this.metadata.listen(0, '127.0.0.1', resolve));
      this.url = `http://127.0.0.1:${(this.metadata.address() as AddressInfo).port}`;
    }
    const child = spawn(process.execPath, [entry, 'nodeup', '--conf', join(this.root, 'etc/kops-ts/boot.yaml')], {
      env: {
        PATH: `${this.root}/bin:${process.env.PATH}`,
        HOME: this.root,
        KOPS_TS_ROOT: this.root,
        KOPS_TS_LOG_LEVEL: 'info',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: this.url,
        AWS_ENDPOINT_URL: this.options.endpoint,
        no_proxy: '*',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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
