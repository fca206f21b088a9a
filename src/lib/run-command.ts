import { execFile } from 'node:child_process';
import { KopsError } from './errors.ts';

/** Runs a program of this machine to its end; resolves with what it printed. Throws COMMAND_FAILED with its words. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<string>;

export const runCommand: RunCommand = (command, args) =>
  new Promise((resolve, reject) => {
    execFile(command, args, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = stderr.trim() || error.message;
      reject(new KopsError(`${[command, ...args].join(' ')}: ${said}`, { code: 'COMMAND_FAILED', exit: 'cloud', object: command, cause: error }));
    });
  });
