import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { KopsError } from '../../../src/lib/errors.ts';
import type { Log } from '../../../src/lib/log.ts';
import { type CallAnswer, type CallBody, toWireError, versionHeader } from './wire.ts';

export type Operations = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Operations that every version answers, so that one can always be asked who it is and told to go. */
const anyVersion = new Set(['hello', 'status', 'stop', 'exitIfEmpty']);
const largestBodyBytes = 16 * 1024 * 1024;

/** HTTP/1.1 on a Unix socket that only this user may open. A file that stands there is left from a dead process. */
export async function serveOperations(socketPath: string, operations: Operations, options: { version: string; log: Log; onCall(): void }): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = createServer((request, response) => {
    options.onCall();
    answer(request, operations, options.version).then(
      (body) => send(response, 200, body),
      (error) => {
        options.log.debug('a call failed', { error });
        send(response, 500, { error: toWireError(error) });
      },
    );
  });
  server.keepAliveTimeout = 0;
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(socketPath, 0o600);
  return server;
}

async function answer(request: IncomingMessage, operations: Operations, version: string): Promise<CallAnswer> {
  const { operation, args } = JSON.parse(await readBody(request)) as CallBody;
  const theirs = request.headers[versionHeader];
  if (theirs !== version && !anyVersion.has(operation)) throw otherVersion(version, String(theirs));
  const work = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (!work || !Array.isArray(args)) throw new KopsError(`the local cloud has no operation ${operation}`, { code: 'UNKNOWN_OPERATION', exit: 'bug', object: operation });
  return { result: await work(...(args as never[])) };
}

export function otherVersion(running: string, mine: string): KopsError {
  return new KopsError(`the local cloud runs version ${running} of kops-ts; this is version ${mine}`, {
    code: 'DAEMON_VERSION',
    exit: 'conflict',
    expected: `version ${mine}`,
    suggestions: ['Restart it, your clusters stay as they are: kops-ts local stop && kops-ts local start'],
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes) throw new KopsError(`a call to the local cloud is larger than ${largestBodyBytes} bytes`, { code: 'CALL_TOO_LARGE', exit: 'invalid' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: CallAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
