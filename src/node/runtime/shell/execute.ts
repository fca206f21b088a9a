import { FileError } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { BrokenPipe, Pipe } from '../container/streams.ts';
import { builtinNamed } from './builtins.ts';
import { ExitShell, FunctionReturn, LoopJump } from './control.ts';
import { ExpansionProblem, expandPattern, expandText, expandWords } from './expand.ts';
import { matchesPattern } from './pattern.ts';
import { redirected } from './redirect.ts';
import { runProgram } from './run-program.ts';
import type { Io, Shell } from './shell.ts';
import type { Assignment, Command, Item, List, Pipeline, Word } from './syntax.ts';

/** Runs commands one after the other; their status is left in `shell.status`. */
export async function runList(shell: Shell, list: List): Promise<void> {
  for (const item of list) {
    if (item.background) runInBackground(shell, item);
    else await runItem(shell, item);
  }
}

async function runItem(shell: Shell, item: Item): Promise<void> {
  const guard = item.rest.length > 0 ? 1 : 0;
  shell.guarded += guard;
  let last = item.first;
  try {
    await runPipeline(shell, item.first);
    for (const [index, { operator, pipeline }] of item.rest.entries()) {
      if ((operator === '&&') !== (shell.status === 0)) continue;
      last = pipeline;
      const final = index === item.rest.length - 1;
      if (final) shell.guarded--;
      try {
        await runPipeline(shell, pipeline);
      } finally {
        if (final) shell.guarded++;
      }
    }
  } finally {
    shell.guarded -= guard;
  }
  const failedLast = last === (item.rest.at(-1)?.pipeline ?? item.first);
  if (shell.options.errexit && shell.status !== 0 && shell.guarded === 0 && failedLast && !last.negate) throw new ExitShell(shell.status);
}

function runInBackground(shell: Shell, item: Item): void {
  const process = shell.subprocess(shell.io, async (inner) => {
    await runItem(inner, item);
    return inner.status;
  });
  shell.lastBackgroundPid = process.pid;
  shell.jobs.set(process.pid, process);
  shell.status = 0;
}

async function runPipeline(shell: Shell, pipeline: Pipeline): Promise<void> {
  const [only] = pipeline.commands;
  if (pipeline.negate) shell.guarded++;
  try {
    if (pipeline.commands.length === 1 && only) await runCommand(shell, only);
    else shell.status = await runPipe(shell, pipeline.commands);
  } finally {
    if (pipeline.negate) shell.guarded--;
  }
  if (pipeline.negate) shell.status = shell.status === 0 ? 1 : 0;
}

async function runPipe(shell: Shell, commands: Command[]): Promise<number> {
  let { stdin } = shell.io;
  const processes: Process[] = [];
  for (const [index, command] of commands.entries()) {
    const pipe = index < commands.length - 1 ? new Pipe() : undefined;
    const before = stdin === shell.io.stdin ? undefined : pipeBefore.get(stdin);
    const process = shell.subprocess({ stdin, stdout: pipe ?? shell.io.stdout, stderr: shell.io.stderr }, async (inner) => {
      await runCommand(inner, command);
      return inner.status;
    });
    process.onEnd(() => {
      pipe?.end();
      before?.abandon();
    });
    processes.push(process);
    if (pipe) {
      pipeBefore.set(pipe.input, pipe);
      stdin = pipe.input;
    }
  }
  const codes = await Promise.all(processes.map((process) => process.exited));
  const last = codes.at(-1) ?? 0;
  return shell.options.pipefail && last === 0 ? (codes.findLast((code) => code !== 0) ?? 0) : last;
}

/** The pipe a program reads from, so that its writer learns when the reader is gone. */
const pipeBefore = new WeakMap<object, Pipe>();

export async function runCommand(shell: Shell, command: Command): Promise<void> {
  await shell.tick();
  const outer = shell.io;
  try {
    const opened = command.redirects.length > 0 ? await redirected(shell, command.redirects) : undefined;
    if (opened && 'error' in opened) {
      shell.status = shell.complain(opened.error, 1);
      return;
    }
    if (opened) shell.io = opened.io;
    await runBody(shell, command, outer);
  } catch (error) {
    if (error instanceof BrokenPipe) throw new ExitShell(141);
    if (error instanceof FileError) {
      shell.status = shell.complain(`write error: ${error.message}`, 1);
      return;
    }
    if (!(error instanceof ExpansionProblem)) throw error;
    shell.status = shell.complain(error.message, shell.interactive ? 1 : 2);
    if (!shell.interactive) throw new ExitShell(shell.status);
  } finally {
    // `exec` with redirections alone changes the shell's own streams.
    if (!keepsIo(command)) shell.io = outer;
  }
}

function keepsIo(command: Command): boolean {
  const [word, ...more] = command.type === 'simple' ? command.words : [];
  const [part] = word ?? [];
  return part?.type === 'text' && part.text === 'exec' && more.length === 0;
}

