import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiUpgradeBody } from '../../../kube/request.ts';
import { badRequest } from '../../../kube/status.ts';
import { errorResponse } from '../result.ts';
import { refuse } from './refuse.ts';
import { apiRequest, type Service } from './serve-request.ts';
import { acceptWebSocket } from './web-socket.ts';

/** Sub-protocols over SPDY, as they stand in X-Stream-Protocol-Version. */
const spdyProtocols = { remoteCommand: 'v4.channel.k8s.io', portForward: 'portforward.k8s.io' };

interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  /** What came after the request's head. */
  head: Buffer;
  query: URLSearchParams;
  signal: AbortSignal;
}

/** An HTTP/1.1 request that wants another protocol: exec, attach and port-forward over WebSocket or SPDY. Anything else is answered as plain HTTP. */
export function serveUpgrade(service: Service, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  socket.on('error', (error) => service.log.debug('an upgraded connection failed', { error }));
  const asked = apiRequest(service, request, undefined, gone);
  const upgrade: Upgrade = { request, socket, head, query: asked.query, signal: gone.signal };
  service
    .handler(asked)
    .then((response) => (response.body.type === 'upgrade' ? accept(upgrade, response.body) : refuse(socket, response)))
    .catch((error: unknown) => {
      service.log.error('an upgrade failed', { error });
      socket.destroy();
    });
}

async function accept({ request, socket, head, query, signal }: Upgrade, body: ApiUpgradeBody): Promise<void> {
  const protocol = request.headers.upgrade?.toLowerCase();
  if (protocol === 'websocket') await acceptWebSocket(request, socket, head, body, signal);
  else if (protocol === 'spdy/3.1') await acceptSpdy({ request, socket, head, query, signal }, body);
  else refuse(socket, errorResponse(badRequest(`unable to upgrade: the server supports websocket and SPDY/3.1, the client wants ${request.headers.upgrade}`)));
}

async function acceptSpdy({ request, socket, head, query, signal }: Upgrade, body: ApiUpgradeBody): Promise<void> {
  const offered = String(request.headers['x-stream-protocol-version'] ?? '').split(/,\s*/);
  const chosen = spdyProtocols[body.protocol];
  if (!offered.includes(chosen)) {
    refuse(socket, errorResponse(badRequest(`unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${chosen}]`)));
    return;
  }
  const [{ serveRemoteCommand }, { servePortForward }] = await Promise.all([import('./spdy/remote-command.ts'), import('./spdy/port-forward.ts')]);
  socket.write(['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${chosen}`, '', ''].join('\r\n'));
  if (head.length > 0) socket.unshift(head);
  if (body.protocol === 'portForward') servePortForward(socket, body, signal);
  else serveRemoteCommand(socket, body, query, signal);
}
