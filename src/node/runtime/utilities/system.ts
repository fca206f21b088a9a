import { findOnPath } from '../container/file-system.ts';
import { type Process, type Program, signalName } from '../container/process.ts';
import { formatDate } from './date.ts';
import { evaluateExpr } from './expr.ts';
import { absolute, parseOptions, printing, UsageError, utility } from './support.ts';
import { testExpression } from './test.ts';

const env = utility('env', async (process, args) => {
  const environment = new Map(process.env);
  let rest = args;
  for (; /^(?:-i|-|\w+=.*)$/s.test(rest[0] ?? ''); rest = rest.slice(1)) {
    const [name = '', value] = (rest[0] ?? '').split(/=(.*)/s, 2);
    if (value === undefined) environment.clear();
    else environment.set(name, value);
  }
  if (rest.length > 0) return start(process, rest, environment);
  for (const [name, value] of environment) await process.print(`${name}=${value}\n`);
  return 0;
});

/** Runs another program as a child; 127 when there is none. */
async function start(process: Process, argv: string[], environment: ReadonlyMap<string, string> = process.env, stdin = process.stdin): Promise<number> {
  const program = process.machine.find(argv[0] ?? '', process.cwd);
  if (!program) throw new UsageError(`can't execute '${argv[0] ?? ''}': No such file or directory`, 127);
  const { machine, cwd, stdout, stderr, terminal } = process;
  return machine.processes.start(machine, program, { argv, env: environment, cwd, stdin, stdout, stderr, parent: process, ...(terminal ? { terminal } : {}) }).exited;
}

const printenv = utility('printenv', async (process, args) => {
  if (args.length === 0) for (const [name, value] of process.env) await process.print(`${name}=${value}\n`);
  let code = 0;
  for (const name of args) {
    const value = process.env.get(name);
    if (value === undefined) code = 1;
    else await process.print(`${value}\n`);
  }
  return code;
});

const hostname = printing('hostname', (process, args) => {
  const { pod } = process.machine;
  if (args[0] === '-i' || args[0] === '-I') return `${pod.ip}\n`;
  return `${pod.hostname}\n`;
});

const uname = printing('uname', (process, args) => {
  const fields: Record<string, string> = { s: 'Linux', n: process.machine.pod.hostname, r: '6.1.0-simulated', v: '#1 SMP', m: 'x86_64', o: 'GNU/Linux' };
  const flags = args.join('').replaceAll('-', '') || 's';
  return `${[...(flags.includes('a') ? 'snrvmo' : flags)].map((flag) => fields[flag] ?? '').join(' ')}\n`;
});

const kill = utility('kill', async (process, args) => {
  const flag = /^-(?:SIG)?([A-Z][A-Z0-9]*|\d+)$/i.exec(args[0] ?? '');
  const text = args[0] === '-s' ? args[1] : flag?.[1];
  const signal = text === undefined ? 'TERM' : signalName(text);
  if (!signal) throw new UsageError(`bad signal name '${text ?? ''}'`);
  let code = 0;
  for (const pid of args.slice(args[0] === '-s' ? 2 : flag ? 1 : 0)) {
    const target = process.machine.processes.get(Number(pid));
    if (!target) {
      await process.warn(`kill: can't kill pid ${pid}: No such process\n`);
      code = 1;
    } else if (signal !== '0') target.kill(signal);
  }
  return code;
});

const pkill = utility('pkill', async (process, args) => {
  const { operands, flags } = parseOptions(
    args.filter((arg) => !/^-(?:\d+|[A-Z]{3,})$/.test(arg)),
    'fx',
  );
  const signal = signalName(args.find((arg) => /^-(?:\d+|[A-Z]{3,})$/.test(arg))?.slice(1) ?? 'TERM') ?? 'TERM';
  const found = process.machine.processes
    .all()
    .filter((other) => other !== process && (flags.has('f') ? other.argv.join(' ') : ((other.argv[0] ?? '').split('/').at(-1) ?? '')).includes(operands[0] ?? ''));
  for (const other of found) other.kill(signal);
  return found.length > 0 ? 0 : 1;
});

