import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { messageOf } from '../lib/errors.ts';
import { deepFreeze } from '../lib/json.ts';
import type { Watch, WatchEventType, WatchHandler } from './client.ts';
import type { KubeObject } from './objects.ts';
import { type Status, StatusError } from './status.ts';

/** A watch over HTTP: one JSON object a line. */
export class WatchStream implements Watch {
  private readonly handler: WatchHandler;
  private stream: ClientHttp2Stream | undefined;
  private over = false;
  private status = 0;
  private rest: Buffer[] = [];

  constructor(opening: Promise<ClientHttp2Stream>, handler: WatchHandler) {
    this.handler = handler;
    opening.then(
      (stream) => this.begin(stream),
      (error: unknown) => this.finish(error instanceof Error ? error : new Error(messageOf(error))),
    );
  }

  stop(): void {
    this.over = true;
    this.stream?.close(constants.NGHTTP2_CANCEL);
  }

  private begin(stream: ClientHttp2Stream): void {
    this.stream = stream;
    let failure: Error | undefined;
    stream.on('error', (error) => {
      failure = new StatusError('ServiceUnavailable', `the connection to the API server broke: ${error.message}`);
    });
    stream.on('response', (headers) => {
      this.status = headers[':status'] ?? 0;
    });
    stream.on('data', (chunk: Buffer) => this.take(chunk));
    stream.on('close', () => this.finish(failure ?? this.refusal()));
    if (this.over) stream.close(constants.NGHTTP2_CANCEL);
  }

  private take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0 && this.status < 400; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...this.rest, chunk.subarray(start, end)]).toString();
      this.rest = [];
      start = end + 1;
      if (line !== '') this.event(line);
    }
    if (start < chunk.length) this.rest.push(chunk.subarray(start));
  }

  private event(line: string): void {
    if (this.over) return;
    const { type, object } = JSON.parse(line) as { type: WatchEventType | 'ERROR'; object: KubeObject };
    if (type !== 'ERROR') {
      this.handler.event(type, deepFreeze(object));
      return;
    }
    this.finish(StatusError.from(object as unknown as Status));
    this.stop();
  }

  /** An answer that is no stream: its body is a Status. */
  private refusal(): Error | undefined {
    if (this.status === 0) return new StatusError('ServiceUnavailable', 'the API server closed the connection before it answered');
    if (this.status < 400) return undefined;
    const text = Buffer.concat(this.rest).toString();
    try {
      return StatusError.from(JSON.parse(text) as Status);
    } catch {
      return StatusError.from({ message: text, code: this.status });
    }
  }

  private finish(error: Error | undefined): void {
    if (this.over) return;
    this.over = true;
    this.handler.end(error);
  }
}
