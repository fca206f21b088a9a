import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeRelease } from '../../../providers/aws/bootstrap/node-release.ts';
import { awsUserData } from '../../../providers/aws/bootstrap/user-data.ts';
import { bootInput } from './boot-input.ts';
import { signatureFinding } from './signature.ts';

const credentials = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret/with+signs', Token: 'session//token==' };
const missing = ['bash', 'curl', 'xz', 'tar'].filter((tool) => spawnSync(tool, ['--version']).status !== 0).join(', ');
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

/** A machine's root, its metadata service and the bucket; `systemctl` and `sleep` only note that they were called. */
class Bench {
  readonly root = mkdtempSync(join(tmpdir(), 'kops-ts-install-'));
  readonly objects = new Map<string, Buffer>();
  readonly requests: string[] = [];
  readonly refused: string[] = [];
  private readonly server: Server = createServer((request, response) => {
    const [status, body] = this.answer(request);
    response.writeHead(status).end(body);
  });
  url = '';

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    mkdirSync(join(this.root, 'bin'));
    for (const tool of ['systemctl', 'sleep']) this.tool(tool, `echo "${tool} $*" >>"${this.root}/calls"`);
    this.tool('uname', 'echo x86_64');
  }

  stop(): Promise<void> {
    rmSync(this.root, { recursive: true, force: true });
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  archive(name: string, files: Record<string, string>, flag: string): Buffer {
    const folder = join(this.root, 'made', name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text, { mode: 0o755 });
    }
    return execFileSync('tar', ['-c', flag, '-C', join(this.root, 'made'), name]);
  }

  run(script: string): Promise<{ status: number | null; stderr: string }> {
    const env = {
      PATH: `${this.root}/bin:${process.env.PATH}`,
      KOPS_TS_ROOT: this.root,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: this.url,
      AWS_ENDPOINT_URL_S3: this.url,
      no_proxy: '*',
    };
    const child = spawn('bash', ['-s'], { env });
    child.stdin.end(script);
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
  }

  calls(): string[] {
    const path = join(this.root, 'calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  private tool(name: string, line: string): void {
    const path = join(this.root, 'bin', name);
    writeFileSync(path, `#!/bin/bash\n${line}\n`);
    chmodSync(path, 0o755);
  }

  private answer(request: IncomingMessage): [number, string | Buffer] {
    const { method, url = '', headers } = request;
    this.requests.push(`${method} ${url}`);
    if (method === 'PUT' && url === '/latest/api/token') return [200, 'imds-token'];
    if (url.startsWith('/latest/')) {
      if (headers['x-aws-ec2-metadata-token'] !== 'imds-token') return [401, ''];
      return [200, metadata[url.slice('/latest/meta-data/'.length)] ?? ''];
    }
    const object = this.objects.get(url);
    if (!object) return [404, ''];
    if (!url.startsWith('/state/')) return [200, object];
    const why = wrongSignature(request);
    if (why === undefined) return [200, object];
    this.refused.push(why);
    return [403, ''];
  }
}

const metadata: Record<string, string> = {
  'iam/security-credentials/': 'nodes.demo.example.com',
  'iam/security-credentials/nodes.demo.example.com': JSON.stringify({ Code: 'Success', ...credentials, Expiration: '2030-01-01T00:00:00Z' }, null, 2),
  'placement/region': 'us-east-1',
};

/** Undefined: it is right. */
function wrongSignature(request: IncomingMessage): string | undefined {
  if (request.headers['x-amz-security-token'] !== credentials.Token) return `security token: ${request.headers['x-amz-security-token']}`;
  return signatureFinding(request, { service: 's3', region: 'us-east-1', secretOf: (id) => (id === credentials.AccessKeyId ? credentials.SecretAccessKey : undefined) });
}

describe.skipIf(missing)(`the script in the user data${missing && ` (skipped: no ${missing})`}`, () => {
  const bench = new Bench();
  let script = '';
  let packed: Buffer = Buffer.alloc(0);
  const key = '/state/demo.example.com/kops-ts/0.1.0/kops-ts.tgz';

  beforeEach(async () => {
    Object.assign(bench, new Bench());
    await bench.start();
    const node = bench.archive('node-v24.11.1-linux-x64', { 'bin/node': '#!/bin/bash\necho node\n' }, '-J');
    packed = bench.archive('package', { 'bin/run.js': '// kops-ts\n', 'package.json': '{}' }, '-z');
    bench.objects.set('/dist/v24.11.1/node-v24.11.1-linux-x64.tar.xz', node);
    bench.objects.set(key, packed);
    const software = { url: `s3:/${key}`, sha256: sha256(gunzipSync(packed)), nodeMirror: `${bench.url}/dist` };
    script = (awsUserData(bootInput({ software }))['nodes-us-east-1a'] ?? '').replace(nodeRelease.archives.x86_64.sha256, sha256(node));
  });
  afterEach(() => bench.stop());

  it('installs both archives, writes the boot config and starts the service; a second run fetches nothing', async () => {
    const { root } = bench;
    expect(await bench.run(script)).toEqual({ status: 0, stderr: '' });
    expect(bench.refused).toEqual([]);
    const start = /^ExecStart=(\S+) (\S+) nodeup --conf (\S+)$/m.exec(readFileSync(join(root, 'etc/systemd/system/kops-ts-nodeup.service'), 'utf8')) ?? [];
    const [node, program, config] = start.slice(1).map((path) => join(root, path));
    expect(execFileSync(node ?? '').toString()).toBe('node\n');
    expect(readFileSync(program ?? '', 'utf8')).toBe('// kops-ts\n');
    expect(readFileSync(config ?? '', 'utf8')).toBe(bootInput().userData['nodes-us-east-1a']);
    expect([config ?? '', join(root, 'etc/kops-ts')].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['600', '700']);
    expect(bench.calls()).toEqual(['systemctl daemon-reload', 'systemctl enable --now kops-ts-nodeup.service']);
    bench.requests.length = 0;
    expect(await bench.run(script)).toEqual({ status: 0, stderr: '' });
    expect(bench.requests).toEqual([]);
  });

  it('refuses an archive that is not the one of the plan, and starts nothing', async () => {
    bench.objects.set(key, bench.archive('other', { 'bin/run.js': '// not kops-ts\n' }, '-z'));
    const { status, stderr } = await bench.run(script);
    expect(status).toBe(1);
    expect(stderr).toMatch(/kops-ts\.tgz has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}/);
    expect(bench.calls()).toEqual(['sleep 10', 'sleep 10']);
    expect(existsSync(join(bench.root, 'etc/kops-ts/boot.yaml'))).toBe(false);
  });

  it('tries again until the bucket answers', async () => {
    bench.objects.delete(key);
    const run = bench.run(script);
    await expect.poll(() => bench.calls().length, { timeout: 10_000 }).toBeGreaterThan(0);
    bench.objects.set(key, packed);
    expect(await run).toMatchObject({ status: 0, stderr: expect.stringContaining('cannot be fetched yet, tried again in 10 seconds') });
  });
});
