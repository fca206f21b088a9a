/** A writer is asked to wait above this. */
const fullBytes = 256 * 1024;

/** Chunks from a callback, read as an async iterable by one reader. `onFull` is told when the writer should wait and when it may go on. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  private readonly onFull: (full: boolean) => void;
  private chunks: Uint8Array[] = [];
  private bytes = 0;
  private ended = false;
  private wake: (() => void) | undefined;

  constructor(onFull: (full: boolean) => void) {
    this.onFull = onFull;
  }

  push(chunk: Uint8Array): void {
    if (this.ended) return;
    this.chunks.push(chunk);
    this.count(chunk.length);
    this.wake?.();
  }

  /** The reader gets what is queued, then the end. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk) {
        this.count(-chunk.length);
        yield chunk;
      } else if (this.ended) return;
      else await this.more();
    }
  }

  private count(change: number): void {
    const wasFull = this.bytes > fullBytes;
    this.bytes += change;
    const isFull = this.bytes > fullBytes;
    if (isFull !== wasFull) this.onFull(isFull);
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

/** The input of a client that sends none. */
export const noInput: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};
