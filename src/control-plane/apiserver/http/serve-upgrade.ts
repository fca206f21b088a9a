import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiUpgradeBody } from '../../../kube/request.ts';
import { badRequest } from '../../../kube/status.ts';
import { errorResponse } from '../result.ts';
import { refuse } from './refuse.ts';
import { apiRequest, type Service } from './serve-request.ts';
import { acceptRemoteCommand } from './web-socket.ts';

/** An HTTP/1.1 request that wants another protocol: exec, attach and port-forward over WebSocket. Anything else is answered as plain HTTP. */
export function serveUpgrade(service: Service, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  socket.on('error', (error) => service.log.debug('an upgraded connection failed', { error }));
  const answer = service.handler(apiRequest(service, request, undefined, gone.signal));
  answer
    .then((response) => (response.body.type === 'upgrade' ? upgrade(request, socket, head, response.body, gone.signal) : refuse(socket, response)))
    .catch((error: unknown) => {
      service.log.error('an upgrade failed', { error });
      socket.destroy();
    });
}

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, body: ApiUpgradeBody, signal: AbortSignal): Promise<void> {
  const protocol = request.headers.upgrade?.toLowerCase();
  if (protocol === 'websocket') await acceptRemoteCommand(request, socket, head, body, signal);
  else refuse(socket, errorResponse(badRequest(`the upgrade to ${JSON.stringify(request.headers.upgrade)} is not supported: use WebSocket (kubectl 1.30 or later does)`)));
}
