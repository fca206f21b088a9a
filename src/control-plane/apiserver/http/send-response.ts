import type { ApiResponse, ApiStreamBody, ApiWatchBody } from '../../../kube/request.ts';
import { encodeLine } from '../storage/watch-event.ts';
import type { HttpRequest, HttpResponse } from './serve-request.ts';

/** A watcher that has so many bytes unread is behind. */
const maxUnsentBytes = 1024 * 1024;

/** Both kinds of response have these; TypeScript cannot call through their union. */
interface Writer {
  readonly destroyed?: boolean;
  readonly writableLength: number;
  writeHead(status: number, headers: Record<string, string | string[] | number>): unknown;
  flushHeaders(): void;
  write(chunk: Uint8Array): boolean;
  end(chunk?: Uint8Array): unknown;
  on(event: 'close' | 'drain', listener: () => void): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
}

/** Sends an answer; watches and streams go on until either side ends them. */
export function sendResponse(request: HttpRequest, response: HttpResponse, { status, headers = {}, body }: ApiResponse): void {
  const writer = response as unknown as Writer;
  if (isGone(request, writer)) return;
  if (body.type === 'watch') {
    writer.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-cache, private', ...headers });
    sendWatch(writer, body);
  } else if (body.type === 'stream') {
    writer.writeHead(status, { 'content-type': body.contentType, ...headers });
    sendStream(writer, body);
  } else if (body.type === 'upgrade') {
    sendBytes(request, writer, 400, {}, 'text/plain; charset=utf-8', Buffer.from('Upgrade request required'));
  } else if (body.type === 'bytes') {
    sendBytes(request, writer, status, headers, body.contentType, body.bytes);
  } else {
    sendBytes(request, writer, status, headers, 'application/json', body.encoded());
  }
}

function isGone(request: HttpRequest, writer: Writer): boolean {
  const stream = 'stream' in request ? request.stream : undefined;
  return writer.destroyed === true || stream?.destroyed === true || stream?.session?.destroyed === true;
}

function sendBytes(request: HttpRequest, writer: Writer, status: number, headers: ApiResponse['headers'], contentType: string, bytes: Uint8Array): void {
  const bare = status === 304 || status === 204;
  writer.writeHead(status, { 'cache-control': 'no-cache, private', ...headers, ...(!bare && { 'content-type': contentType, 'content-length': bytes.length }) });
  if (bare || request.method === 'HEAD') writer.end();
  else writer.end(bytes);
}

/** Events that happen together go out in one write. */
function sendWatch(writer: Writer, body: ApiWatchBody): void {
  writer.flushHeaders();
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let over = false;
  const flush = () => {
    if (pending.length === 0 || over) return;
    const chunk = pending.length === 1 ? (pending[0] as Uint8Array) : Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    writer.write(chunk);
  };
  const send = (line: Uint8Array) => {
    if (pending.length === 0) queueMicrotask(flush);
    pending.push(line);
    pendingBytes += line.length;
  };
  const running = body.start({
    event: (_type, _object, encoded) => send(encoded()),
    end: (status) => {
      if (over) return;
      if (status) send(encodeLine('ERROR', Buffer.from(JSON.stringify(status))));
      flush();
      over = true;
      writer.end();
    },
    get ready() {
      return writer.writableLength + pendingBytes < maxUnsentBytes;
    },
    onReady: (callback) => {
      flush();
      writer.once('drain', callback);
    },
  });
  writer.on('close', () => {
    over = true;
    running.stop();
  });
}

function sendStream(writer: Writer, body: ApiStreamBody): void {
  writer.flushHeaders();
  let over = false;
  const running = body.start({
    write: (chunk) => over || writer.write(chunk),
    end: () => {
      if (!over) writer.end();
    },
    onDrain: (callback) => void writer.once('drain', callback),
  });
  writer.on('close', () => {
    over = true;
    running.stop();
  });
}
