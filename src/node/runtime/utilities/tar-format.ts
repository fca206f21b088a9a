import { checksumOf, paddingOf, tarBlock } from '../../../lib/tar.ts';
import { maxContainerBytes } from '../container/file-system.ts';
import { UsageError } from './support.ts';

export interface TarEntry {
  /** As the archive has it: relative or absolute, with `/` at the end of a directory. */
  name: string;
  type: 'file' | 'dir' | 'symlink' | 'hardlink' | 'other';
  size: number;
  mode: number;
  /** What a link points to. */
  target: string;
}

const types: Record<string, TarEntry['type']> = { '0': 'file', '\0': 'file', '7': 'file', '5': 'dir', '2': 'symlink', '1': 'hardlink' };

/** Reads ustar, GNU and PAX archives. Throws UsageError for what is no archive or ends too early. */
export class TarReader {
  private readonly read: () => Promise<Buffer | undefined>;
  private parts: Buffer[] = [];
  private held = 0;
  /** Content of the current entry that nobody has read. */
  private left = 0;

  constructor(read: () => Promise<Buffer | undefined>) {
    this.read = read;
  }

  /** The next entry; undefined at the end of the archive. What is left of the current one is skipped. */
  async next(): Promise<TarEntry | undefined> {
    const special = new Map<string, string>();
    for (;;) {
      await this.skip();
      const header = await this.take(tarBlock);
      if (header.length === 0 || header.every((byte) => byte === 0)) return undefined;
      if (header.length < tarBlock) throw new UsageError('short read');
      const entry = readHeader(header, special);
      const type = String.fromCharCode(header[156] ?? 0);
      this.left = entry.size;
      if (type === 'L' || type === 'K') special.set(type === 'L' ? 'path' : 'linkpath', textOf(await this.content()));
      else if (type === 'x') for (const [key, value] of paxRecords(await this.content())) special.set(key, value);
      else if (type !== 'g') return entry;
    }
  }

  /** The current entry's content, whole. */
  async content(): Promise<Buffer> {
    const size = this.left;
    if (size > maxContainerBytes) throw new UsageError('No space left on device');
    const content = await this.take(size);
    this.left = 0;
    const padding = paddingOf(size).length;
    if (content.length < size || (await this.take(padding)).length < padding) throw new UsageError('short read');
    return content;
  }

  /** Reads to the end of the stream, so that its writer is not left with a closed pipe. */
  async drain(): Promise<void> {
    this.parts = [];
    this.held = 0;
    while (await this.read());
  }

  private async skip(): Promise<void> {
    for (let rest = this.left + (this.left > 0 ? paddingOf(this.left).length : 0); rest > 0; ) {
      const chunk = await this.take(Math.min(rest, 64 * 1024));
      if (chunk.length === 0) throw new UsageError('short read');
      rest -= chunk.length;
    }
    this.left = 0;
  }

  /** So many bytes, or fewer at the end of the stream. */
  private async take(size: number): Promise<Buffer> {
    while (this.held < size) {
      const chunk = await this.read();
      if (!chunk) break;
      this.parts.push(chunk);
      this.held += chunk.length;
    }
    const all = this.parts.length === 1 && this.parts[0] ? this.parts[0] : Buffer.concat(this.parts);
    const taken = all.subarray(0, size);
    this.parts = all.length > taken.length ? [all.subarray(taken.length)] : [];
    this.held = all.length - taken.length;
    return taken;
  }
}

function readHeader(header: Buffer, special: ReadonlyMap<string, string>): TarEntry {
  if (numberAt(header, 148, 8) !== checksumOf(header)) throw new UsageError('invalid tar magic');
  const text = (from: number, to: number) => textOf(header.subarray(from, to));
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(345, 500) : '';
  const name = special.get('path') ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
  const declared = types[String.fromCharCode(header[156] ?? 0)] ?? 'other';
  const type = declared === 'file' && name.endsWith('/') ? 'dir' : declared;
  const size = type === 'file' || type === 'other' ? Number(special.get('size') ?? numberAt(header, 124, 12)) : 0;
  if (!Number.isSafeInteger(size) || size < 0) throw new UsageError('invalid tar header');
  return { name, type, size, mode: numberAt(header, 100, 8), target: special.get('linkpath') ?? text(157, 257) };
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Octal digits, or GNU's binary form for what has too many. */
function numberAt(header: Buffer, at: number, length: number): number {
  if (((header[at] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(at + length - 8));
  return Number.parseInt(textOf(header.subarray(at, at + length)).trim() || '0', 8);
}

/** `LENGTH KEY=VALUE\n`, where the length counts the whole record in bytes. */
function* paxRecords(content: Buffer): Generator<[string, string]> {
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) return;
    const [, key = '', value = ''] = /^\d+ ([^=]*)=(.*)\n$/s.exec(content.toString('utf8', at, at + length)) ?? [];
    yield [key, value];
    at += length;
  }
}
