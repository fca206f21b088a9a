import type { Duplex, Readable } from 'node:stream';

/** What a frame carries; its first byte. */
export const frameType = { request: 0, accepted: 1, failed: 2, data: 3, stdin: 4, stdinEnd: 5, stdout: 6, stderr: 7, resize: 8, exit: 9, end: 10 } as const;

export interface Frame {
  type: number;
  content: Buffer;
}

const headBytes = 5;
const maximumBytes = 16 * 2 ** 20;

/** Type, length in four bytes, content. False: the other side is slow, as with `stream.write`. */
export function writeFrame(stream: Duplex, type: number, content: Uint8Array = new Uint8Array(0)): boolean {
  if (stream.destroyed || stream.writableEnded) return true;
  const head = Buffer.alloc(headBytes);
  head[0] = type;
  head.writeUInt32BE(content.length, 1);
  return stream.write(content.length === 0 ? head : Buffer.concat([head, content]));
}

export function writeJson(stream: Duplex, type: number, value: unknown): boolean {
  return writeFrame(stream, type, Buffer.from(JSON.stringify(value)));
}

/** Resolves when more can be written, or nothing can any more. */
export function writable(stream: Duplex): Promise<void> {
  if (stream.destroyed || !stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

/** Frames of a stream, one after the other. Reads no further than it is asked to. */
export class FrameReader {
  private readonly stream: Readable;
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.stream = stream;
    this.chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** Undefined when the stream ends. Throws when it fails or holds no frames. */
  async next(): Promise<Frame | undefined> {
    if (!(await this.hold(headBytes))) return undefined;
    const length = this.held.readUInt32BE(1);
    if (length > maximumBytes) throw new RangeError(`a frame of ${length} bytes`);
    if (!(await this.hold(headBytes + length))) return undefined;
    const frame = { type: this.held[0] ?? 0, content: this.held.subarray(headBytes, headBytes + length) };
    this.held = this.held.subarray(headBytes + length);
    return frame;
  }

  /** From now on the stream is what it was: bytes without frames. */
  async release(): Promise<void> {
    await this.chunks.return?.();
    if (this.held.length > 0) this.stream.unshift(this.held);
  }

  private async hold(bytes: number): Promise<boolean> {
    while (this.held.length < bytes) {
      const { value, done } = await this.chunks.next();
      if (done) return false;
      this.held = this.held.length === 0 ? value : Buffer.concat([this.held, value]);
    }
    return true;
  }
}
