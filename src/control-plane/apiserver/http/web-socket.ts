import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ApiUpgradeBody, UpgradeSession } from '../../../kube/request.ts';
import { badRequest, type Status } from '../../../kube/status.ts';
import { errorResponse, statusOf } from '../result.ts';
import { ByteQueue } from './byte-queue.ts';
import { refuse } from './refuse.ts';

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** First byte of a message. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Speaks Kubernetes' remote command protocol over WebSocket: every message begins with its channel. */
export async function acceptRemoteCommand(request: IncomingMessage, socket: Duplex, head: Buffer, body: ApiUpgradeBody, signal: AbortSignal): Promise<void> {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  const chosen = protocols.find((protocol) => offered.includes(protocol));
  if (chosen === undefined) {
    refuse(socket, errorResponse(badRequest(`unable to upgrade: the server supports ${protocols.join(', ')}, the client ${offered.join(', ') || 'names none'}`)));
    return;
  }
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => chosen, perMessageDeflate: false });
  server.handleUpgrade(request, socket, head, (webSocket) => {
    const { session, fail } = sessionOf(webSocket, signal);
    body.serve(session).catch((error: unknown) => fail(statusOf(error)));
  });
}

function sessionOf(webSocket: WebSocket, signal: AbortSignal): { session: UpgradeSession; fail(status: Status): void } {
  const stdin = new ByteQueue();
  const resizeListeners: ((size: { width: number; height: number }) => void)[] = [];
  const send = (to: number, chunk: Uint8Array) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.of(to), chunk]));
  };
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', () => stdin.end());
  webSocket.on('message', (data) => {
    const message = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[]);
    const content = message.subarray(1);
    if (message[0] === channel.stdin) stdin.push(content);
    else if (message[0] === channel.close && content[0] === channel.stdin) stdin.end();
    else if (message[0] === channel.resize) for (const listener of resizeListeners) resized(content, listener);
  });
  const close = (status: object) => {
    send(channel.error, Buffer.from(JSON.stringify(status)));
    webSocket.close(1000);
  };
  const session: UpgradeSession = {
    stdin,
    stdout: (chunk) => send(channel.stdout, chunk),
    stderr: (chunk) => send(channel.stderr, chunk),
    onResize: (callback) => void resizeListeners.push(callback),
    close,
    signal,
  };
  return { session, fail: close };
}

function resized(content: Buffer, listener: (size: { width: number; height: number }) => void): void {
  const [, width] = /"Width":\s*(\d+)/i.exec(content.toString()) ?? [];
  const [, height] = /"Height":\s*(\d+)/i.exec(content.toString()) ?? [];
  if (width !== undefined && height !== undefined) listener({ width: Number(width), height: Number(height) });
}
