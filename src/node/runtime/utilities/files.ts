import { baseName, FileError, joinPath, parentOf } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { matchesPattern } from '../shell/pattern.ts';
import { openOutput } from '../shell/redirect.ts';
import { formatListing } from './listing.ts';
import { absolute, eachInput, fileProblem, parseOptions, printing, UsageError, utility } from './support.ts';

const cat = utility('cat', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'nebstuvAET');
  let number = 0;
  return eachInput(process, 'cat', operands, async (input) => {
    if (!flags.has('n')) {
      for (let chunk = await process.until(input.read()); chunk; chunk = await process.until(input.read())) await process.stdout.write(chunk);
      return;
    }
    for await (const line of input.lines()) await process.print(`${String(++number).padStart(6)}\t${line}\n`);
  });
});

const ls = utility('ls', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'laAh1FRtrSdpini', ['color', 'color:', 'all', 'full-time']);
  const { files } = process.machine;
  const found = (operands.length > 0 ? operands : ['.']).map((path) => ({ path, stat: files.stat(absolute(process, path)) }));
  const missing = found.filter(({ stat }) => !stat);
  for (const { path } of missing) await notListed(process, path);
  const isPlain = (stat: { type: string } | undefined) => stat?.type === 'file' || (stat !== undefined && flags.has('d'));
  const plain = found.filter(({ stat }) => isPlain(stat)).map(({ path }) => path);
  await process.print(formatListing(process, plain, '', flags));
  const folders = found.filter(({ stat }) => stat && !isPlain(stat));
  for (const [index, { path }] of folders.entries()) {
    if (found.length > 1) await process.print(`${index === 0 && plain.length === 0 ? '' : '\n'}${path}:\n`);
    await process.print(formatListing(process, shownNames(files.list(absolute(process, path)), flags), absolute(process, path), flags));
  }
  if (missing.length === 0) return 0;
  return process.machine.flavour === 'busybox' ? 1 : 2;
});

function notListed(process: Process, path: string): Promise<void> {
  const { message } = new FileError('ENOENT');
  return process.warn(process.machine.flavour === 'busybox' ? `ls: ${path}: ${message}\n` : `ls: cannot access '${path}': ${message}\n`);
}

function shownNames(names: string[], flags: ReadonlySet<string>): string[] {
  if (flags.has('a')) return ['.', '..', ...names];
  return flags.has('A') ? names : names.filter((name) => !name.startsWith('.'));
}

const mkdir = utility('mkdir', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'pm:v');
  let code = 0;
  for (const path of operands) {
    const full = absolute(process, path);
    try {
      if (flags.has('p')) makeFolders(process, full);
      else process.machine.files.mkdir(full);
    } catch (error) {
      code = await fileProblem(process, 'mkdir', path, error, 'create directory');
    }
  }
  return code;
});

/** As `mkdir -p`. Throws FileError. */
export function makeFolders(process: Process, path: string): void {
  const stat = process.machine.files.stat(path);
  if (stat?.type === 'file') throw new FileError('EEXIST');
  if (stat) return;
  makeFolders(process, parentOf(path));
  process.machine.files.mkdir(path);
}

const rmdir = utility('rmdir', async (process, args) => {
  let code = 0;
  for (const path of parseOptions(args, 'p').operands) {
    try {
      if (process.machine.files.list(absolute(process, path)).length > 0) throw new FileError('ENOTEMPTY');
      process.machine.files.remove(absolute(process, path));
    } catch (error) {
      code = await fileProblem(process, 'rmdir', path, error, '');
    }
  }
  return code;
});

const touch = utility('touch', async (process, args) => {
  let code = 0;
  for (const path of parseOptions(args, 'acmd:t:').operands) {
    try {
      if (!process.machine.files.stat(absolute(process, path))) process.machine.files.write(absolute(process, path), '');
    } catch (error) {
      code = await fileProblem(process, 'touch', path, error, '');
    }
  }
  return code;
});

const rm = utility('rm', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'rRfiv');
  const recursive = flags.has('r') || flags.has('R');
  let code = 0;
  for (const path of operands) {
    const full = absolute(process, path);
    try {
      const stat = process.machine.files.stat(full);
      if (!stat && flags.has('f')) continue;
      if (stat?.type === 'dir' && !recursive) throw new FileError('EISDIR');
      process.machine.files.remove(full);
    } catch (error) {
      code = await fileProblem(process, 'rm', path, error, 'remove');
    }
  }
  return code;
});

