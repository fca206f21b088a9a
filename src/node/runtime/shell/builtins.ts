import { findOnPath, resolvePath } from '../container/file-system.ts';
import { type Process, signalName, signalNumbers } from '../container/process.ts';
import { testExpression } from '../utilities/test.ts';
import { ExitShell, FunctionReturn, LoopJump } from './control.ts';
import { arithmetic } from './expand.ts';
import { programFor, runProgram } from './run-program.ts';
import type { Shell } from './shell.ts';

type Builtin = (shell: Shell, args: string[]) => number | Promise<number>;

const builtins: Record<string, Builtin> = {
  ':': () => 0,
  '.': source,
  source,
  '[': (shell, args) => (args.at(-1) === ']' ? test(shell, args.slice(0, -1)) : shell.complain('[: missing ]', 2)),
  '[[': (shell, args) => (args.at(-1) === ']]' ? test(shell, args.slice(0, -1)) : shell.complain('[[: missing ]]', 2)),
  test,
  break: (shell, args) => jump(shell, 'break', args),
  continue: (shell, args) => jump(shell, 'continue', args),
  cd,
  command,
  eval: (shell, args) => shell.run(args.join(' ')),
  exec,
  exit: (shell, args) => {
    throw new ExitShell(args[0] === undefined ? shell.status : numberOr(shell, args[0]));
  },
  export: exportVariables,
  getopts: (shell) => shell.complain('getopts: not part of this simulation', 2),
  hash: () => 0,
  jobs: (shell) => jobs(shell),
  kill,
  let: (shell, args) => (args.map((arg) => arithmetic(shell, arg)).at(-1) === '0' ? 1 : 0),
  local,
  declare: local,
  pwd: (shell) => print(shell, `${shell.process.cwd}\n`),
  read,
  readonly: (shell, args) => assignments(shell, args),
  return: (shell, args) => {
    const code = args[0] === undefined ? shell.status : numberOr(shell, args[0]) & 255;
    throw shell.functionDepth > 0 ? new FunctionReturn(code) : new ExitShell(code);
  },
  set,
  shift,
  times: (shell) => print(shell, '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n'),
  trap,
  type: (shell, args) => command(shell, ['-V', ...args]),
  ulimit: (shell) => print(shell, 'unlimited\n'),
  umask: (shell, args) => (args.length > 0 ? 0 : print(shell, '0022\n')),
  unset: (shell, args) => {
    for (const name of args.filter((arg) => !arg.startsWith('-'))) {
      if (args[0] === '-f' || !shell.variables.has(name)) shell.functions.delete(name);
      if (args[0] !== '-f') shell.unset(name);
    }
    return 0;
  },
  wait,
};

async function print(shell: Shell, text: string): Promise<number> {
  await shell.io.stdout.write(text);
  return 0;
}

function numberOr(shell: Shell, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new ExitShell(shell.complain(`Illegal number: ${text}`, 2));
  return Number(text);
}

function test(shell: Shell, args: string[]): number {
  const result = testExpression(shell.process, args);
  return typeof result === 'string' ? shell.complain(result, 2) : result ? 0 : 1;
}

function jump(shell: Shell, kind: 'break' | 'continue', args: string[]): number {
  if (shell.loopDepth === 0) return 0;
  throw new LoopJump(kind, Math.max(1, Math.min(Number(args[0] ?? 1) || 1, shell.loopDepth)));
}

async function source(shell: Shell, args: string[]): Promise<number> {
  const path = resolvePath(shell.process.cwd, args[0] ?? '');
  if (shell.process.machine.files.stat(path)?.type !== 'file') throw new ExitShell(shell.complain(`can't open '${args[0] ?? ''}': No such file or directory`, 2));
  return shell.run(shell.process.machine.files.readText(path));
}

async function cd(shell: Shell, args: string[]): Promise<number> {
  const [wanted = shell.get('HOME') ?? '/'] = args.filter((arg) => !/^-[LP]$/.test(arg));
  const target = wanted === '-' ? (shell.get('OLDPWD') ?? shell.process.cwd) : wanted;
  const path = resolvePath(shell.process.cwd, target);
  const stat = shell.process.machine.files.stat(path);
  if (stat?.type !== 'dir') return shell.complain(`cd: can't cd to ${target}: ${stat ? 'Not a directory' : 'No such file or directory'}`, 2);
  shell.set('OLDPWD', shell.process.cwd);
  shell.set('PWD', path);
  shell.process.cwd = path;
  return wanted === '-' ? print(shell, `${path}\n`) : 0;
}

