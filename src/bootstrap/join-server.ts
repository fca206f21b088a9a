import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { admitNode, type JoinAuthority, type JoinRequest } from './join.ts';

export const joinPath = '/bootstrap';
const maximumBodyBytes = 64 * 1024;

export interface JoinServer {
  accept(stream: Duplex): void;
  close(): void;
}

/** HTTPS with the cluster's certificate: workers check it against the CA in their user data before they say anything. */
export function createJoinServer(options: { key: string; cert: string; authority: JoinAuthority; log: Log }): JoinServer {
  const { authority, log } = options;
  const server = createServer({ key: options.key, cert: options.cert }, (request, response) => {
    answer(request, response, authority, log).catch((error: unknown) => {
      log.warn('a node was refused', { error: messageOf(error) });
      reply(response, 403, { message: messageOf(error) });
    });
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug('join handshake failed', { error: messageOf(error) });
    socket.destroy();
  });
  return { accept: (stream) => void server.emit('connection', stream), close: () => server.closeAllConnections() };
}

async function answer(request: IncomingMessage, response: ServerResponse, authority: JoinAuthority, log: Log): Promise<void> {
  if (request.method !== 'POST' || request.url !== joinPath) return reply(response, 404, { message: `only POST ${joinPath} is served here` });
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return reply(response, 401, { message: 'a proof of identity is missing' });
  const body = JSON.parse(await readBody(request)) as JoinRequest;
  const admitted = await admitNode(body, token, authority);
  log.info('a worker joined', { node: admitted.nodeName, instanceGroup: admitted.nodeConfig.instanceGroup });
  reply(response, 200, admitted);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBodyBytes) throw new Error(`the request is larger than ${maximumBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}
