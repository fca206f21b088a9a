import { FileError, resolvePath } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { Input, nullOutput, type Output, toBytes } from '../container/streams.ts';
import { expandText } from './expand.ts';
import type { Io, Shell } from './shell.ts';
import type { Redirect } from './syntax.ts';

/** The streams of a command after its redirections, or what is wrong with them. */
export async function redirected(shell: Shell, redirects: readonly Redirect[]): Promise<{ io: Io } | { error: string }> {
  const io = { ...shell.io };
  for (const redirect of redirects) {
    const target = await expandText(shell, redirect.target);
    try {
      const problem = apply(shell, io, redirect, target);
      if (problem !== undefined) return { error: problem };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const verb = redirect.operator.startsWith('<') ? 'open' : 'create';
      return {
        error: `can't ${verb} ${target}: ${verb === 'open' && error.code === 'ENOENT' ? 'no such file' : verb === 'create' && error.code === 'ENOENT' ? 'nonexistent directory' : error.message}`,
      };
    }
  }
  return { io };
}

function apply(shell: Shell, io: Io, redirect: Redirect, target: string): string | undefined {
  const { fd, operator } = redirect;
  if (fd > 2) return `${fd}: file descriptors above 2 are not part of this simulation`;
  switch (operator) {
    case '<':
    case '<>':
      io.stdin = openInput(shell.process, io, target);
      return undefined;
    case '<<':
    case '<<<':
      io.stdin = Input.of(operator === '<<<' ? `${target}\n` : target);
      return undefined;
    case '&>':
      io.stdout = openOutput(shell.process, io, target, false);
      io.stderr = io.stdout;
      return undefined;
    case '>':
    case '>>':
      setOutput(io, fd, openOutput(shell.process, io, target, operator === '>>'));
      return undefined;
    case '>&':
    case '<&':
      return duplicate(io, fd, target);
  }
}

function duplicate(io: Io, fd: number, target: string): string | undefined {
  if (target === '-') {
    if (fd === 0) io.stdin = Input.empty();
    else setOutput(io, fd, nullOutput);
  } else if (target === '1' || target === '2') setOutput(io, fd, target === '1' ? io.stdout : io.stderr);
  else if (target !== '0') return `${target}: bad file descriptor`;
  return undefined;
}

function setOutput(io: Io, fd: number, output: Output): void {
  if (fd === 2) io.stderr = output;
  else io.stdout = output;
}

export function openInput(process: Process, io: Pick<Io, 'stdin'>, path: string): Input {
  const full = resolvePath(process.cwd, path);
  if (full === '/dev/stdin' || full === '/proc/self/fd/0' || full === '/dev/fd/0' || full === '/dev/tty') return io.stdin;
  if (full === '/dev/urandom' || full === '/dev/random') return randomBytes(process);
  if (full === '/dev/zero') return zeroBytes(process);
  return Input.of(process.machine.files.read(full));
}

function randomBytes(process: Process): Input {
  return new Input(async () => {
    await process.sleep(1);
    return process.machine.random.bytes(4096);
  });
}

function zeroBytes(process: Process): Input {
  return new Input(async () => {
    await process.sleep(1);
    return new Uint8Array(64 * 1024);
  });
}

/** Opens for writing, as the shell and `tee` do; the container's own log is behind `/proc/1/fd/1`. */
export function openOutput(process: Process, io: Pick<Io, 'stdout' | 'stderr'>, path: string, append: boolean): Output {
  const full = resolvePath(process.cwd, path);
  const { files, processes } = process.machine;
  switch (full) {
    case '/dev/null':
      return nullOutput;
    case '/dev/stdout':
    case '/dev/tty':
    case '/dev/fd/1':
    case '/proc/self/fd/1':
      return io.stdout;
    case '/dev/stderr':
    case '/dev/fd/2':
    case '/proc/self/fd/2':
      return io.stderr;
    case '/proc/1/fd/1':
    case '/proc/1/fd/2': {
      const main = processes.get(1);
      return (full.endsWith('1') ? main?.stdout : main?.stderr) ?? nullOutput;
    }
  }
  if (!append) files.write(full, '');
  else if (!files.stat(full)) files.write(full, '');
  return { write: (data) => files.write(full, toBytes(data), { append: true }) };
}
