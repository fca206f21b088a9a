import { FileError, resolvePath } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { ExitShell, Interrupted } from './control.ts';
import { runList } from './execute.ts';
import { parseScript } from './parser.ts';
import { contained, Shell } from './shell.ts';
import { SyntaxProblem } from './syntax.ts';

/** sh, ash, dash or bash: `-c text`, a script, or commands from standard input. */
export const shellProgram: Program = async (process) => {
  const { flags, rest } = options(process.argv.slice(1));
  const name = process.argv[0] ?? 'sh';
  if (rest[0] === '--version') {
    await process.print('GNU bash, version 5.2 (simulated)\n');
    return 0;
  }
  if (flags.includes('c')) return runText(process, rest[0] ?? '', rest[1] ?? name, rest.slice(2), flags);
  const [script] = rest;
  if (script === undefined || flags.includes('s')) return fromInput(process, name, rest, flags);
  try {
    const text = process.machine.files.readText(resolvePath(process.cwd, script));
    return await runText(process, text, script, rest.slice(1), flags);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await process.warn(`${name}: can't open '${script}': ${error.message}\n`);
    return 2;
  }
};

function options(args: string[]): { flags: string; rest: string[] } {
  let flags = '';
  let at = 0;
  for (; /^-[a-zA-Z]+$/.test(args[at] ?? '') || /^--(?:login|norc|noprofile|posix)$/.test(args[at] ?? ''); at++) {
    const arg = args[at] ?? '';
    if (arg.startsWith('--')) continue;
    flags += arg.slice(1);
    if (arg.endsWith('o') && args[at + 1] === 'pipefail') at++;
  }
  if (args[at] === '--') at++;
  return { flags, rest: args.slice(at) };
}

function prepare(process: Process, name: string, positional: string[], flags: string): Shell {
  const shell = new Shell(process, name, positional, runList);
  shell.options.errexit = flags.includes('e');
  shell.options.nounset = flags.includes('u');
  shell.options.xtrace = flags.includes('x');
  shell.options.pipefail = flags.includes('o');
  return shell;
}

function runText(process: Process, text: string, name: string, positional: string[], flags: string): Promise<number> {
  const shell = prepare(process, name, positional, flags);
  return contained(shell, () => shell.run(text));
}

/** Reads command by command; with a terminal there is a prompt, and errors end only the command. */
async function fromInput(process: Process, name: string, positional: string[], flags: string): Promise<number> {
  const shell = prepare(process, name, positional, flags);
  shell.interactive = process.terminal !== undefined;
  if (shell.interactive) process.onSignal('TERM', () => {});
  return contained(shell, async () => {
    for (;;) {
      const source = await nextCommand(shell);
      if (source === undefined) break;
      await runGuarded(shell, source);
    }
    if (shell.interactive) await process.print('\n');
    return shell.status;
  });
}

async function runGuarded(shell: Shell, source: string): Promise<void> {
  const { process } = shell;
  if (process.terminal) process.terminal.onInterrupt = () => interrupt(shell);
  shell.interrupted = false;
  try {
    await runList(shell, parseScript(source));
  } catch (error) {
    if (error instanceof SyntaxProblem) {
      shell.status = shell.complain(error.message, 2);
      if (!shell.interactive) throw new ExitShell(2);
    } else if (error instanceof Interrupted && shell.interactive) {
      shell.status = 130;
    } else throw error;
  }
}

/** Ctrl-C: ends what runs in the foreground and brings the prompt back. */
function interrupt(shell: Shell): void {
  shell.interrupted = true;
  const { process, jobs } = shell;
  for (const child of process.machine.processes.all()) if (child.parent === process && !jobs.has(child.pid)) child.finish(130);
}

/** Lines up to a whole command; undefined at the end of input. */
async function nextCommand(shell: Shell): Promise<string | undefined> {
  const { process } = shell;
  let source = '';
  let cancelled = false;
  for (;;) {
    if (shell.interactive) await process.print(source === '' ? prompt(shell) : '> ');
    const line = await readLine(shell, () => (cancelled = true));
    if (cancelled) {
      cancelled = false;
      source = '';
      continue;
    }
    if (line === undefined) return source === '' ? undefined : source;
    source += line;
    if (isWhole(source)) return source;
  }
}

/** A line, or an empty one after Ctrl-C. */
async function readLine(shell: Shell, onInterrupt: () => void): Promise<string | undefined> {
  const { process } = shell;
  if (!process.terminal) return process.until(process.stdin.readLine());
  const { terminal } = process;
  shell.pendingLine ??= process.stdin.readLine();
  const reading = shell.pendingLine;
  const interrupted = new Promise<'interrupted'>((resolve) => (terminal.onInterrupt = () => resolve('interrupted')));
  const line = await process.until(Promise.race([reading.then((text) => ({ text })), interrupted]));
  if (line === 'interrupted') {
    onInterrupt();
    return '';
  }
  shell.pendingLine = undefined;
  return line.text;
}

function isWhole(source: string): boolean {
  try {
    parseScript(source);
    return true;
  } catch (error) {
    return !(error instanceof SyntaxProblem && error.incomplete);
  }
}

function prompt(shell: Shell): string {
  const { machine, cwd } = shell.process;
  const own = shell.get('PS1');
  if (own !== undefined) return own.replaceAll('\\w', cwd).replaceAll('\\h', machine.pod.hostname).replaceAll('\\u', 'root').replaceAll('\\$', '#');
  if (shell.name.endsWith('bash')) return `root@${machine.pod.hostname}:${cwd === shell.get('HOME') ? '~' : cwd}# `;
  return machine.flavour === 'busybox' ? `${cwd === shell.get('HOME') ? '~' : cwd} # ` : '# ';
}
