import { Duplex } from 'node:stream';
import { HeaderCodec, type SpdyHeaders } from './header-codec.ts';

const type = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const finFlag = 1;
/** A frame's length has 24 bits; larger chunks go out in several frames. */
const maxDataBytes = 256 * 1024;
/** Output that a client leaves unread; more ends the connection. */
const maxUnsentBytes = 64 * 1024 * 1024;
const maxFrameBytes = 16 * 1024 * 1024;

/**
 * The server's side of SPDY/3.1 as Kubernetes clients speak it: they open streams, the server answers; no flow control.
 * Whatever is wrong with the bytes ends the connection, never the process.
 */
export class SpdyConnection {
  private readonly transport: Duplex;
  private readonly onStream: (stream: SpdyStream) => void;
  private readonly headers = new HeaderCodec();
  private readonly streams = new Map<number, SpdyStream>();
  private pending: Buffer = Buffer.alloc(0);
  private reading: Promise<void> = Promise.resolve();

  constructor(transport: Duplex, onStream: (stream: SpdyStream) => void) {
    this.transport = transport;
    this.onStream = onStream;
    transport.on('data', (chunk: Buffer) => this.take(chunk));
    transport.on('error', () => this.destroy());
    transport.on('close', () => this.destroy());
  }

  /** Lets what is written go out, then ends. */
  end(): void {
    this.transport.end();
  }

  destroy(): void {
    this.headers.close();
    for (const stream of this.streams.values()) stream.destroy();
    this.streams.clear();
    this.transport.destroy();
  }

  sendData(id: number, chunk: Uint8Array, fin: boolean): boolean {
    let flowing = true;
    let start = 0;
    do {
      const part = chunk.subarray(start, start + maxDataBytes);
      start += part.length;
      const head = Buffer.alloc(8);
      head.writeUInt32BE(id);
      head.writeUInt32BE(part.length, 4);
      if (fin && start >= chunk.length) head[4] = finFlag;
      if (this.transport.writableLength > maxUnsentBytes) this.destroy();
      flowing = !this.transport.destroyed && this.transport.write(Buffer.concat([head, part]));
    } while (start < chunk.length);
    return flowing;
  }

  onceDrained(callback: () => void): void {
    this.transport.once('drain', callback);
  }

  forget(id: number): void {
    this.streams.delete(id);
  }

  private take(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    while (this.pending.length >= 8) {
      const length = this.pending.readUInt32BE(4) & 0xffffff;
      if (length > maxFrameBytes) {
        this.destroy();
        return;
      }
      if (this.pending.length < 8 + length) return;
      const frame = this.pending.subarray(0, 8 + length);
      this.pending = this.pending.subarray(8 + length);
      // Header blocks are decompressed asynchronously, so frames wait for each other.
      this.reading = this.reading.then(() => this.frame(frame)).catch(() => this.destroy());
    }
  }

  private frame(frame: Buffer): void | Promise<void> {
    const isControl = ((frame[0] ?? 0) & 0x80) !== 0;
    const flags = frame[4] ?? 0;
    const body = frame.subarray(8);
    if (!isControl) {
      const stream = this.streams.get(frame.readUInt32BE(0));
      if (body.length > 0) stream?.push(body);
      if (flags & finFlag) stream?.push(null);
      return;
    }
    const kind = frame.readUInt16BE(2);
    if (kind === type.synStream) return this.open(body, flags);
    if (kind === type.rstStream) this.streams.get(body.readUInt32BE(0))?.destroy();
    else if (kind === type.ping) this.transport.write(frame);
    else if (kind === type.goAway) this.end();
  }

  private async open(body: Buffer, flags: number): Promise<void> {
    const id = body.readUInt32BE(0);
    const headers = await this.headers.decode(body.subarray(10));
    const stream = new SpdyStream(this, id, headers);
    this.streams.set(id, stream);
    const block = await this.headers.encode({});
    const reply = Buffer.alloc(12);
    reply.writeUInt16BE(0x8003);
    reply.writeUInt16BE(type.synReply, 2);
    reply.writeUInt32BE(4 + block.length, 4);
    reply.writeUInt32BE(id, 8);
    this.transport.write(Buffer.concat([reply, block]));
    if (flags & finFlag) stream.push(null);
    this.onStream(stream);
  }
}

/** One stream that the client opened, with the headers it sent. */
export class SpdyStream extends Duplex {
  readonly headers: SpdyHeaders;
  private readonly connection: SpdyConnection;
  private readonly id: number;

  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true });
    this.connection = connection;
    this.id = id;
    this.headers = headers;
    this.on('error', () => {});
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.connection.sendData(this.id, chunk, false)) done();
    else this.connection.onceDrained(done);
  }

  override _final(done: () => void): void {
    this.connection.sendData(this.id, Buffer.alloc(0), true);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connection.forget(this.id);
    done(error);
  }
}
