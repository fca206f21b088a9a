import { gzipSync } from 'node:zlib';
import { endOfArchive, headerOf, paddingOf } from '../../../lib/tar.ts';
import { FileError, joinPath, maxContainerBytes, resolvePath } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { Collector } from '../container/streams.ts';
import { absolute, type Options, UsageError } from './support.ts';
import { delayedError } from './tar-extract.ts';

/** `tar -c`: the operands, relative to the folder, as an archive on standard output or in a file. */
export async function createArchive(process: Process, options: Options, folder: string): Promise<number> {
  if (options.operands.length === 0) throw new UsageError('Cowardly refusing to create an empty archive', 2);
  const file = options.values.get('f') ?? '-';
  const say = async (name: string) => (file === '-' ? process.warn(`${name}\n`) : process.print(`${name}\n`));
  const archive = new Archive(process, options.flags.has('v') ? say : async () => {}, file === '-' && !options.flags.has('z'));
  let code = 0;
  for (const path of options.operands) if (!(await archive.add(path, folder))) code = 1;
  const bytes = await archive.end();
  const packed = options.flags.has('z') ? gzipSync(bytes) : bytes;
  if (file === '-') await process.stdout.write(packed);
  else process.machine.files.write(absolute(process, file), packed);
  return code === 0 ? 0 : delayedError(process);
}

class Archive {
  private readonly process: Process;
  private readonly say: (name: string) => Promise<void>;
  private readonly collected = new Collector(2 * maxContainerBytes);
  private readonly direct: boolean;

  /** `direct` writes as it goes; otherwise the bytes are there at the end. */
  constructor(process: Process, say: (name: string) => Promise<void>, direct: boolean) {
    this.process = process;
    this.say = say;
    this.direct = direct;
  }

  /** False when there is no such file. */
  async add(path: string, folder: string): Promise<boolean> {
    const busybox = this.process.machine.flavour === 'busybox';
    const source = resolvePath(folder, path);
    if (!this.process.machine.files.stat(source)) {
      await this.process.warn(`tar: ${path}: ${busybox ? '' : 'Cannot stat: '}${new FileError('ENOENT').message}\n`);
      return false;
    }
    if (path.startsWith('/')) await this.process.warn(`tar: ${busybox ? "removing leading '/'" : "Removing leading `/'"} from member names\n`);
    await this.member(source, path.replace(/^\/+/, '').replace(/\/+$/, '') || '.');
    return true;
  }

  async end(): Promise<Buffer> {
    await this.write(endOfArchive);
    return this.collected.bytes();
  }

  /** A file, or a directory and all below it. */
  private async member(path: string, name: string): Promise<void> {
    const { files, clock } = this.process.machine;
    const mtime = clock.now() / 1000;
    if (files.stat(path)?.type === 'dir') {
      await this.say(`${name}/`);
      await this.write(headerOf({ name: `${name}/`, type: 'dir', size: 0, mode: 0o755 }, mtime));
      for (const child of files.list(path)) await this.member(joinPath(path, child), `${name}/${child}`);
      return;
    }
    const content = files.read(path);
    await this.say(name);
    await this.write(headerOf({ name, type: 'file', size: content.length, mode: files.mode(path) }, mtime));
    await this.write(content);
    await this.write(paddingOf(content.length));
  }

  private async write(bytes: Buffer): Promise<void> {
    await (this.direct ? this.process.stdout : this.collected).write(bytes);
  }
}
