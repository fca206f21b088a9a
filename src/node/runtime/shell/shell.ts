import { type Process, type Program, Terminated } from '../container/process.ts';
import { Collector, type Input, type Output } from '../container/streams.ts';
import { ExitShell, Interrupted } from './control.ts';
import { parseScript } from './parser.ts';
import { type Command, type List, SyntaxProblem } from './syntax.ts';

export interface Io {
  stdin: Input;
  stdout: Output;
  stderr: Output;
}

/** Commands between two pauses, and how long a pause is: what keeps an endless loop from taking the whole machine. */
const commandsPerSlice = 200;
const pauseMs = 10;
const maxVariableBytes = 1024 * 1024;

export type RunList = (shell: Shell, list: List) => Promise<void>;

/** The state of one shell: variables, functions, positional parameters, options, jobs. */
export class Shell {
  readonly process: Process;
  /** What runs parsed commands in a shell. */
  readonly runList: RunList;
  /** The pid that `$$` gives, in subshells too. */
  readonly mainPid: number;
  /** `sh`, `bash` or a script's path; leads error messages and is `$0`. */
  readonly name: string;
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, Command>;
  readonly options = { errexit: false, nounset: false, xtrace: false, pipefail: false };
  readonly traps = new Map<string, string>();
  positional: string[];
  io: Io;
  status = 0;
  lastBackgroundPid: number | undefined;
  readonly jobs = new Map<number, Process>();
  interactive = false;
  /** How many conditions (if, while, &&) surround the current command: errexit does not count there. */
  guarded = 0;
  loopDepth = 0;
  functionDepth = 0;
  interrupted = false;
  /** A line that is being read from the terminal; it outlives a Ctrl-C. */
  pendingLine: Promise<string | undefined> | undefined;
  /** Variables to restore when the current function returns. */
  locals: Map<string, string | undefined>[] = [];
  private readonly pendingTraps: string[] = [];
  private wakeTrap: (() => void) | undefined;
  /** Shared by a shell and its subshells. */
  private readonly budget: { commands: number };

  constructor(process: Process, name: string, positional: string[], runList: RunList, parent?: Shell) {
    this.process = process;
    this.runList = runList;
    this.mainPid = parent?.mainPid ?? process.pid;
    this.name = name;
    this.positional = positional;
    this.io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
    this.variables = new Map(parent?.variables ?? process.env);
    this.exported = new Set(parent?.exported ?? process.env.keys());
    this.functions = new Map(parent?.functions ?? []);
    this.budget = parent?.budget ?? { commands: 0 };
    if (parent) this.inherit(parent);
    else this.variables.set('PWD', process.cwd);
  }

  private inherit(parent: Shell): void {
    Object.assign(this.options, parent.options);
    this.status = parent.status;
    this.lastBackgroundPid = parent.lastBackgroundPid;
    this.guarded = parent.guarded;
    this.functionDepth = parent.functionDepth;
  }

  get(name: string): string | undefined {
    if (name === 'RANDOM' && !this.variables.has(name)) return String(this.process.machine.random.integer(32768));
    return this.variables.get(name);
  }

  set(name: string, value: string): void {
    if (value.length > maxVariableBytes) throw new ExitShell(this.complain('out of memory', 2));
    this.variables.set(name, value);
  }

  unset(name: string): void {
    this.variables.delete(name);
    this.exported.delete(name);
  }

  /** A variable or one of `$? $# $@ $1 …`. */
  parameter(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(this.status);
      case '#':
        return String(this.positional.length);
      case '@':
      case '*':
        return this.positional.join((this.get('IFS') ?? ' ').slice(0, 1));
      case '$':
        return String(this.mainPid);
      case '!':
        return this.lastBackgroundPid === undefined ? undefined : String(this.lastBackgroundPid);
      case '-':
        return `${this.options.errexit ? 'e' : ''}${this.interactive ? 'i' : ''}${this.options.nounset ? 'u' : ''}${this.options.xtrace ? 'x' : ''}`;
      case '0':
        return this.name;
    }
    return /^\d+$/.test(name) ? this.positional[Number(name) - 1] : this.get(name);
  }

  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const name of this.exported) {
      const value = this.variables.get(name);
      if (value !== undefined) environment.set(name, value);
    }
    return environment;
  }

  /** A message on stderr, and the code to go on with. */
  complain(message: string, code: number): number {
    void this.io.stderr.write(`${this.name}: ${message}\n`);
    return code;
  }

  async run(source: string): Promise<number> {
    await this.runList(this, parseScript(source));
    return this.status;
  }

  /** The output of `$( … )`. */
  async substitute(source: string): Promise<string> {
    const output = new Collector();
    this.status = await this.inSubshell({ ...this.io, stdout: output }, (shell) => shell.run(source));
    return output.text();
  }

  /** Runs something in a copy of this shell and process; what it changes stays there. */
  async inSubshell(io: Io, run: (shell: Shell) => Promise<number>): Promise<number> {
    return this.subprocess(io, run).exited;
  }

  subprocess(io: Io, run: (shell: Shell) => Promise<number>): Process {
    const program: Program = async (process) => {
      const shell = new Shell(process, this.name, this.positional, this.runList, this);
      return contained(shell, () => run(shell));
    };
    const { machine, argv, cwd } = this.process;
    return machine.processes.start(machine, program, { ...io, argv, env: this.environment(), cwd, parent: this.process });
  }

  /** Before each command: ends a killed shell, runs traps, and pauses a loop that never waits. */
  async tick(): Promise<void> {
    if (!this.process.alive) throw new Terminated();
    if (this.interrupted) throw new Interrupted();
    if (++this.budget.commands % commandsPerSlice === 0) await this.process.sleep(pauseMs);
    if (this.pendingTraps.length > 0) await this.runTraps();
  }

  setTrap(signal: string, action: string | undefined): void {
    if (action === undefined) this.traps.delete(signal);
    else this.traps.set(signal, action);
    if (signal === 'EXIT') return;
    const handler = () => {
      if (action !== '') this.pendingTraps.push(signal);
      this.wakeTrap?.();
    };
    this.process.onSignal(signal, action === undefined ? undefined : handler);
  }

  /** Resolves when a trapped signal arrives: what `wait` also waits for. */
  trapped(): Promise<void> {
    return new Promise((resolve) => (this.wakeTrap = resolve));
  }

  async runTraps(): Promise<void> {
    for (let signal = this.pendingTraps.shift(); signal !== undefined; signal = this.pendingTraps.shift()) {
      const { status } = this;
      await this.run(this.traps.get(signal) ?? '');
      this.status = status;
    }
  }
}

/** Runs a shell to its end: `exit`, the EXIT trap. The exit code. */
export async function contained(shell: Shell, run: () => Promise<number>): Promise<number> {
  const code = await exitCodeOf(shell, run);
  const action = shell.traps.get('EXIT');
  if (action === undefined || action === '') return code;
  shell.traps.delete('EXIT');
  shell.status = code;
  return exitCodeOf(shell, async () => {
    await shell.run(action);
    return code;
  });
}

async function exitCodeOf(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ExitShell) return error.code;
    if (error instanceof Interrupted) return 130;
    if (error instanceof SyntaxProblem) return shell.complain(error.message, 2);
    throw error;
  }
}
