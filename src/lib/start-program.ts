import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface StartedProgram {
  /** Resolves when it has ended, with why: `exit code 1`, `SIGKILL`, or the reason for which it could not be started. */
  readonly ended: Promise<string>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface ProgramOptions {
  /** All of its environment: it gets nothing of ours. */
  variables: Readonly<Record<string, string>>;
  /** Each line of either output. */
  onLine(line: string): void;
}

/** Starts a program of this machine that goes on running. */
export type StartProgram = (command: string, args: readonly string[], options: ProgramOptions) => StartedProgram;

export const startProgram: StartProgram = (command, args, { variables, onLine }) => {
  const child = spawn(command, args, { env: { ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return { ended, kill: (signal) => void child.kill(signal) };
};
