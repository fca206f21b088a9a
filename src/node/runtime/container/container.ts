import type { Clock } from '../../../lib/clock.ts';
import type { ImageDefinition } from '../images/image-definition.ts';
import { type ContainerConfig, ContainerError, type ExecStreams, type RuntimeContainer } from '../runtime.ts';
import { LogBuffer } from './log-buffer.ts';
import type { Machine, Process, ProcessOptions, Program } from './process.ts';
import { Input, type Output, Pipe, toBytes } from './streams.ts';
import { Terminal } from './terminal.ts';

export interface ContainerOptions {
  id: string;
  sandboxId: string;
  imageId: string;
  config: ContainerConfig;
  definition: ImageDefinition;
  environment: ReadonlyMap<string, string>;
  workingDir: string;
  machine: Machine;
  clock: Clock;
  onExit(): void;
}

/** One container: its main process, what that process wrote, and those who are attached to it. */
export class SimulatedContainer {
  readonly log: LogBuffer;
  readonly status: RuntimeContainer;
  private readonly options: ContainerOptions;
  private main: Process | undefined;
  private stdin: Pipe | undefined;
  private terminal: Terminal | undefined;
  private readonly attached = new Set<ExecStreams>();

  constructor(options: ContainerOptions) {
    this.options = options;
    this.log = new LogBuffer(options.clock);
    const { id, sandboxId, imageId, config } = options;
    this.status = { id, sandboxId, name: config.name, attempt: config.attempt, image: config.image, imageId, state: 'created', createdAt: options.clock.now() };
  }

  get running(): boolean {
    return this.status.state === 'running';
  }

  start(): void {
    if (this.status.state !== 'created') return;
    const argv = this.commandLine();
    const problem = this.problem(argv);
    if (typeof problem === 'string') {
      const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${problem}: unknown`;
      this.exit(128, 'StartError', message);
      throw new ContainerError('StartError', message);
    }
    this.status.state = 'running';
    this.status.startedAt = this.options.clock.now();
    this.main = this.spawn(problem, argv);
  }

  /** Why a command cannot run, in runc's words, or its program. What an unknown image may have does not count for `exec`. */
  problem(argv: readonly string[], options: { exec?: boolean } = {}): string | Program {
    const [command] = argv;
    if (command === undefined) return 'no command specified';
    const cwd = this.options.workingDir;
    const program = this.options.machine.find(command, cwd);
    if (program && !(options.exec && program === this.options.definition.anyCommand)) return program;
    if (!command.includes('/')) return `exec: "${command}": executable file not found in $PATH`;
    return `exec: "${command}": ${this.options.machine.files.stat(command) ? 'permission denied' : `stat ${command}: no such file or directory`}`;
  }

  /** The signal that stops it, then KILL after the grace period. */
  async stop(gracePeriodSeconds: number): Promise<void> {
    const main = this.main;
    if (!main || !this.running) return;
    if (gracePeriodSeconds > 0) {
      const timer = this.options.clock.setTimer(gracePeriodSeconds * 1000, () => main.kill('KILL'), { background: true });
      main.kill(this.options.definition.stopSignal ?? 'TERM');
      await main.exited;
      timer.cancel();
    } else {
      main.kill('KILL');
      await main.exited;
    }
  }

  process(streams: Omit<ProcessOptions, 'env' | 'cwd' | 'parent'> & { program: Program }): Process {
    const { machine, environment, workingDir } = this.options;
    if (!this.main || !this.running) throw new ContainerError('NotRunning', `container ${this.status.id} is not running`);
    return machine.processes.start(machine, streams.program, { ...streams, env: environment, cwd: workingDir, parent: this.main });
  }

  async attach(streams: ExecStreams): Promise<void> {
    if (!this.main || !this.running) throw new ContainerError('NotRunning', `container ${this.status.id} is not running`);
    this.attached.add(streams);
    streams.onResize?.((size) => this.terminal?.resize(size));
    void this.feed(streams);
    try {
      await ended(this.main.exited, streams.signal);
    } finally {
      this.attached.delete(streams);
    }
  }

  private async feed(streams: ExecStreams): Promise<void> {
    if (!streams.stdin || !this.stdin) return;
    try {
      for await (const chunk of streams.stdin) {
        if (this.terminal) this.terminal.type(chunk);
        else await this.stdin.write(chunk);
      }
    } catch {
      // The client went away or the program reads no more.
    }
    if (this.options.config.spec.stdinOnce) this.stdin.end();
  }

  private commandLine(): string[] {
    const { config, definition } = this.options;
    const entrypoint = config.spec.command?.length ? config.spec.command : (definition.entrypoint ?? []);
    const args = config.spec.args?.length ? config.spec.args : config.spec.command?.length ? [] : (definition.command ?? []);
    return [...entrypoint, ...args];
  }

  private spawn(program: Program, argv: string[]): Process {
    const { config, machine, environment, workingDir } = this.options;
    const logs = { stdout: this.log.writer('stdout'), stderr: this.log.writer('stderr') };
    const output = (stream: 'stdout' | 'stderr'): Output => ({
      write: (data) => {
        logs[stream].write(data);
        for (const streams of this.attached) streams[stream](toBytes(data));
      },
    });
    if (config.stdin) this.stdin = new Pipe();
    if (config.tty) this.terminal = new Terminal(output('stdout'), this.stdin);
    const stdout = this.terminal ?? output('stdout');
    const stderr = this.terminal ?? output('stderr');
    const stdin = this.stdin?.input ?? Input.empty();
    const process = machine.processes.start(machine, program, {
      argv,
      env: environment,
      cwd: workingDir,
      stdin,
      stdout,
      stderr,
      ...(this.terminal ? { terminal: this.terminal } : {}),
    });
    if (this.terminal) this.terminal.onInterrupt = () => process.kill('INT');
    void process.exited.then((code) => {
      logs.stdout.flush();
      logs.stderr.flush();
      this.exit(code, code === 0 ? 'Completed' : 'Error');
    });
    return process;
  }

  private exit(code: number, reason: string, message?: string): void {
    Object.assign(this.status, { state: 'exited', exitCode: code, reason, finishedAt: this.options.clock.now() }, message === undefined ? {} : { message });
    this.log.end();
    this.options.onExit();
  }
}

/** Resolves when the process ends or the signal aborts. */
export function ended(exited: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', done, { once: true });
    void exited.then(done);
  });
}
