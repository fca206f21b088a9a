import { FileError, resolvePath } from '../container/file-system.ts';
import type { Program } from '../container/process.ts';
import type { Shell } from './shell.ts';

/** A program of the image or a script, as a process of its own. */
export async function runProgram(shell: Shell, argv: string[]): Promise<number> {
  const program = programFor(shell, argv[0] ?? '');
  if (typeof program === 'number') return program;
  const { machine, cwd, terminal } = shell.process;
  return machine.processes.start(machine, program, { argv, env: shell.environment(), cwd, ...shell.io, parent: shell.process, ...(terminal ? { terminal } : {}) }).exited;
}

/** The program, or the code after saying why there is none. */
export function programFor(shell: Shell, name: string): Program | number {
  const { machine, cwd } = shell.process;
  const program = machine.find(name, cwd);
  if (program) return program;
  if (!name.includes('/')) return shell.complain(`${name}: not found`, 127);
  const stat = machine.files.stat(resolvePath(cwd, name));
  if (!stat) return shell.complain(`${name}: not found`, 127);
  return shell.complain(`${name}: ${new FileError(stat.type === 'dir' ? 'EISDIR' : 'EACCES').message}`, 126);
}
