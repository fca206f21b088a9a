import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pod, Service } from '../../../kube/objects.ts';
import type { ApiResponse, ApiStreamBody } from '../../../kube/request.ts';
import { badRequest, notFound, StatusError } from '../../../kube/status.ts';
import { messageOf } from '../../../lib/errors.ts';
import { type Call, keyIn } from '../core.ts';
import type { Result } from '../result.ts';

/** Opens a connection into the cluster's network, as the control plane. */
export type Dial = (ip: string, port: number) => Promise<Duplex>;

/** `[scheme:]name[:port]` of a proxied pod or service. */
const namePattern = /^(?:(https?):)?([^:]+)(?::([^:]*))?$/;

/** pods/NAME/proxy and services/NAME/proxy: the request goes on to what the name says. */
export function proxy(dial: Dial | undefined): (call: Call) => Promise<Result> {
  return async (call) => {
    const { core, target, info } = call;
    if (!dial) throw new StatusError('ServiceUnavailable', 'the API server has no way into the network of the cluster');
    await core.storage.fresh();
    const [, scheme = 'http', name = '', port = ''] = namePattern.exec(info.name ?? '') ?? [];
    if (scheme === 'https') throw badRequest(`proxying to ${info.name} over TLS is not supported: use http`);
    const object = target.cache.get(keyIn(target, info.namespace, name))?.object;
    if (!object) throw notFound('', target.resource.resource, name);
    const address = target.resource.resource === 'services' ? serviceAddress(object as Service, port) : podAddress(object as Pod, port);
    try {
      return { type: 'response', response: await forward(call, await dial(address.ip, address.port), `${address.ip}:${address.port}`) };
    } catch (error) {
      throw new StatusError('ServiceUnavailable', `error trying to reach service: dial tcp ${address.ip}:${address.port}: ${messageOf(error)}`);
    }
  };
}

function podAddress(pod: Pod, port: string): { ip: string; port: number } {
  const ip = pod.status?.podIP;
  if (!ip) throw badRequest('address not allowed');
  const first = pod.spec.containers.flatMap(({ ports }) => ports ?? [])[0]?.containerPort;
  return { ip, port: port === '' ? (first ?? 80) : Number(port) };
}

function serviceAddress({ metadata, spec }: Service, port: string): { ip: string; port: number } {
  const ports = spec.ports ?? [];
  const found = port === '' ? (ports.length === 1 ? ports[0] : ports.find(({ name }) => !name)) : ports.find((one) => one.name === port || String(one.port) === port);
  if (!found || !spec.clusterIP || spec.clusterIP === 'None') throw new StatusError('ServiceUnavailable', `no endpoints available for service "${metadata.name}"`);
  return { ip: spec.clusterIP, port: found.port };
}

function forward({ info, query, headers, body, signal }: Call, connection: Duplex, host: string): Promise<ApiResponse> {
  const method = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' }[info.verb];
  const search = query.toString();
  const path = `${info.rest || '/'}${search && `?${search}`}`;
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !hopByHop.has(name)));
  return new Promise((resolve, reject) => {
    const outgoing = request({ method, path, headers: { ...passed, host }, createConnection: () => connection, ...(signal && { signal }) });
    outgoing.on('response', (answer) => resolve(responseOf(answer)));
    outgoing.on('error', reject);
    outgoing.end(body instanceof Uint8Array ? body : undefined);
  });
}

const hopByHop = new Set(['connection', 'host', 'authorization', 'transfer-encoding', 'upgrade', 'keep-alive', 'te', 'trailer', 'content-length']);

function responseOf(answer: IncomingMessage): ApiResponse {
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name, value]) => !hopByHop.has(name) && value !== undefined)) as Record<string, string | string[]>;
  const body: ApiStreamBody = {
    type: 'stream',
    contentType: answer.headers['content-type'] ?? 'application/octet-stream',
    start(sink) {
      answer.on('data', (chunk: Uint8Array) => {
        if (sink.write(chunk)) return;
        answer.pause();
        sink.onDrain(() => answer.resume());
      });
      answer.on('end', () => sink.end());
      answer.on('error', () => sink.end());
      return { stop: () => answer.destroy() };
    },
  };
  return { status: answer.statusCode ?? 502, headers, body };
}
