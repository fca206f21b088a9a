import { Agent, createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxiedCall {
  /** As in credentials: `ec2`, `elasticloadbalancing`. */
  service: string;
  /** As IAM calls the action; for buckets and hosted zones derived from the path: `PutObject`. */
  action: string;
  /** The request's form, or its path. */
  detail: string;
}

export interface AwsProxy {
  endpoint: string;
  calls: ProxiedCall[];
  /** How many were under way at once, at most. */
  mostAtOnce(): number;
  delayMs: number;
  stop(): Promise<void>;
}

/** Stands before a simulated AWS: notes every call, and takes its time when told to. For the command line and the AWS CLI alike. */
export async function startAwsProxy(target: string): Promise<AwsProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, ++open);
    void body(request).then((content) => {
      proxy.calls.push(callOf(request, content));
      const forward = () => {
        const onward = send({ hostname, port, agent, method: request.method, path: request.url, headers: request.headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
          answer.once('end', () => open--);
        });
        onward.once('error', () => response.destroy());
        onward.end(content);
      };
      if (proxy.delayMs > 0) setTimeout(forward, proxy.delayMs);
      else forward();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: AwsProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    delayMs: 0,
    mostAtOnce: () => most,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
  return proxy;
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function callOf(request: IncomingMessage, content: Buffer): ProxiedCall {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const url = new URL(request.url ?? '/', 'http://aws');
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target) return { service, action: target.split('.').at(-1) ?? '', detail: content.toString() };
  if (service === 's3') return { service, action: bucketAction(request.method ?? '', url), detail: `${request.method} ${request.url}` };
  if (service === 'route53') return { service, action: zoneAction(request.method ?? '', url.pathname), detail: `${request.method} ${request.url}` };
  const form = new URLSearchParams(content.toString());
  return { service, action: form.get('Action') ?? `${request.method} ${request.url}`, detail: content.toString() };
}

function bucketAction(method: string, { pathname, searchParams }: URL): string {
  const key = pathname.split('/').slice(2).join('/');
  if (key !== '') return { GET: 'GetObject', HEAD: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject' }[method] ?? method;
  if (searchParams.has('encryption')) return 'GetEncryptionConfiguration';
  if (searchParams.has('location')) return 'GetBucketLocation';
  if (searchParams.has('versioning')) return 'GetBucketVersioning';
  if (searchParams.has('delete')) return 'DeleteObject';
  return method === 'PUT' ? 'CreateBucket' : 'ListBucket';
}

function zoneAction(method: string, path: string): string {
  if (/\/rrset\/?$/.test(path)) return method === 'POST' ? 'ChangeResourceRecordSets' : 'ListResourceRecordSets';
  if (/\/hostedzone\/[^/]+\/associatevpc/.test(path)) return 'AssociateVPCWithHostedZone';
  if (/\/hostedzone\/[^/]+\/disassociatevpc/.test(path)) return 'DisassociateVPCFromHostedZone';
  if (/\/hostedzonesbyname/.test(path)) return 'ListHostedZonesByName';
  if (/\/hostedzonesbyvpc/.test(path)) return 'ListHostedZonesByVPC';
  if (/\/hostedzone\/[^/]+$/.test(path)) return 'GetHostedZone';
  return 'ListHostedZones';
}
