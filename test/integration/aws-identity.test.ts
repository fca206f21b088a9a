import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwsApi } from '../../providers/aws/api/clients.ts';
import { identityToken, identityVerifier } from '../../providers/aws/machine/identity.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { signatureFinding } from '../unit/aws/signature.ts';
import { motoMissing, startMoto } from './moto.ts';

const clusterName = 'demo.example.com';
const account = '123456789012';
const admitted = [`nodes.${clusterName}`];
const audience = 'aGFzaCBvZiB0aGUgYm9keQ==';
const workerTags = { KubernetesCluster: clusterName, 'kops.k8s.io/instancegroup': 'nodes-1a', 'k8s.io/role/node': '1' };

/** An STS that checks signatures, which moto does not. */
class SignedSts {
  /** By access key id. */
  readonly callers = new Map<string, { secret: string; arn: string }>();
  readonly requests: string[] = [];
  url = '';
  private readonly server: Server = createServer(async (request, response) => {
    const body = await text(request);
    this.requests.push(body);
    const wrong = signatureFinding(request, { service: 'sts', region: 'us-east-1', secretOf: (id) => this.callers.get(id)?.secret }, body);
    const id = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const answer = wrong ? `<Error><Message>${wrong.split('\n')[0]}</Message></Error>` : `<Result><Arn>${this.callers.get(id)?.arn}</Arn><Account>${account}</Account></Result>`;
    response.writeHead(wrong ? 403 : 200, { 'content-type': 'text/xml' }).end(wrap(answer));
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

function wrap(answer: string): string {
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${answer.replace(/<\/?Result>/g, '')}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
}

describe.skipIf(motoMissing)(`the identity of EC2 instances${motoMissing}`, () => {
  const sts = new SignedSts();
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let ec2: EC2;
  let open: AwsApi[] = [];
  let environment: Environment;
  const arnOf = (role: string, session: string, owner = account) => `arn:aws:sts::${owner}:assumed-role/${role}/${session}`;

  beforeAll(async () => {
    [moto] = await Promise.all([startMoto(), sts.start()]);
    ec2 = new EC2({ region: 'us-east-1', endpoint: moto.endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  });
  afterAll(() => Promise.all([moto.stop(), sts.stop()]));

  beforeEach(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', moto.endpoint);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
    // The SDK signs with the system's time.
    environment = { clock: new VirtualClock(Date.now()), random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: process.env };
    sts.requests.length = 0;
  });
  afterEach(async () => {
    await Promise.all(open.map((aws) => aws.close()));
    open = [];
    vi.unstubAllEnvs();
  });

  /** Whoever asks STS with these credentials is `arn`. */
  function as(arn: string, id = `ASIA${sts.callers.size}`): { aws: AwsApi; environment: Environment; clusterName: string } {
    sts.callers.set(id, { secret: `secret of ${id}`, arn });
    vi.stubEnv('AWS_ACCESS_KEY_ID', id);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', `secret of ${id}`);
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    const aws = new AwsApi('us-east-1', environment);
    open.push(aws);
    return { aws, environment, clusterName };
  }

  const verifier = () => {
    const verify = identityVerifier(as(arnOf(`masters.${clusterName}`, 'i-0aaaaaaaaaaaaaaaa')));
    return (token: string, bound: string) => verify(token, bound, admitted);
  };

  async function launch(tags: Record<string, string> = workerTags): Promise<string> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const { Instances = [] } = await ec2.runInstances({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1, TagSpecifications: [{ ResourceType: 'instance', Tags }] });
    return Instances[0]?.InstanceId ?? '';
  }

  const proof = async (instance: string, arn = arnOf(`nodes.${clusterName}`, instance)) => identityToken(as(arn), audience);
  const refused = (message: RegExp) => expect.objectContaining({ class: 'denied', message: expect.stringMatching(message) });

  it('is what its role signed and EC2 knows: the token names nothing but a signature', async () => {
    const instance = await launch();
    const token = await proof(instance);
    expect(Object.keys(JSON.parse(Buffer.from(token, 'base64url').toString())).sort()).toEqual(['authorization', 'date', 'securityToken']);
    const verified = await verifier()(token, audience);
    expect(verified).toMatchObject({ instanceId: instance, clusterName, instanceGroup: 'nodes-1a', role: 'Node', nodeName: expect.stringMatching(/^ip-/) });
    expect(verified.privateIp).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('holds for one request only, for five minutes, and cannot be altered', async () => {
    const instance = await launch();
    const token = await proof(instance);
    const verify = verifier();
    await expect(verify(token, 'another request')).rejects.toEqual(refused(/STS does not confirm/));
    const call = JSON.parse(Buffer.from(token, 'base64url').toString());
    const altered = (changes: object) => Buffer.from(JSON.stringify({ ...call, ...changes })).toString('base64url');
    await expect(verify(altered({ securityToken: 'another' }), audience)).rejects.toEqual(refused(/STS does not confirm/));
    sts.requests.length = 0;
    const unbound = call.authorization.replace(';x-kops-request-sha', '');
    await expect(verify(altered({ authorization: unbound }), audience)).rejects.toEqual(refused(/does not cover x-kops-request-sha/));
    await expect(verify(altered({ authorization: 'x\r\nhost: evil.example.com' }), audience)).rejects.toEqual(refused(/no signed call/));
    await expect(verify('e30', audience)).rejects.toEqual(refused(/no signed call/));
    await expect(verify('%', audience)).rejects.toEqual(refused(/cannot be read/));
    await (environment.clock as VirtualClock).advance(301_000);
    await expect(verify(token, audience)).rejects.toEqual(refused(/not made within the last five minutes/));
    // None of these was worth a question.
    expect(sts.requests).toEqual([]);
  });

  const forged: [string, () => Promise<[instance: string, arn: string]>, RegExp][] = [
    ['a role of somebody else', async () => [await launch(), arnOf('admins', 'i-0123456789abcdef0')], /role admins is not one of this cluster's workers/],
    ['the role of the control plane', async () => [await launch(), arnOf(`masters.${clusterName}`, 'i-0123456789abcdef0')], /role masters\.demo/],
    ['another account', async () => [await launch(), arnOf(`nodes.${clusterName}`, 'i-0123456789abcdef0', '999999999999')], /another account/],
    ['a user', async () => ['', `arn:aws:iam::${account}:user/nodes.${clusterName}`], /another account/],
    ['a person in the role', async () => ['', arnOf(`nodes.${clusterName}`, 'mallory')], /mallory is no instance/],
    ['an instance that there is not', async () => ['', arnOf(`nodes.${clusterName}`, 'i-0123456789abcdef0')], /there is no instance i-0123456789abcdef0/],
    [
      'an instance of another cluster',
      async () => {
        const instance = await launch({ ...workerTags, KubernetesCluster: 'other.example.com' });
        return [instance, arnOf(`nodes.${clusterName}`, instance)];
      },
      /belongs to another cluster/,
    ],
    [
      'an instance that was terminated',
      async () => {
        const instance = await launch();
        await ec2.terminateInstances({ InstanceIds: [instance] });
        return [instance, arnOf(`nodes.${clusterName}`, instance)];
      },
      /is terminated/,
    ],
  ];

  it.each(forged)('is refused to %s', async (_who, make, message) => {
    const [instance, arn] = await make();
    const token = await proof(instance, arn);
    await expect(verifier()(token, audience)).rejects.toEqual(refused(message));
  });
});