async function command(shell: Shell, args: string[]): Promise<number> {
  const [first = '', ...rest] = args;
  if (args.length === 0) return 0;
  if (first !== '-v' && first !== '-V') return builtinNamed(first)?.(shell, rest) ?? runProgram(shell, args);
  let code = 0;
  for (const name of rest) {
    const place = whereIs(shell, name);
    if (!place) code = 127;
    if (first === '-v' && place) await print(shell, `${place.path}\n`);
    if (first === '-V') await print(shell, place ? `${name} is ${place.kind}\n` : `${name}: not found\n`);
  }
  return code;
}

export function builtinNamed(name: string): Builtin | undefined {
  return Object.hasOwn(builtins, name) ? builtins[name] : undefined;
}

function whereIs(shell: Shell, name: string): { path: string; kind: string } | undefined {
  if (shell.functions.has(name)) return { path: name, kind: 'a shell function' };
  if (builtinNamed(name)) return { path: name, kind: 'a shell builtin' };
  const { files } = shell.process.machine;
  const path = name.includes('/') ? name : findOnPath(files, shell.get('PATH'), name);
  return path !== undefined && files.isExecutable(resolvePath(shell.process.cwd, path)) ? { path, kind: path } : undefined;
}

/** The program takes the shell's place: its process, its signals, its end. */
async function exec(shell: Shell, args: string[]): Promise<number> {
  const [name] = args;
  if (name === undefined) return 0;
  const program = programFor(shell, name);
  if (typeof program === 'number') throw new ExitShell(program);
  const { process } = shell;
  for (const signal of shell.traps.keys()) if (signal !== 'EXIT') shell.setTrap(signal, undefined);
  shell.traps.clear();
  Object.assign(process, { ...shell.io, argv: args, env: shell.environment() });
  throw new ExitShell(await program(process));
}

async function exportVariables(shell: Shell, args: string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '-p');
  if (names.length === 0) for (const [name, value] of [...shell.environment()].sort()) await print(shell, `export ${name}='${value}'\n`);
  const code = assignments(shell, names);
  for (const name of names) shell.exported.add(name.split('=', 1)[0] ?? name);
  return code;
}

function assignments(shell: Shell, args: string[]): number {
  for (const arg of args) {
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (!/^[A-Za-z_]\w*$/.test(name)) return shell.complain(`${arg}: bad variable name`, 2);
    if (equals >= 0) shell.set(name, arg.slice(equals + 1));
  }
  return 0;
}

function local(shell: Shell, args: string[]): number {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const scope = shell.locals.at(-1);
  if (!scope) return args.length === names.length && names.length === 0 ? 0 : shell.complain('local: not in a function', 2);
  for (const arg of names) {
    const name = arg.split('=', 1)[0] ?? '';
    if (!scope.has(name)) scope.set(name, shell.variables.get(name));
    if (!arg.includes('=')) shell.set(name, '');
  }
  return assignments(shell, names);
}

async function jobs(shell: Shell): Promise<number> {
  let index = 0;
  for (const [, job] of shell.jobs) await print(shell, `[${++index}] ${job.alive ? 'Running' : 'Done'}                 ${job.argv.join(' ')}\n`);
  return 0;
}

function kill(shell: Shell, args: string[]): number | Promise<number> {
  if (args[0] === '-l') return print(shell, `${Object.keys(signalNumbers).join(' ')}\n`);
  const flag = /^-(?:SIG)?([A-Z][A-Z0-9]*|\d+)$/i.exec(args[0] ?? '');
  const named = args[0] === '-s';
  const text = named ? (args[1] ?? '') : (flag?.[1] ?? 'TERM');
  const signal = signalName(text);
  if (signal === undefined) return shell.complain(`kill: bad signal name '${text}'`, 1);
  let code = 0;
  for (const pid of args.slice(named ? 2 : flag ? 1 : 0)) {
    const process = findProcess(shell, pid);
    if (!process) code = shell.complain(`kill: can't kill pid ${pid}: No such process`, 1);
    else if (signal !== '0') process.kill(signal);
  }
  return code;
}

