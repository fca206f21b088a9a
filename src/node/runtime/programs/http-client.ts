import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { Process } from '../container/process.ts';

/** A name that the cluster's DNS does not know. */
export class UnknownHost extends Error {
  constructor(host: string) {
    super(`could not resolve host: ${host}`);
    this.name = 'UnknownHost';
  }
}

export interface HttpCall {
  url: URL;
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** For https: accept any certificate, or trust this authority. */
  insecure?: boolean;
  ca?: string;
  /** Milliseconds until the call is given up with code ETIMEDOUT. */
  timeoutMs?: number;
  /** Told when the connection stands. */
  onConnect?(ip: string, port: number): void;
}

export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

/** One HTTP request from inside a pod, over the pod's network alone. Throws UnknownHost or the system's connection error. */
export async function callHttp(process: Process, call: HttpCall): Promise<IncomingMessage> {
  if (call.timeoutMs === undefined) return process.until(open(process, call));
  const timeout = process.sleep(call.timeoutMs).then(() => {
    throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
  });
  return Promise.race([process.until(open(process, call)), timeout]);
}

async function open(process: Process, call: HttpCall): Promise<IncomingMessage> {
  const host = call.url.hostname.replace(/^\[|\]$/g, '');
  const port = portOf(call.url);
  const [ip] = await process.machine.network.lookup(host);
  if (ip === undefined) throw new UnknownHost(host);
  const plain = await process.machine.network.connect(ip, port);
  const forget = process.onEnd(() => plain.destroy());
  plain.once('close', forget);
  call.onConnect?.(ip, port);
  const stream = call.url.protocol === 'https:' ? await secure(plain, host, call) : plain;
  return exchange(stream, call);
}

function secure(plain: Duplex, host: string, call: HttpCall): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const stream = tlsConnect(
      { socket: plain, servername: /[a-z]/i.test(host) ? host : '', rejectUnauthorized: !call.insecure, ...(call.ca === undefined ? {} : { ca: call.ca }) },
      () => resolve(stream),
    );
    stream.once('error', reject);
  });
}

function exchange(stream: Duplex, call: HttpCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { Host: call.url.host, ...call.headers, Connection: 'close', ...(call.body ? { 'Content-Length': String(call.body.length) } : {}) };
    const path = `${call.url.pathname}${call.url.search}`;
    const outgoing = request({ method: call.method ?? 'GET', path, headers, setHost: false, createConnection: () => stream }, resolve);
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}

export async function bodyOf(process: Process, response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  const collect = async () => {
    for await (const chunk of response) parts.push(chunk as Buffer);
  };
  await process.until(collect());
  return Buffer.concat(parts);
}
