import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiResponse } from '../../../kube/request.ts';

/** A plain answer on the socket of the upgrade request. */
export function refuse(socket: Duplex, { status, body }: ApiResponse): void {
  const bytes = body.type === 'object' ? body.encoded() : body.type === 'bytes' ? body.bytes : Buffer.alloc(0);
  const contentType = body.type === 'bytes' ? body.contentType : 'application/json';
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, `Content-Type: ${contentType}`, `Content-Length: ${bytes.length}`, 'Connection: close', '', ''].join('\r\n');
  socket.end(Buffer.concat([Buffer.from(head), bytes]));
}
