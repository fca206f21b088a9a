import type { Transform } from 'node:stream';
import { constants, createDeflate, createInflate } from 'node:zlib';
import { headerDictionary } from './dictionary.ts';

export type SpdyHeaders = Record<string, string>;

/** Header blocks of one connection: compressed as one stream in each direction, so blocks go through in the order of their frames. */
export class HeaderCodec {
  private readonly inflate = createInflate({ dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH });
  private readonly deflate = createDeflate({ dictionary: headerDictionary, flush: constants.Z_SYNC_FLUSH });

  async decode(block: Uint8Array): Promise<SpdyHeaders> {
    const bytes = await through(this.inflate, block);
    const headers: SpdyHeaders = {};
    let at = 4;
    const text = () => {
      const start = at + 4;
      at = start + bytes.readUInt32BE(at);
      return bytes.toString('utf8', start, at);
    };
    for (let left = bytes.readUInt32BE(0); left > 0; left--) {
      const name = text().toLowerCase();
      headers[name] = text();
    }
    return headers;
  }

  encode(headers: SpdyHeaders): Promise<Buffer> {
    const parts = [numberBytes(Object.keys(headers).length)];
    for (const pair of Object.entries(headers)) {
      for (const text of pair) parts.push(numberBytes(Buffer.byteLength(text)), Buffer.from(text));
    }
    return through(this.deflate, Buffer.concat(parts));
  }

  close(): void {
    this.inflate.destroy();
    this.deflate.destroy();
  }
}

/** What comes out for what goes in; rejects when the bytes are no valid block. */
function through(stream: Transform, input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const take = (chunk: Buffer) => output.push(chunk);
    const finish = (error?: Error | null) => {
      stream.off('data', take);
      stream.off('error', finish);
      if (error) reject(error);
      else resolve(Buffer.concat(output));
    };
    stream.on('data', take);
    stream.once('error', finish);
    stream.write(input, finish);
  });
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
