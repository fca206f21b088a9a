import type { Duplex } from 'node:stream';
import type { ApiUpgradeBody, ForwardedConnection, UpgradeSession } from '../../../../kube/request.ts';
import { noInput } from '../byte-queue.ts';
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts';

/** Port-forward over SPDY: each connection is a pair of streams, data and error, with the same request id. */
export function servePortForward(transport: Duplex, body: ApiUpgradeBody, signal: AbortSignal): void {
  const halves = new Map<string, SpdyStream>();
  const listeners: ((connection: ForwardedConnection) => void)[] = [];
  const connection = new SpdyConnection(transport, (stream) => {
    const { requestid = '', port = '' } = stream.headers;
    const other = halves.get(requestid);
    if (!other) {
      halves.set(requestid, stream);
      return;
    }
    halves.delete(requestid);
    const [data, error] = stream.headers.streamtype === 'data' ? [stream, other] : [other, stream];
    // The client never writes to the error stream.
    error.resume();
    data.on('close', () => error.end());
    for (const listener of listeners) listener({ port: Number(port), stream: data, error: (message) => error.end(message) });
  });
  const session: UpgradeSession = {
    stdin: noInput,
    stdout: () => {},
    stderr: () => {},
    onResize: () => {},
    onConnection: (callback) => void listeners.push(callback),
    close: () => connection.end(),
    signal,
  };
  body.serve(session).catch(() => connection.destroy());
}
