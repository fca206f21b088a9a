import { FileError, resolvePath } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import type { Input } from '../container/streams.ts';
import { openInput } from '../shell/redirect.ts';

export interface Options {
  /** Letters and long names that were given. */
  flags: Set<string>;
  values: Map<string, string>;
  operands: string[];
}

/** A wrong call: its message goes to stderr after the command's name. */
export class UsageError extends Error {
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Reads options as getopt does. `spec` lists letters, with `:` after those that take a value; long options are given as `name` or `name:` in `long`. */
export function parseOptions(args: readonly string[], spec: string, long: readonly string[] = []): Options {
  const result: Options = { flags: new Set(), values: new Map(), operands: [] };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      result.operands.push(...args.slice(at + 1));
      break;
    }
    if (arg.startsWith('--')) at = longOption(args, at, long, result);
    else if (arg.startsWith('-') && arg !== '-') at = shortOptions(args, at, spec, result);
    else result.operands.push(arg);
  }
  return result;
}

function longOption(args: readonly string[], at: number, long: readonly string[], result: Options): number {
  const [name = '', value] = (args[at] ?? '').slice(2).split(/=(.*)/s, 2);
  if (long.includes(`${name}:`)) {
    result.values.set(name, value ?? args[at + 1] ?? '');
    return value === undefined ? at + 1 : at;
  }
  if (!long.includes(name)) throw new UsageError(`unrecognized option: ${name}`);
  result.flags.add(name);
  return at;
}

function shortOptions(args: readonly string[], at: number, spec: string, result: Options): number {
  const arg = args[at] ?? '';
  for (let index = 1; index < arg.length; index++) {
    const letter = arg[index] ?? '';
    const place = spec.indexOf(letter);
    if (place < 0 || letter === ':') throw new UsageError(`unrecognized option: ${letter}`);
    if (spec[place + 1] !== ':') {
      result.flags.add(letter);
      continue;
    }
    const attached = arg.slice(index + 1);
    if (attached === '' && args[at + 1] === undefined) throw new UsageError(`option requires an argument: ${letter}`);
    result.values.set(letter, attached === '' ? (args[at + 1] ?? '') : attached);
    return attached === '' ? at + 1 : at;
  }
  return at;
}

/** A command whose usage and file errors are printed as its kind of commands prints them. */
export function utility(name: string, run: (process: Process, args: string[]) => Promise<number>): Program {
  return async (process) => {
    try {
      return await run(process, process.argv.slice(1));
    } catch (error) {
      if (error instanceof UsageError) {
        await process.warn(`${name}: ${error.message}\n`);
        return error.code;
      }
      if (!(error instanceof FileError)) throw error;
      await process.warn(`${name}: ${error.message}\n`);
      return 1;
    }
  };
}

/** A command that prints one text. */
export function printing(name: string, text: (process: Process, args: string[]) => string): Program {
  return utility(name, async (process, args) => {
    await process.print(text(process, args));
    return 0;
  });
}

/** Says what is wrong with a file, in the words of busybox or of the GNU tools. */
export async function fileProblem(process: Process, command: string, path: string, error: unknown, verb = 'open'): Promise<number> {
  if (!(error instanceof FileError)) throw error;
  const busybox = process.machine.flavour === 'busybox' && verb !== '';
  await process.warn(busybox ? `${command}: can't ${verb} '${path}': ${error.message}\n` : `${command}: ${path}: ${error.message}\n`);
  return 1;
}

/** Each operand opened in turn (`-` or none: standard input); files that cannot be read are reported and skipped. */
export async function eachInput(process: Process, command: string, operands: readonly string[], use: (input: Input, name: string) => Promise<void>): Promise<number> {
  let code = 0;
  for (const path of operands.length > 0 ? operands : ['-']) {
    try {
      await use(path === '-' ? process.stdin : openInput(process, process, path), path);
    } catch (error) {
      code = await fileProblem(process, command, path, error);
    }
  }
  return code;
}

export function absolute(process: Process, path: string): string {
  return resolvePath(process.cwd, path);
}

/** `rwxr-xr-x` */
export function modeText(mode: number): string {
  return [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-')).join('');
}

/** A URL as people type it. */
export function urlOf(text: string): URL {
  try {
    return new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new UsageError(`bad address '${text}'`);
  }
}
