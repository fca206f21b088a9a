import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KopsError, messageOf } from '../../../src/lib/errors.ts';

/** Systems cut the path of a Unix socket at 104 to 108 bytes. */
const longestSocketPath = 100;

export interface DaemonPaths {
  home: string;
  /** Everything of the local cloud. */
  folder: string;
  socket: string;
  log: string;
  intent: string;
  /** What the daemon listens on while it lives: taken by one process at a time, given back by the system when it dies. */
  lock: string;
  /** Of the object storage, on 127.0.0.1: the home's own as long as nobody else has it. */
  objectStoragePort: number;
}

/** Makes the folders (mode 0700) when they are missing. Throws HOME_NOT_WRITABLE. */
export function daemonPaths(homePath: string): DaemonPaths {
  const home = makeFolder(homePath);
  const folder = makePrivateFolder(join(home, 'local'));
  const id = createHash('sha256').update(home).digest('hex').slice(0, 24);
  return {
    home,
    folder,
    socket: socketPath(folder, id),
    log: join(folder, 'daemon.log'),
    intent: join(folder, 'intent.json'),
    lock: lockAddress(folder, id),
    objectStoragePort: 10_000 + (Number.parseInt(id.slice(0, 8), 16) % 10_000),
  };
}

function socketPath(folder: string, id: string): string {
  // The id, not the name: in a container, or on a machine of directory users, a user may have none.
  const short = `kops-ts-${process.getuid?.() ?? 'user'}-${id}`;
  const folders = [folder, join(tmpdir(), short), join('/tmp', short)];
  const fitting = folders.find((path) => Buffer.byteLength(join(path, 'daemon.sock')) <= longestSocketPath) ?? folder;
  return join(fitting === folder ? folder : makePrivateFolder(fitting), 'daemon.sock');
}

/** Linux has names for sockets that no file stands for: nothing can be left behind. */
function lockAddress(folder: string, id: string): string {
  if (process.platform === 'linux') return `\0kops-ts-local-${id}`;
  return socketPath(folder, id).replace(/daemon\.sock$/, 'daemon.lock');
}

function makePrivateFolder(path: string): string {
  const real = makeFolder(path);
  try {
    chmodSync(real, 0o700);
    accessSync(real, constants.W_OK);
    return real;
  } catch (error) {
    throw notWritable(path, error);
  }
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return realpathSync(path);
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, error: unknown): KopsError {
  return new KopsError(`cannot write to ${path}: ${messageOf(error)}`, {
    code: 'HOME_NOT_WRITABLE',
    exit: 'cloud',
    object: path,
    suggestions: ['Give yourself the right to write there, or choose another folder: export KOPS_TS_HOME=$HOME/.kops-ts'],
    cause: error,
  });
}
