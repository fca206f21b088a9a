/** What is wrong with the bytes; the caller names the kind. */
export class ProtobufError extends Error {}

/** Reads the protobuf wire format. */
export class ProtobufReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at: number;
  private readonly end: number;

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
    this.end = to;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  tag(): { field: number; wire: number } {
    const tag = Number(this.varint());
    return { field: tag >>> 3, wire: tag & 7 };
  }

  /** Signed 64-bit. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new ProtobufError('proto: integer overflow');
  }

  double(): number {
    const value = this.view.getFloat64(this.take(8), true);
    return value;
  }

  float(): number {
    return this.view.getFloat32(this.take(4), true);
  }

  /** The bytes of a length-delimited value, not copied. */
  chunk(): Uint8Array {
    const length = Number(this.varint());
    const from = this.take(length);
    return this.bytes.subarray(from, from + length);
  }

  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.take(8);
    else if (wire === 2) this.chunk();
    else if (wire === 5) this.take(4);
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }

  private byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  private take(length: number): number {
    const from = this.at;
    if (length < 0 || from + length > this.end) throw new ProtobufError('unexpected EOF');
    this.at += length;
    return from;
  }
}
