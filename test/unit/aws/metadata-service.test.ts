import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataService } from '../../../providers/aws/machine/metadata-service.ts';
import { ownMetadata } from '../../../providers/aws/machine/own-metadata.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';

/** Version 2 of the service: tokens end, and nothing is told without one. */
class Imds {
  readonly requests: string[] = [];
  readonly answers: Record<string, string> = {};
  /** Tokens that hold. */
  readonly tokens = new Set<string>();
  silent = false;
  url = '';
  private readonly server: Server = createServer((request, response) => {
    if (this.silent) return;
    const [status, text] = this.answer(request);
    response.writeHead(status).end(text);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer({ method, url = '', headers }: IncomingMessage): [number, string] {
    const path = url.replace('/latest/', '');
    this.requests.push(`${method} ${path}`);
    if (path === 'api/token') {
      if (method !== 'PUT' || headers['x-aws-ec2-metadata-token-ttl-seconds'] !== '21600') return [400, ''];
      const token = `token ${this.requests.length}`;
      this.tokens.add(token);
      return [200, token];
    }
    if (!this.tokens.has(String(headers['x-aws-ec2-metadata-token']))) return [401, ''];
    const text = this.answers[path];
    return text === undefined ? [404, ''] : [200, text];
  }
}

describe('metadata of an instance', () => {
  let imds: Imds;
  let clock: VirtualClock;
  let service: MetadataService;

  beforeEach(async () => {
    imds = new Imds();
    await imds.start();
    clock = new VirtualClock();
    service = new MetadataService({ clock, signal: new AbortController().signal, variables: { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${imds.url}/` } });
  });
  afterEach(() => imds.stop());

  it('is asked with one token, and with another when that has ended', async () => {
    imds.answers['meta-data/a'] = 'x';
    expect([await service.get('meta-data/a'), await service.get('meta-data/a')]).toEqual(['x', 'x']);
    expect(imds.requests).toEqual(['PUT api/token', 'GET meta-data/a', 'GET meta-data/a']);
    imds.tokens.clear();
    expect(await service.get('meta-data/a')).toBe('x');
    expect(imds.requests.slice(3)).toEqual(['GET meta-data/a', 'PUT api/token', 'GET meta-data/a']);
  });

  it('says what there is not', async () => {
    await expect(service.get('meta-data/none')).rejects.toMatchObject({ class: 'notFound', object: 'meta-data/none' });
  });

  it('is waited for five seconds; the next question starts anew', async () => {
    imds.silent = true;
    const asked = expect(service.get('meta-data/a')).rejects.toMatchObject({ class: 'unavailable', message: expect.stringContaining('no answer within 5 seconds') });
    await expect.poll(() => clock.waiting).toBe(1);
    await clock.advance(5_000);
    await asked;
    imds.silent = false;
    imds.answers['meta-data/a'] = 'x';
    expect(await service.get('meta-data/a')).toBe('x');
  });

  it('makes up what a node knows of its machine', async () => {
    const document = {
      accountId: '123456789012',
      architecture: 'arm64',
      availabilityZone: 'eu-west-1b',
      instanceId: 'i-0123456789abcdef0',
      instanceType: 'm7g.large',
      privateIp: '172.20.3.4',
      region: 'eu-west-1',
    };
    Object.assign(imds.answers, {
      'dynamic/instance-identity/document': JSON.stringify(document),
      'meta-data/local-hostname': 'i-0123456789abcdef0.eu-west-1.compute.internal intern.example.com\n',
      'meta-data/network/interfaces/macs/': '02:aa/\n02:bb/',
      'meta-data/network/interfaces/macs/02:aa/vpc-ipv4-cidr-blocks': '172.20.0.0/16\n172.21.0.0/16\n',
    });
    expect(await ownMetadata(service)).toEqual({
      instanceId: 'i-0123456789abcdef0',
      providerId: 'aws:///eu-west-1b/i-0123456789abcdef0',
      nodeName: 'i-0123456789abcdef0.eu-west-1.compute.internal',
      machineType: 'm7g.large',
      vcpus: expect.any(Number),
      memoryGib: expect.any(Number),
      architecture: 'arm64',
      zone: 'eu-west-1b',
      region: 'eu-west-1',
      privateIp: '172.20.3.4',
      networkCidrs: ['172.20.0.0/16', '172.21.0.0/16'],
    });
  });
});
