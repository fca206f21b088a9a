import { ContainerError, type ExecStreams } from '../runtime.ts';
import { ended, type SimulatedContainer } from './container.ts';
import type { Process } from './process.ts';
import { Input, type Output, Pipe, toBytes } from './streams.ts';
import { Terminal } from './terminal.ts';

/** Runs a command inside a running container; the exit code. Ends the command when the signal aborts. */
export async function execInContainer(container: SimulatedContainer, execId: string, argv: readonly string[], streams: ExecStreams): Promise<number> {
  if (!container.running) throw new ContainerError('NotRunning', `container ${container.status.id} is not running`);
  const program = container.problem(argv, { exec: true });
  if (typeof program === 'string') {
    throw new ContainerError(
      'StartError',
      `failed to exec in container: failed to start exec "${execId}": OCI runtime exec failed: exec failed: unable to start container process: ${program}: unknown`,
    );
  }
  const pipe = streams.stdin ? new Pipe() : undefined;
  const screen: Output = { write: (data) => streams.stdout(toBytes(data)) };
  const terminal = streams.tty ? new Terminal(screen, pipe) : undefined;
  if (terminal) streams.onResize?.((size) => terminal.resize(size));
  const stderr: Output = terminal ?? { write: (data) => streams.stderr(toBytes(data)) };
  const process = container.process({ argv, program, stdin: pipe?.input ?? Input.empty(), stdout: terminal ?? screen, stderr, ...(terminal ? { terminal } : {}) });
  if (terminal) terminal.onInterrupt ??= () => process.kill('INT');
  if (pipe && streams.stdin) void feed(streams.stdin, pipe, terminal);
  await ended(process.exited, streams.signal);
  pipe?.abandon();
  return finish(process);
}

function finish(process: Process): number {
  process.finish(137);
  return process.exitCode ?? 137;
}

async function feed(stdin: AsyncIterable<Uint8Array>, pipe: Pipe, terminal: Terminal | undefined): Promise<void> {
  try {
    for await (const chunk of stdin) {
      if (terminal) terminal.type(chunk);
      else await pipe.write(chunk);
    }
  } catch {
    // The client went away; the program sees the end of its input.
  }
  pipe.end();
}