async function runBody(shell: Shell, command: Command, outer: Io): Promise<void> {
  switch (command.type) {
    case 'simple':
      shell.status = await runSimple(shell, command.assignments, command.words);
      return;
    case 'group':
      return runList(shell, command.body);
    case 'subshell':
      shell.status = await shell.inSubshell(shell.io, async (inner) => {
        await runList(inner, command.body);
        return inner.status;
      });
      return;
    case 'if':
      return runIf(shell, command);
    case 'while':
      return runLoop(
        shell,
        async (body) => {
          while ((await condition(shell, command.condition)) !== command.until) if (!(await body())) return;
        },
        command.body,
      );
    case 'for':
      return runLoop(
        shell,
        async (body) => {
          for (const value of command.words ? await expandWords(shell, command.words) : [...shell.positional]) {
            shell.set(command.name, value);
            if (!(await body())) return;
          }
        },
        command.body,
      );
    case 'case':
      return runCase(shell, command.word, command.items);
    case 'function':
      shell.functions.set(command.name, command.body);
      shell.io = outer;
      shell.status = 0;
  }
}

async function condition(shell: Shell, list: List): Promise<boolean> {
  shell.guarded++;
  try {
    await runList(shell, list);
  } finally {
    shell.guarded--;
  }
  return shell.status === 0;
}

async function runIf(shell: Shell, command: Extract<Command, { type: 'if' }>): Promise<void> {
  for (const branch of command.branches) if (await condition(shell, branch.condition)) return runList(shell, branch.body);
  shell.status = 0;
  if (command.otherwise) await runList(shell, command.otherwise);
}

/** Runs a loop whose body tells whether to go on; the loop's status is that of the last body. */
async function runLoop(shell: Shell, loop: (body: () => Promise<boolean>) => Promise<void>, list: List): Promise<void> {
  let status = 0;
  shell.loopDepth++;
  try {
    await loop(async () => {
      try {
        await shell.tick();
        await runList(shell, list);
      } catch (error) {
        if (!(error instanceof LoopJump)) throw error;
        if (--error.levels > 0) throw error;
        if (error.kind === 'break') return false;
      } finally {
        status = shell.status;
      }
      return true;
    });
  } catch (error) {
    // A jump out of the condition, or one that leaves several loops.
    if (!(error instanceof LoopJump) || shell.loopDepth > 1) throw error;
  } finally {
    shell.loopDepth--;
  }
  shell.status = status;
}

async function runCase(shell: Shell, word: Word, items: { patterns: Word[]; body: List }[]): Promise<void> {
  const text = await expandText(shell, word);
  shell.status = 0;
  for (const item of items) {
    for (const pattern of item.patterns) if (matchesPattern(text, await expandPattern(shell, pattern))) return runList(shell, item.body);
  }
}

async function runSimple(shell: Shell, assignments: Assignment[], words: Word[]): Promise<number> {
  const before = shell.status;
  const argv = await expandWords(shell, words);
  const [name] = argv;
  if (shell.options.xtrace && argv.length > 0) await shell.io.stderr.write(`+ ${argv.map(quoteForTrace).join(' ')}\n`);
  if (name === undefined) {
    shell.status = 0;
    for (const assignment of assignments) await assign(shell, assignment);
    return words.length > 0 || assignments.length === 0 ? before * 0 : shell.status;
  }
  const saved = await temporarily(shell, assignments);
  try {
    return await runNamed(shell, name, argv);
  } finally {
    if (name !== 'exec' && name !== 'export') restore(shell, saved);
  }
}

async function assign(shell: Shell, assignment: Assignment): Promise<void> {
  const value = await expandText(shell, assignment.value);
  if (shell.options.xtrace) await shell.io.stderr.write(`+ ${assignment.name}=${quoteForTrace(value)}\n`);
  shell.set(assignment.name, assignment.append ? `${shell.get(assignment.name) ?? ''}${value}` : value);
}

function quoteForTrace(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Assignments before a command hold for that command and are in its environment. */
async function temporarily(shell: Shell, assignments: Assignment[]): Promise<{ name: string; value: string | undefined; exported: boolean }[]> {
  const saved: { name: string; value: string | undefined; exported: boolean }[] = [];
  for (const assignment of assignments) {
    saved.push({ name: assignment.name, value: shell.variables.get(assignment.name), exported: shell.exported.has(assignment.name) });
    await assign(shell, assignment);
    shell.exported.add(assignment.name);
  }
  return saved;
}

function restore(shell: Shell, saved: { name: string; value: string | undefined; exported: boolean }[]): void {
  for (const { name, value, exported } of saved.reverse()) {
    if (value === undefined) shell.variables.delete(name);
    else shell.variables.set(name, value);
    if (!exported) shell.exported.delete(name);
  }
}

async function runNamed(shell: Shell, name: string, argv: string[]): Promise<number> {
  const definition = shell.functions.get(name);
  if (definition) return callFunction(shell, definition, argv.slice(1));
  const builtin = builtinNamed(name);
  if (builtin) return builtin(shell, argv.slice(1));
  return runProgram(shell, argv);
}

async function callFunction(shell: Shell, definition: Command, args: string[]): Promise<number> {
  const { positional } = shell;
  if (shell.functionDepth > 100) throw new ExitShell(shell.complain('maximum function nesting level exceeded', 2));
  shell.positional = args;
  shell.functionDepth++;
  shell.locals.push(new Map());
  try {
    await runCommand(shell, definition);
    return shell.status;
  } catch (error) {
    if (error instanceof FunctionReturn) return error.code;
    throw error;
  } finally {
    for (const [name, value] of shell.locals.pop() ?? []) {
      if (value === undefined) shell.variables.delete(name);
      else shell.variables.set(name, value);
    }
    shell.functionDepth--;
    shell.positional = positional;
  }
}
