/** Writing tar archives: the form that GNU tar gives them. */
export const tarBlock = 512;

export interface TarHeader {
  /** With `/` at the end of a directory. */
  name: string;
  /** `dir`, or a file. */
  type: string;
  size: number;
  mode: number;
}

/** Zeros that fill the last block of a content. */
export function paddingOf(size: number): Buffer {
  return Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock);
}

/** Two blocks of zeros end an archive. */
export const endOfArchive = Buffer.alloc(2 * tarBlock);

/** The blocks before an entry's content, as GNU tar writes them: a name over 100 bytes goes before in an entry of its own. */
export function headerOf(entry: TarHeader, mtimeSeconds: number): Buffer {
  const name = Buffer.from(entry.name);
  const header = plainHeader(name.subarray(0, 100), entry.type === 'dir' ? '5' : '0', entry.size, entry.mode, mtimeSeconds);
  if (name.length <= 100) return header;
  const size = name.length + 1;
  return Buffer.concat([plainHeader(Buffer.from('././@LongLink'), 'L', size, 0, 0), name, Buffer.alloc(1), paddingOf(size), header]);
}

function plainHeader(name: Buffer, type: string, size: number, mode: number, mtimeSeconds: number): Buffer {
  const header = Buffer.alloc(tarBlock);
  const octal = (value: number, at: number, digits: number) => header.write(`${value.toString(8).padStart(digits, '0')}\0`, at);
  name.copy(header);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.floor(mtimeSeconds), 136, 11);
  header.write(`        ${type}`, 148);
  header.write('ustar  \0', 257, 'latin1');
  header.write('root', 265);
  header.write('root', 297);
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Sum of a header's bytes with its own field as spaces. */
export function checksumOf(header: Buffer): number {
  let sum = 8 * 32;
  for (let at = 0; at < tarBlock; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  return sum;
}
