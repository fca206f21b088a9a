import { Duplex } from 'node:stream';
import { systemError } from './system-error.ts';

export interface Endpoint {
  ip: string;
  port: number;
}

const highWaterMark = 64 * 1024;

/** One end of a connection inside the process. It has what node:http, node:tls and node:http2 expect of a socket. Chunks pass by reference. */
export class MemoryStream extends Duplex {
  remoteAddress: string;
  remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteFamily = 'IPv4';
  private peer: MemoryStream | undefined;
  private delivered: (() => void) | undefined;
  private finished = false;

  constructor(local: Endpoint, remote: Endpoint) {
    super({ highWaterMark });
    this.localAddress = local.ip;
    this.localPort = local.port;
    this.remoteAddress = remote.ip;
    this.remotePort = remote.port;
    // A reset that nobody listens for must not end the process.
    this.on('error', ignore);
  }

  join(peer: MemoryStream): void {
    this.peer = peer;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    // Delivered in the next tick: two ends that answer each other at once would otherwise grow the stack.
    process.nextTick(() => {
      const peer = this.peer;
      if (!peer || peer.destroyed) return callback(systemError('EPIPE', 'write', this.remoteAddress, this.remotePort));
      if (peer.push(chunk)) callback();
      else peer.delivered = callback;
    });
  }

  override _final(callback: () => void): void {
    this.finished = true;
    process.nextTick(() => {
      if (this.peer && !this.peer.destroyed) this.peer.push(null);
      callback();
    });
  }

  override _read(): void {
    const delivered = this.delivered;
    this.delivered = undefined;
    delivered?.();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const peer = this.peer;
    this.peer = undefined;
    this._read();
    process.nextTick(() => {
      if (peer && !peer.destroyed) {
        if (error) peer.destroy(systemError('ECONNRESET', 'read', this.localAddress, this.localPort));
        else if (!this.finished) peer.push(null);
      }
      callback(error);
    });
  }

  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  address(): { address: string; port: number; family: string } {
    return { address: this.localAddress, port: this.localPort, family: this.remoteFamily };
  }
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}

function ignore(): void {}

/** Two joined ends: what one writes the other reads. */
export function memoryStreamPair(client: Endpoint, server: Endpoint): { client: MemoryStream; server: MemoryStream } {
  const near = new MemoryStream(client, server);
  const far = new MemoryStream(server, client);
  near.join(far);
  far.join(near);
  return { client: near, server: far };
}
