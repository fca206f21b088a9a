import { FileError } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { absolute, type Options, parseOptions, UsageError, utility } from './support.ts';
import { createArchive } from './tar-create.ts';
import { readArchive } from './tar-extract.ts';

const withValue = 'fC';
const long = ['create', 'extract', 'get', 'list', 'file:', 'directory:', 'gzip', 'gunzip', 'verbose', 'to-stdout', 'touch', 'strip-components:', 'overwrite'];
const ignored = ['no-same-permissions', 'no-same-owner', 'same-permissions', 'preserve-permissions', 'same-owner', 'numeric-owner'];
const letters: Record<string, string> = {
  create: 'c',
  extract: 'x',
  get: 'x',
  list: 't',
  file: 'f',
  directory: 'C',
  gzip: 'z',
  gunzip: 'z',
  verbose: 'v',
  'to-stdout': 'O',
  touch: 'm',
};

/** tar as busybox and Debian have it, in what `kubectl cp` and people need: c, x, t with f, C, z, v, O. Owners and times are not kept. */
export const tar: Program = utility('tar', async (process, args) => {
  const options = readArguments(args);
  const mode = ['c', 'x', 't'].filter((letter) => options.flags.has(letter));
  if (mode.length !== 1) throw new UsageError("You must specify one of the '-ctx' options", 2);
  const folder = absolute(process, options.values.get('C') ?? '.');
  if (process.machine.files.stat(folder)?.type !== 'dir') throw noFolder(process, options.values.get('C') ?? '.');
  return mode[0] === 'c' ? createArchive(process, options, folder) : readArchive(process, options, folder);
});

/** Options in tar's three forms: `cf -`, `-cf -`, `--create --file=-`. */
function readArguments(args: string[]): Options {
  const [first = '', ...rest] = args;
  const spread =
    first === '' || first.startsWith('-') ? args : [...[...first].flatMap((letter) => (withValue.includes(letter) ? [`-${letter}`, rest.shift() ?? ''] : [`-${letter}`])), ...rest];
  const options = parseOptions(spread, 'cxtvzmpokhOf:C:', [...long, ...ignored]);
  for (const [name, letter] of Object.entries(letters)) {
    const value = options.values.get(name);
    if (value !== undefined) options.values.set(letter, value);
    if (options.flags.has(name)) options.flags.add(letter);
  }
  return options;
}

function noFolder(process: Process, path: string): UsageError {
  const { message } = new FileError('ENOENT');
  if (process.machine.flavour === 'busybox') return new UsageError(`can't change directory to '${path}': ${message}`);
  return new UsageError(`${path}: Cannot open: ${message}\ntar: Error is not recoverable: exiting now`, 2);
}
