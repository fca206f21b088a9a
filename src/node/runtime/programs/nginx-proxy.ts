import type { IncomingMessage } from 'node:http';
import { systemCode } from '../../../lib/errors.ts';
import type { Process } from '../container/process.ts';
import { callHttp } from './http-client.ts';

export interface Forwarding {
  /** `http://host[:port][/path]`, the host possibly an upstream's name. */
  target: string;
  /** The location's own path, which the target's path takes the place of. */
  prefix: string;
  request: IncomingMessage;
  headers: Record<string, string>;
  upstreams: ReadonlyMap<string, { servers: string[]; next: number }>;
}

type Forwarded = { status: number; body: Buffer; headers: Record<string, string> } | { status: number; problem: string };

/** Asks the server behind a `proxy_pass`; what goes wrong comes back as the words of nginx's error log. */
export async function forward(process: Process, forwarding: Forwarding): Promise<Forwarded> {
  const { request } = forwarding;
  const url = urlOf(forwarding);
  if (!url) return { status: 500, problem: `invalid URL prefix in "${forwarding.target}"` };
  try {
    const body = await bytesOf(request);
    const headers = { ...plainHeaders(request.headers), ...forwarding.headers };
    const answer = await callHttp(process, { url, method: request.method ?? 'GET', headers, body, insecure: true, timeoutMs: 60_000 });
    return { status: answer.statusCode ?? 502, body: await bytesOf(answer), headers: plainHeaders(answer.headers) };
  } catch (error) {
    if (!process.alive) throw error;
    const code = systemCode(error);
    const why = code === 'ECONNREFUSED' ? '111: Connection refused' : code === 'EHOSTUNREACH' ? '113: No route to host' : `${url.hostname} could not be resolved or did not answer`;
    return { status: code === 'ETIMEDOUT' ? 504 : 502, problem: `connect() failed (${why}) while connecting to upstream` };
  }
}

function urlOf({ target, prefix, request, upstreams }: Forwarding): URL | undefined {
  const match = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(target);
  if (!match) return undefined;
  const upstream = upstreams.get(match[2] ?? '');
  const host = upstream ? (upstream.servers[upstream.next++ % Math.max(1, upstream.servers.length)] ?? '') : match[2];
  const asked = request.url ?? '/';
  return new URL(`${match[1]}://${host}${match[3] === undefined ? asked : `${match[3]}${asked.slice(prefix.length)}`}`);
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of message) parts.push(chunk as Buffer);
  return Buffer.concat(parts);
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'upgrade', 'server', 'date']);

function plainHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !hopByHop.has(name)) result[name] = String(value);
  return result;
}