/** Goes on until its reader stops, writing by the block and pausing: it must not take the machine. */
const yes = utility('yes', async (process, args) => {
  const block = `${args.join(' ') || 'y'}\n`.repeat(1024);
  for (;;) {
    await process.print(block);
    await process.sleep(10);
  }
});

const xargs = utility('xargs', async (process, args) => {
  const command = args.findIndex((arg, index) => !arg.startsWith('-') && !/^-[nIL]$/.test(args[index - 1] ?? ''));
  const { values } = parseOptions(command < 0 ? args : args.slice(0, command), 'n:I:0r');
  const base = command < 0 ? ['echo'] : args.slice(command);
  const words = (await process.until(process.stdin.readAll()))
    .toString()
    .split(values.has('I') ? '\n' : /[\s\0]+/)
    .filter((word) => word !== '');
  const mark = values.get('I');
  const size = mark ? 1 : Number(values.get('n') ?? words.length);
  let code = 0;
  for (let at = 0; at < words.length; at += Math.max(1, size)) {
    const group = words.slice(at, at + Math.max(1, size));
    const argv = mark ? base.map((word) => word.replaceAll(mark, group[0] ?? '')) : [...base, ...group];
    if ((await start(process, argv)) !== 0) code = 123;
  }
  return code;
});

const which = utility('which', async (process, args) => {
  const { files } = process.machine;
  let code = 0;
  for (const name of parseOptions(args, 'as').operands) {
    const found = name.includes('/') ? name : findOnPath(files, process.env.get('PATH'), name);
    if (found !== undefined && files.isExecutable(absolute(process, found))) await process.print(`${found}\n`);
    else code = 1;
  }
  return code;
});

const timeout = utility('timeout', async (process, args) => {
  const rest = args.filter((arg, index) => !/^-[sk]$/.test(arg) && !/^-[sk]$/.test(args[index - 1] ?? ''));
  const [duration = '', ...argv] = rest[0] === '-t' ? rest.slice(1) : rest;
  const program = process.machine.find(argv[0] ?? '', process.cwd);
  if (!program) throw new UsageError(`can't execute '${argv[0] ?? ''}': No such file or directory`, 127);
  const { machine, cwd, stdin, stdout, stderr } = process;
  const child = machine.processes.start(machine, program, { argv, env: process.env, cwd, stdin, stdout, stderr, parent: process });
  const limit = process.sleep(Number.parseFloat(duration) * (duration.endsWith('m') ? 60_000 : 1000)).then(() => 'late' as const);
  const first = await Promise.race([child.exited, limit]);
  if (first !== 'late') return first;
  child.finish(143);
  return process.machine.flavour === 'busybox' ? 143 : 124;
});

export const systemTools: Readonly<Record<string, Program>> = {
  env,
  printenv,
  hostname,
  uname,
  kill,
  pkill,
  killall: pkill,
  yes,
  xargs,
  which,
  timeout,
  pwd: printing('pwd', (process) => `${process.cwd}\n`),
  id: printing('id', (_process, args) =>
    args.includes('-u') || args.includes('-g')
      ? args.includes('-n') || args.includes('-un')
        ? 'root\n'
        : '0\n'
      : args.includes('-un')
        ? 'root\n'
        : 'uid=0(root) gid=0(root) groups=0(root)\n',
  ),
  whoami: printing('whoami', () => 'root\n'),
  arch: printing('arch', () => 'x86_64\n'),
  date: printing('date', (process, args) => `${formatDate(process.machine.clock.now(), args)}\n`),
  expr: utility('expr', async (process, args) => {
    const value = evaluateExpr(args);
    await process.print(`${value}\n`);
    return value === '' || value === '0' ? 1 : 0;
  }),
  test: utility('test', async (process, args) => verdict(testExpression(process, args))),
  '[': utility('[', async (process, args) => verdict(args.at(-1) === ']' ? testExpression(process, args.slice(0, -1)) : 'missing ]')),
  sync: async () => 0,
  clear: printing('clear', () => '\x1b[H\x1b[J'),
};

function verdict(result: boolean | string): number {
  if (typeof result === 'string') throw new UsageError(result, 2);
  return result ? 0 : 1;
}
