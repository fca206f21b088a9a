import type { Duplex } from 'node:stream';
import type { ApiUpgradeBody, UpgradeSession } from '../../../../kube/request.ts';
import { parseBool } from '../../request-info.ts';
import { statusOf } from '../../result.ts';
import { noInput } from '../byte-queue.ts';
import { resizeOf } from '../resize.ts';
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts';

/** Exec and attach over SPDY: a stream for each of what the query asks for, and one for the result. */
export function serveRemoteCommand(transport: Duplex, body: ApiUpgradeBody, query: URLSearchParams, signal: AbortSignal): void {
  const wanted = expectedStreams(query);
  const streams = new Map<string, SpdyStream>();
  const connection = new SpdyConnection(transport, (stream) => {
    streams.set((stream.headers.streamtype ?? '').toLowerCase(), stream);
    if (!wanted.every((name) => streams.has(name))) return;
    const session = sessionOf(connection, streams, signal);
    body.serve(session).catch((error: unknown) => session.close(statusOf(error)));
  });
}

function expectedStreams(query: URLSearchParams): string[] {
  const tty = parseBool(query.get('tty'));
  const asked = ['stdin', 'stdout', 'stderr'].filter((name) => parseBool(query.get(name)) && !(tty && name === 'stderr'));
  return tty ? ['error', 'resize', ...asked] : ['error', ...asked];
}

function sessionOf(connection: SpdyConnection, streams: ReadonlyMap<string, SpdyStream>, signal: AbortSignal): UpgradeSession {
  const write = (name: string) => (chunk: Uint8Array) => void streams.get(name)?.write(chunk);
  return {
    stdin: streams.get('stdin') ?? noInput,
    stdout: write('stdout'),
    stderr: write('stderr'),
    onResize: (callback) =>
      void streams.get('resize')?.on('data', (chunk: Buffer) => {
        const size = resizeOf(chunk);
        if (size) callback(size);
      }),
    close(status) {
      streams.get('error')?.end(JSON.stringify(status));
      for (const stream of streams.values()) if (!stream.writableEnded) stream.end();
      connection.end();
    },
    signal,
  };
}