/** cp and mv: onto a file, or into a directory. */
function copier(name: 'cp' | 'mv'): Program {
  return utility(name, async (process, args) => {
    const { operands, flags } = parseOptions(args, 'rRafpvLdnuT');
    const target = operands.pop();
    if (target === undefined || operands.length === 0) throw new UsageError('missing file operand');
    const recursive = name === 'mv' || ['r', 'R', 'a'].some((flag) => flags.has(flag));
    let code = 0;
    for (const source of operands) {
      try {
        const from = absolute(process, source);
        if (process.machine.files.stat(from)?.type === 'dir' && !recursive) throw new UsageError(`-r not specified; omitting directory '${source}'`);
        transfer(process, from, absolute(process, target), name === 'mv');
      } catch (error) {
        code = await fileProblem(process, name, source, error, 'stat');
      }
    }
    return code;
  });
}

function transfer(process: Process, from: string, target: string, move: boolean): void {
  const to = process.machine.files.stat(target)?.type === 'dir' ? joinPath(target, baseName(from)) : target;
  if (from === to) return;
  copyTree(process, from, to);
  if (move) process.machine.files.remove(from);
}

function copyTree(process: Process, from: string, to: string): void {
  const { files } = process.machine;
  if (files.stat(from)?.type !== 'dir') {
    files.write(to, files.read(from));
    files.setExecutable(to, files.isExecutable(from));
    return;
  }
  if (to.startsWith(`${from}/`)) throw new FileError('EBUSY');
  makeFolders(process, to);
  for (const name of files.list(from)) copyTree(process, joinPath(from, name), joinPath(to, name));
}

const chmod = utility('chmod', async (process, args) => {
  const [mode = '', ...operands] = args.filter((arg) => !/^-[Rfv]+$/.test(arg));
  const on = /^\d+$/.test(mode) ? (Number.parseInt(mode, 8) & 0o111) !== 0 : !/-[rw]*x/.test(mode) && mode.includes('x');
  let code = 0;
  for (const path of operands) {
    const full = absolute(process, path);
    if (process.machine.files.stat(full)) process.machine.files.setExecutable(full, on);
    else code = await fileProblem(process, 'chmod', path, new FileError('ENOENT'), '');
  }
  return code;
});

const tee = utility('tee', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'ai');
  const outputs = operands.map((path) => openOutput(process, process, path, flags.has('a')));
  for (let chunk = await process.until(process.stdin.read()); chunk; chunk = await process.until(process.stdin.read())) {
    await process.stdout.write(chunk);
    for (const output of outputs) await output.write(chunk);
  }
  return 0;
});

const find = utility('find', async (process, args) => {
  const paths = args.slice(0, args.findIndex((arg) => arg.startsWith('-')) < 0 ? args.length : args.findIndex((arg) => arg.startsWith('-')));
  const tests = args.slice(paths.length);
  const value = (name: string) => (tests.includes(name) ? tests[tests.indexOf(name) + 1] : undefined);
  const unknown = tests.find((test) => test.startsWith('-') && !['-name', '-type', '-maxdepth', '-print', '-delete'].includes(test));
  if (unknown) throw new UsageError(`unrecognized: ${unknown}`);
  const depth = Number(value('-maxdepth') ?? 100);
  const visit = async (path: string, level: number): Promise<void> => {
    const stat = process.machine.files.stat(absolute(process, path));
    if (!stat) throw new UsageError(`${path}: No such file or directory`);
    const type = value('-type');
    if (matchesPattern(baseName(path), value('-name') ?? '*') && (!type || (type === 'd') === (stat.type === 'dir'))) await process.print(`${path}\n`);
    if (stat.type === 'dir' && level < depth) for (const name of process.machine.files.list(absolute(process, path))) await visit(joinPath(path, name), level + 1);
  };
  for (const path of paths.length > 0 ? paths : ['.']) await visit(path, 0);
  return 0;
});

export const fileTools: Readonly<Record<string, Program>> = {
  cat,
  ls,
  mkdir,
  rmdir,
  touch,
  rm,
  cp: copier('cp'),
  mv: copier('mv'),
  chmod,
  chown: async () => 0,
  tee,
  find,
  basename: printing('basename', (_process, [path = '', suffix = '']) => {
    const name = baseName(path.replace(/(?<=.)\/+$/, ''));
    return `${suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name}\n`;
  }),
  dirname: printing('dirname', (_process, [path = '']) => `${path.includes('/') ? path.replace(/\/+[^/]*\/*$/, '') || '/' : '.'}\n`),
  realpath: printing('realpath', (process, [path = '']) => `${absolute(process, path)}\n`),
  readlink: printing('readlink', (process, args) => `${absolute(process, args.at(-1) ?? '')}\n`),
  mktemp: printing('mktemp', (process, args) => {
    const path = `/tmp/tmp.${Buffer.from(process.machine.random.bytes(5)).toString('hex')}`;
    if (args.includes('-d')) process.machine.files.mkdir(path);
    else process.machine.files.write(path, '');
    return `${path}\n`;
  }),
};
