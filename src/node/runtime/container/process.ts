import type { Clock } from '../../../lib/clock.ts';
import type { Random } from '../../../lib/random.ts';
import { FileError, type FileSystem } from './file-system.ts';
import type { PodNetwork } from './pod-network.ts';
import { BrokenPipe, type Input, type Output } from './streams.ts';
import type { Terminal } from './terminal.ts';

/** A program written as code: runs until its promise resolves with the exit code. It touches nothing but its process. */
export type Program = (process: Process) => Promise<number>;

export interface Hardware {
  cpus: number;
  memoryBytes: number;
}

/** What the processes of one container share. */
export interface Machine {
  clock: Clock;
  random: Random;
  files: FileSystem;
  network: PodNetwork;
  pod: { namespace: string; name: string; node: string; ip: string; hostname: string };
  /** Name as the pod gives it, its tag, and the TCP ports the container declares. */
  image: { name: string; tag: string; ports: readonly number[] };
  /** Whose messages and prompts its commands have. */
  flavour: 'busybox' | 'debian';
  resolver: { nameserver: string; clusterDomain: string };
  processes: ProcessTable;
  /** A program by name or path; undefined: the image has none. */
  find(command: string, cwd: string): Program | undefined;
  /** What the node is made of, as /proc tells. */
  hardware: Hardware;
  reportBug(error: unknown, argv: readonly string[]): void;
}

export const signalNumbers: Record<string, number> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, TERM: 15, CONT: 18, STOP: 19, WINCH: 28 };
/** `TERM` from TERM, SIGTERM or 15; `0` for the test whether a process lives. */
export function signalName(text: string): string | undefined {
  if (text === '0') return '0';
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (name in signalNumbers) return name;
  return Object.keys(signalNumbers).find((key) => String(signalNumbers[key]) === text);
}

/** Signals whose default action is not to end the process. */
const harmless = new Set(['CONT', 'STOP', 'WINCH']);

/** Thrown inside a program that waits while its process is killed. */
export class Terminated extends Error {
  constructor() {
    super('terminated');
    this.name = 'Terminated';
  }
}

export interface ProcessOptions {
  argv: readonly string[];
  env: ReadonlyMap<string, string>;
  cwd: string;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  parent?: Process;
  terminal?: Terminal;
}

export class Process {
  readonly pid: number;
  readonly machine: Machine;
  argv: readonly string[];
  /** Shared with other processes: replaced, never changed. */
  env: ReadonlyMap<string, string>;
  cwd: string;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  readonly parent: Process | undefined;
  /** Set when stdin and stdout are a terminal. */
  terminal: Terminal | undefined;
  readonly exited: Promise<number>;
  exitCode: number | undefined;
  private settle: (code: number) => void = () => {};
  private handlers: Map<string, () => void> | undefined;
  private readonly ending = new Set<() => void>();

  constructor(pid: number, machine: Machine, options: ProcessOptions) {
    this.pid = pid;
    this.machine = machine;
    this.argv = options.argv;
    this.env = options.env;
    this.cwd = options.cwd;
    this.stdin = options.stdin;
    this.stdout = options.stdout;
    this.stderr = options.stderr;
    this.parent = options.parent;
    this.terminal = options.terminal;
    this.exited = new Promise((resolve) => (this.settle = resolve));
  }

  get alive(): boolean {
    return this.exitCode === undefined;
  }

  /** Ends the process now, whatever its program is waiting for, and the processes it started. */
  finish(code: number): void {
    if (!this.alive) return;
    this.exitCode = code;
    this.machine.processes.remove(this);
    for (const callback of [...this.ending]) callback();
    this.ending.clear();
    this.settle(code);
  }

  /** Sends a signal by its short name (`TERM`). PID 1 ignores what it does not handle, except KILL, as in Linux. */
  kill(signal: string): void {
    const handler = this.handlers?.get(signal);
    if (signal === 'KILL') this.finish(137);
    else if (handler) handler();
    else if (this.pid !== 1 && !harmless.has(signal)) this.finish(128 + (signalNumbers[signal] ?? 15));
  }

  onSignal(signal: string, handler: (() => void) | undefined): void {
    this.handlers ??= new Map();
    if (handler) this.handlers.set(signal, handler);
    else this.handlers.delete(signal);
  }

  /** Calls back when the process ends; returns what takes it back. */
  onEnd(callback: () => void): () => void {
    this.ending.add(callback);
    return () => this.ending.delete(callback);
  }

  /** The promise's outcome, or Terminated when the process ends first. */
  until<T>(promise: Promise<T>): Promise<T> {
    if (!this.alive) return Promise.reject(new Terminated());
    return new Promise((resolve, reject) => {
      const forget = this.onEnd(() => reject(new Terminated()));
      const done = () => void forget();
      promise.then(resolve, reject).finally(done);
    });
  }

  sleep(ms: number): Promise<void> {
    if (!this.alive) return Promise.reject(new Terminated());
    return new Promise((resolve, reject) => {
      const done = () => {
        forget();
        resolve();
      };
      const timer = this.machine.clock.setTimer(ms, done, { background: true });
      const forget = this.onEnd(() => {
        timer.cancel();
        reject(new Terminated());
      });
    });
  }

  /** Resolves when one of the signals arrives. */
  signalled(...signals: string[]): Promise<string> {
    return this.until(
      new Promise((resolve) => {
        for (const signal of signals) this.onSignal(signal, () => resolve(signal));
      }),
    );
  }

  async print(text: string): Promise<void> {
    await this.stdout.write(text);
  }

  async warn(text: string): Promise<void> {
    await this.stderr.write(text);
  }
}

export class ProcessTable {
  private readonly running = new Map<number, Process>();
  private lastPid = 0;

  start(machine: Machine, program: Program, options: ProcessOptions): Process {
    const process = this.create(machine, options);
    void run(process, program);
    return process;
  }

  /** A process without a program of its own: whoever creates it finishes it. */
  create(machine: Machine, options: ProcessOptions): Process {
    const process = new Process(++this.lastPid, machine, options);
    this.running.set(process.pid, process);
    const forget = options.parent?.onEnd(() => process.finish(137));
    if (forget) process.onEnd(forget);
    return process;
  }

  remove(process: Process): void {
    this.running.delete(process.pid);
  }

  get(pid: number): Process | undefined {
    return this.running.get(pid);
  }

  all(): Process[] {
    return [...this.running.values()];
  }
}

async function run(process: Process, program: Program): Promise<void> {
  try {
    // In its own turn: a program that fails or ends at once must not do so inside the call that starts it.
    await undefined;
    process.finish(await program(process));
  } catch (error) {
    if (error instanceof BrokenPipe) process.finish(141);
    if (!process.alive || error instanceof Terminated) return process.finish(137);
    if (error instanceof FileError) {
      void process.stderr.write(`${process.argv[0]}: write error: ${error.message}\n`);
      return process.finish(1);
    }
    process.machine.reportBug(error, process.argv);
    process.finish(139);
  }
}