function findProcess(shell: Shell, text: string): Process | undefined {
  if (text.startsWith('%')) return [...shell.jobs.values()][Number(text.slice(1)) - 1];
  return shell.process.machine.processes.get(Number(text));
}

async function read(shell: Shell, args: string[]): Promise<number> {
  const names: string[] = [];
  let raw = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '-p') await shell.io.stderr.write(args[++at] ?? '');
    else if (/^-[tnd]$/.test(arg)) at++;
    else if (arg.startsWith('-')) raw ||= arg.includes('r');
    else names.push(arg);
  }
  const line = await shell.process.until(shell.io.stdin.readLine());
  let text = (line ?? '').replace(/\n$/, '');
  if (!raw) text = text.replaceAll(/\\(.)/g, '$1');
  const separators = shell.get('IFS') ?? ' \t\n';
  for (const [index, name] of (names.length > 0 ? names : ['REPLY']).entries()) {
    const last = index >= names.length - 1;
    const [value, rest] = last ? [trim(text, separators), ''] : firstField(text, separators);
    shell.set(name, value);
    text = rest;
  }
  return line?.endsWith('\n') ? 0 : 1;
}

function trim(text: string, separators: string): string {
  const blanks = [...separators].filter((char) => ' \t\n'.includes(char));
  let [from, to] = [0, text.length];
  while (from < to && blanks.includes(text[from] ?? '')) from++;
  while (to > from && blanks.includes(text[to - 1] ?? '')) to--;
  return text.slice(from, to);
}

function firstField(text: string, separators: string): [string, string] {
  const start = trim(text, separators);
  const end = [...start].findIndex((char) => separators.includes(char));
  return end < 0 ? [start, ''] : [start.slice(0, end), start.slice(end + 1)];
}

async function set(shell: Shell, args: string[]): Promise<number> {
  const names: Record<string, keyof Shell['options']> = { e: 'errexit', u: 'nounset', x: 'xtrace', errexit: 'errexit', nounset: 'nounset', xtrace: 'xtrace', pipefail: 'pipefail' };
  if (args.length === 0) for (const [name, value] of [...shell.variables].sort()) await print(shell, `${name}='${value}'\n`);
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--' || !/^[-+]./.test(arg)) {
      shell.positional = args.slice(arg === '--' ? at + 1 : at);
      return 0;
    }
    for (const letter of arg.slice(1)) {
      const option = names[letter === 'o' ? (args[++at] ?? '') : letter];
      if (option) shell.options[option] = arg.startsWith('-');
    }
  }
  return 0;
}

function shift(shell: Shell, args: string[]): number {
  const count = Number(args[0] ?? 1);
  if (count > shell.positional.length) return shell.complain("shift: can't shift that many", 1);
  shell.positional = shell.positional.slice(count);
  return 0;
}

async function trap(shell: Shell, args: string[]): Promise<number> {
  const [action = '', ...signals] = args[0] === '--' ? args.slice(1) : args;
  if (args.length === 0) for (const [signal, text] of shell.traps) await print(shell, `trap -- '${text}' ${signal}\n`);
  const reset = action === '-' || (signals.length === 0 && action !== '');
  for (const text of signals.length > 0 ? signals : args.slice(0, 1)) {
    const name = /^(?:EXIT|0)$/i.test(text) ? 'EXIT' : signalName(text);
    if (!name || name === 'KILL') return shell.complain(`trap: ${text}: invalid signal specification`, 1);
    shell.setTrap(name, reset ? undefined : action);
  }
  return 0;
}

/** For all jobs or the ones named; a trapped signal ends the waiting. */
async function wait(shell: Shell, args: string[]): Promise<number> {
  const pids = args.length > 0 ? args.map((arg) => (arg.startsWith('%') ? (findProcess(shell, arg)?.pid ?? -1) : Number(arg))) : [...shell.jobs.keys()];
  let code = 0;
  for (const pid of pids) {
    const job = shell.jobs.get(pid);
    if (!job) {
      code = 127;
      continue;
    }
    const ended = await shell.process.until(Promise.race([job.exited, shell.trapped()]));
    if (ended === undefined) {
      await shell.runTraps();
      return 143;
    }
    shell.jobs.delete(pid);
    code = ended;
  }
  return args.length > 0 ? code : 0;
}
