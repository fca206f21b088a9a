import { gunzipSync } from 'node:zlib';
import { FileError, maxContainerBytes, parentOf, resolvePath } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { openInput } from '../shell/redirect.ts';
import { makeFolders } from './files.ts';
import { modeText, type Options, UsageError } from './support.ts';
import { type TarEntry, TarReader } from './tar-format.ts';

/** `tar -x` and `tar -t`: what the archive holds, written below the folder, or its names. */
export async function readArchive(process: Process, options: Options, folder: string): Promise<number> {
  const reader = new TarReader(source(process, options));
  const use = action(process, options, reader, folder);
  let code = 0;
  for (let entry = await reader.next(); entry; entry = await reader.next()) {
    if (!wanted(entry, options)) continue;
    const problem = await use(entry);
    if (problem === undefined) continue;
    await process.warn(`tar: ${problem}\n`);
    code = 1;
  }
  await reader.drain();
  return code === 0 ? 0 : delayedError(process);
}

/** The last words of a tar that went on after an error, and its exit code. */
export async function delayedError(process: Process): Promise<number> {
  const busybox = process.machine.flavour === 'busybox';
  await process.warn(`tar: ${busybox ? 'error exit delayed from previous errors' : 'Exiting with failure status due to previous errors'}\n`);
  return busybox ? 1 : 2;
}

function source(process: Process, { values, flags }: Options): () => Promise<Buffer | undefined> {
  const file = values.get('f') ?? '-';
  const input = file === '-' ? process.stdin : openInput(process, process, file);
  if (!flags.has('z')) return () => process.until(input.read());
  let read = false;
  return async () => {
    if (read) return undefined;
    read = true;
    return gunzip(await process.until(input.readAll(2 * maxContainerBytes)));
  };
}

function gunzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: 2 * maxContainerBytes });
  } catch {
    throw new UsageError('invalid magic: the archive is not in gzip format');
  }
}

/** What is done with an entry; it gives what is wrong with it, or undefined. */
function action(process: Process, options: Options, reader: TarReader, folder: string): (entry: TarEntry) => Promise<string | undefined> {
  const verbose = options.flags.has('v');
  if (options.flags.has('t')) {
    return async (entry) => {
      await process.print(`${verbose ? longLine(entry) : ''}${entry.name}\n`);
      return undefined;
    };
  }
  if (options.flags.has('O')) {
    return async () => {
      await process.stdout.write(await reader.content());
      return undefined;
    };
  }
  const strip = Number(options.values.get('strip-components') ?? 0);
  return async (entry) => {
    if (verbose) await process.print(`${entry.name}\n`);
    return extract(process, reader, entry, folder, strip);
  };
}

function wanted(entry: TarEntry, { operands }: Options): boolean {
  const name = entry.name.replace(/\/$/, '');
  const under = (path: string) => name === path || name.startsWith(`${path.replace(/\/$/, '')}/`);
  return operands.length === 0 || operands.some(under);
}

const maxPathLength = 4096;

/** Writes one entry below the folder; what is wrong with it, or undefined. */
async function extract(process: Process, reader: TarReader, entry: TarEntry, folder: string, strip: number): Promise<string | undefined> {
  const parts = entry.name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return `name with '..' skipped: ${entry.name}`;
  if (entry.type === 'symlink' || entry.type === 'other') return `${entry.name}: ${entry.type === 'symlink' ? 'symbolic links' : 'special files'} are not part of this simulation`;
  const path = resolvePath(folder, parts.slice(strip).join('/'));
  if (path === folder || parts.length <= strip) return undefined;
  if (path.length > maxPathLength) return `${parts.slice(0, 3).join('/')}…: File name too long`;
  const { files } = process.machine;
  try {
    if (entry.type === 'dir') makeFolders(process, path);
    else {
      makeFolders(process, parentOf(path));
      files.write(path, entry.type === 'hardlink' ? files.read(resolvePath(folder, entry.target)) : await reader.content());
      files.setExecutable(path, (entry.mode & 0o111) !== 0);
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const busybox = process.machine.flavour === 'busybox';
    return busybox ? `can't ${entry.type === 'dir' ? 'create directory' : 'open'} '${entry.name}': ${error.message}` : `${entry.name}: Cannot open: ${error.message}`;
  }
  return undefined;
}

function longLine({ type, mode, size }: TarEntry): string {
  return `${type === 'dir' ? 'd' : '-'}${modeText(mode)} root/root ${String(size).padStart(9)} `;
}
