/** Numbers (unsigned, up to 2^53, in groups of seven bits), texts and blobs, one after the other: what protobuf's wire format is made of, too. */
export class ByteWriter {
  private buffer: Buffer;
  private length = 0;

  /** `expectedBytes`: it grows beyond, by copying. */
  constructor(expectedBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(expectedBytes);
  }

  number(value: number): this {
    this.reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.buffer[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.length++] = rest;
    return this;
  }

  text(value: string): this {
    const bytes = Buffer.byteLength(value);
    this.number(bytes).reserve(bytes);
    this.length += this.buffer.write(value, this.length);
    return this;
  }

  blob(value: Uint8Array): this {
    this.number(value.length).reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
    return this;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** Reads what ByteWriter wrote. Throws RangeError past the end. */
export class ByteReader {
  private readonly buffer: Buffer;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.offset >= this.buffer.length;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.buffer[this.offset++];
      if (byte === undefined) throw new RangeError('record ends early');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  text(): string {
    return this.take(this.number()).toString('utf8');
  }

  /** A copy: the file it comes from need not stay in memory. */
  blob(): Uint8Array {
    return new Uint8Array(this.take(this.number()));
  }

  /** The bytes of a blob where they are, not copied. */
  view(): Uint8Array {
    return this.take(this.number());
  }

  private take(length: number): Buffer {
    const end = this.offset + length;
    if (end > this.buffer.length) throw new RangeError('record ends early');
    const part = this.buffer.subarray(this.offset, end);
    this.offset = end;
    return part;
  }
}
