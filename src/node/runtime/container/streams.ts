/** Where a program writes. A returned promise asks the writer to wait: the reader is behind. */
export interface Output {
  write(data: string | Uint8Array): void | Promise<void>;
}

/** Thrown by a write to a pipe that nobody reads any more (SIGPIPE). */
export class BrokenPipe extends Error {
  constructor() {
    super('Broken pipe');
    this.name = 'BrokenPipe';
  }
}

const newline = 10;
const empty = Buffer.alloc(0);

/** What a program reads, by chunk, by line or whole. What one reader leaves the next one finds: the shell and its commands share it. */
export class Input {
  private rest: Buffer = empty;
  private readonly pull: () => Promise<Uint8Array | undefined>;

  /** `pull` gives the next chunk, undefined at the end. */
  constructor(pull: () => Promise<Uint8Array | undefined>) {
    this.pull = pull;
  }

  static empty(): Input {
    return new Input(async () => undefined);
  }

  static of(data: string | Uint8Array): Input {
    let left: Uint8Array | undefined = toBytes(data);
    return new Input(async () => {
      const chunk = left;
      left = undefined;
      return chunk;
    });
  }

  async read(): Promise<Buffer | undefined> {
    if (this.rest.length > 0) {
      const chunk = this.rest;
      this.rest = empty;
      return chunk;
    }
    for (let chunk = await this.pull(); chunk; chunk = await this.pull()) if (chunk.length > 0) return toBytes(chunk);
    return undefined;
  }

  /** The next line with its line end, which the last one may lack; undefined at the end. */
  async readLine(): Promise<string | undefined> {
    const parts: Buffer[] = [];
    for (let chunk = await this.read(); chunk; chunk = await this.read()) {
      const end = chunk.indexOf(newline);
      if (end >= 0) {
        parts.push(chunk.subarray(0, end + 1));
        this.rest = chunk.subarray(end + 1);
        break;
      }
      parts.push(chunk);
    }
    return parts.length === 0 ? undefined : Buffer.concat(parts).toString();
  }

  async readAll(limitBytes = 16 * 1024 * 1024): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    for (let chunk = await this.read(); chunk && size < limitBytes; chunk = await this.read()) {
      parts.push(chunk);
      size += chunk.length;
    }
    return Buffer.concat(parts);
  }

  async *lines(): AsyncGenerator<string> {
    for (let line = await this.readLine(); line !== undefined; line = await this.readLine()) yield line.endsWith('\n') ? line.slice(0, -1) : line;
  }
}

export function toBytes(data: string | Uint8Array): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

const pipeBytes = 64 * 1024;

/** A pipe with a bounded buffer between two programs, or between a client and a program. */
export class Pipe implements Output {
  readonly input: Input;
  private chunks: Buffer[] = [];
  private size = 0;
  private ended = false;
  private abandoned = false;
  private reader: (() => void) | undefined;
  private writers: (() => void)[] = [];

  constructor() {
    this.input = new Input(() => this.take());
  }

  write(data: string | Uint8Array): void | Promise<void> {
    if (this.abandoned) throw new BrokenPipe();
    if (this.ended) return;
    const bytes = toBytes(data);
    this.chunks.push(bytes);
    this.size += bytes.length;
    this.wakeReader();
    if (this.size >= pipeBytes) return new Promise((resolve) => this.writers.push(resolve));
  }

  /** No more will be written. */
  end(): void {
    this.ended = true;
    this.wakeReader();
  }

  /** Nobody reads any more: writers fail. */
  abandon(): void {
    this.abandoned = true;
    this.chunks = [];
    this.wakeWriters();
    this.wakeReader();
  }

  private async take(): Promise<Buffer | undefined> {
    while (this.chunks.length === 0 && !this.ended && !this.abandoned) await new Promise<void>((resolve) => (this.reader = resolve));
    const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    const none = this.chunks.length === 0;
    this.chunks = [];
    this.size = 0;
    this.wakeWriters();
    return none ? undefined : all;
  }

  private wakeReader(): void {
    const reader = this.reader;
    this.reader = undefined;
    reader?.();
  }

  private wakeWriters(): void {
    for (const writer of this.writers.splice(0)) writer();
  }
}

/** Collects what is written, up to a limit; the rest is dropped. */
export class Collector implements Output {
  private readonly parts: Buffer[] = [];
  private size = 0;
  private readonly limitBytes: number;

  constructor(limitBytes = 1024 * 1024) {
    this.limitBytes = limitBytes;
  }

  write(data: string | Uint8Array): void {
    if (this.size >= this.limitBytes) return;
    const bytes = toBytes(data);
    this.parts.push(bytes);
    this.size += bytes.length;
  }

  text(): string {
    return Buffer.concat(this.parts).toString();
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export const nullOutput: Output = { write: () => {} };
