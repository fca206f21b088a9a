import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ApiUpgradeBody, UpgradeSession } from '../../../kube/request.ts';
import { badRequest, type Status } from '../../../kube/status.ts';
import { errorResponse, statusOf } from '../result.ts';
import { ByteQueue } from './byte-queue.ts';
import { refuse } from './refuse.ts';
import { resizeOf } from './resize.ts';
import { servePortForward } from './spdy/port-forward.ts';

const protocols = { remoteCommand: ['v5.channel.k8s.io', 'v4.channel.k8s.io'], portForward: ['SPDY/3.1+portforward.k8s.io'] };

/** Output that a client leaves unread; more ends the session. */
const maxUnsentBytes = 64 * 1024 * 1024;

/** First byte of a remote command's messages. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Accepts a WebSocket in the sub-protocol that what is asked for needs; anything else is refused. */
export async function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, body: ApiUpgradeBody, signal: AbortSignal): Promise<void> {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  const chosen = protocols[body.protocol].find((protocol) => offered.includes(protocol));
  if (chosen === undefined) {
    const supported = protocols[body.protocol].join(', ');
    refuse(socket, errorResponse(badRequest(`unable to upgrade: the server supports ${supported}, the client ${offered.filter(Boolean).join(', ') || 'names none'}`)));
    return;
  }
  const { WebSocketServer, createWebSocketStream } = await import('ws');
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  // The library refuses names with a slash by itself, so it never sees the list.
  delete request.headers['sec-websocket-protocol'];
  server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${chosen}`));
  server.handleUpgrade(request, socket, head, (webSocket) => {
    if (body.protocol === 'portForward') servePortForward(createWebSocketStream(webSocket), body, signal);
    else serveRemoteCommand(webSocket, body, signal);
  });
}

/** Kubernetes' remote command protocol: every message begins with its channel. */
function serveRemoteCommand(webSocket: WebSocket, body: ApiUpgradeBody, signal: AbortSignal): void {
  const stdin = new ByteQueue((full) => (full ? webSocket.pause() : webSocket.resume()));
  const resizeListeners: ((size: { width: number; height: number }) => void)[] = [];
  const send = (to: number, chunk: Uint8Array) => {
    if (webSocket.bufferedAmount > maxUnsentBytes) webSocket.terminate();
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.of(to), chunk]));
  };
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', () => stdin.end());
  webSocket.on('message', (data) => {
    const message = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[]);
    const content = message.subarray(1);
    if (message[0] === channel.stdin) stdin.push(content);
    else if (message[0] === channel.close && content[0] === channel.stdin) stdin.end();
    else if (message[0] === channel.resize) {
      const size = resizeOf(content);
      if (size) for (const listener of resizeListeners) listener(size);
    }
  });
  const session: UpgradeSession = {
    stdin,
    stdout: (chunk) => send(channel.stdout, chunk),
    stderr: (chunk) => send(channel.stderr, chunk),
    onResize: (callback) => void resizeListeners.push(callback),
    close(status) {
      send(channel.error, Buffer.from(JSON.stringify(status)));
      webSocket.close(1000);
    },
    signal,
  };
  body.serve(session).catch((error: unknown) => session.close(statusOf(error) satisfies Status));
}
