import { FileError, resolvePath } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { pythonHttpServer } from './python-http.ts';
import { PythonError, runPython, Unsupported } from './python-subset.ts';

/** The Python interpreter, as far as one goes without one: `-c`, scripts and `-m http.server`; see python-subset.ts for the language. */
export const python: Program = async (process) => {
  const args = process.argv.slice(1).filter((arg) => !/^-[uBEsSIO]+$/.test(arg));
  const [first, second, ...rest] = args;
  if (first === '--version' || first === '-V') return print(process, `Python ${version(process)}\n`);
  if (first === '-m') return second === 'http.server' ? pythonHttpServer(process, rest, version(process)) : refuse(process, `-m ${second ?? ''}`);
  if (first === '-c') return run(process, second ?? '', '<string>');
  if (first !== undefined && first !== '-') return script(process, first);
  if (process.terminal) return refuse(process, 'the interactive interpreter');
  return run(process, (await process.until(process.stdin.readAll())).toString(), '<stdin>');
};

function version(process: Process): string {
  return process.env.get('PYTHON_VERSION') ?? '3.14.0';
}

async function print(process: Process, text: string): Promise<number> {
  await process.print(text);
  return 0;
}

async function refuse(process: Process, what: string): Promise<number> {
  await process.warn(`python: ${what} is not part of this simulation\n`);
  return 1;
}

async function script(process: Process, path: string): Promise<number> {
  try {
    return await run(process, process.machine.files.readText(resolvePath(process.cwd, path)), resolvePath(process.cwd, path));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await process.warn(`python: can't open file '${resolvePath(process.cwd, path)}': [Errno 2] No such file or directory\n`);
    return 2;
  }
}

async function run(process: Process, source: string, file: string): Promise<number> {
  try {
    return await runPython(process, source, file);
  } catch (error) {
    if (error instanceof PythonError) await process.warn(error.traceback);
    else if (error instanceof Unsupported) await process.warn(`python: ${file}, line ${error.line}: this statement is not part of this simulation: ${error.statement}\n`);
    else throw error;
    return 1;
  }
}
