import type { Clock } from '../../../lib/clock.ts';
import type { LogLine, LogOptions } from '../runtime.ts';
import { type Output, toBytes } from './streams.ts';

const maxLines = 10_000;
const maxBytes = 1024 * 1024;
/** A line longer than this is stored in parts, as CRI runtimes do. */
const maxLineBytes = 16 * 1024;

/** The last lines a container wrote: at most 10,000 or 1 MiB, the oldest go first. Followers are woken by each write and share the lines. */
export class LogBuffer {
  private readonly clock: Clock;
  private lines: LogLine[] = [];
  /** Number of lines dropped from the front; positions count from the first line ever. */
  private dropped = 0;
  private bytes = 0;
  private ended = false;
  private readonly waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** An output whose complete lines go into the log; `flush` adds what has no line end yet. */
  writer(stream: LogLine['stream']): Output & { flush(): void } {
    let rest = '';
    const write = (data: string | Uint8Array) => {
      const text = rest + (typeof data === 'string' ? data : toBytes(data).toString());
      const parts = text.split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) this.add(stream, part);
      for (; rest.length > maxLineBytes; rest = rest.slice(maxLineBytes)) this.add(stream, rest.slice(0, maxLineBytes), true);
    };
    const flush = () => {
      if (rest !== '') this.add(stream, rest, true);
      rest = '';
    };
    return { write, flush };
  }

  /** Nothing more will come: followers end. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  async *read(options: LogOptions): AsyncGenerator<LogLine> {
    const since = options.sinceMs ?? Number.NEGATIVE_INFINITY;
    let position = this.start(options);
    while (!options.signal.aborted) {
      position = Math.max(position, this.dropped);
      const line = this.lines[position - this.dropped];
      if (line) {
        position++;
        if (line.timeMs >= since) yield line;
      } else if (!options.follow || this.ended) {
        return;
      } else {
        await this.change(options.signal);
      }
    }
  }

  private start(options: LogOptions): number {
    const end = this.dropped + this.lines.length;
    return options.tailLines === undefined ? this.dropped : Math.max(this.dropped, end - options.tailLines);
  }

  private add(stream: LogLine['stream'], text: string, partial = false): void {
    this.lines.push({ timeMs: this.clock.now(), stream, text, ...(partial ? { partial } : {}) });
    this.bytes += text.length;
    if (this.lines.length > maxLines || this.bytes > maxBytes) this.trim();
    if (this.waiting.size > 0) this.wake();
  }

  /** Drops a tenth at a time, so that a full log does not shift on every line. */
  private trim(): void {
    let count = 0;
    for (let bytes = this.bytes; count < this.lines.length - 1 && (count < maxLines / 10 || bytes > maxBytes * 0.9); count++) bytes -= this.lines[count]?.text.length ?? 0;
    for (const line of this.lines.splice(0, count)) this.bytes -= line.text.length;
    this.dropped += count;
  }

  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  private wake(): void {
    for (const wake of [...this.waiting]) wake();
  }
}
