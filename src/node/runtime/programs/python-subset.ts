import type { Process } from '../container/process.ts';
import { PythonError, PythonExit, Raised } from './python-errors.ts';
import type { Names } from './python-expression.ts';
import { builtIns, moduleNamed } from './python-library.ts';
import { parsePython, type Statement } from './python-syntax.ts';
import { calculate, isCallable, represent, truth, type Value } from './python-values.ts';

export { PythonError, Unsupported } from './python-errors.ts';

class Jump extends Error {
  readonly kind: 'break' | 'continue' | 'return';
  readonly value: Value;
  constructor(kind: Jump['kind'], value: Value = null) {
    super(kind);
    this.kind = kind;
    this.value = value;
  }
}

interface Frame {
  name: string;
  line: number;
  source: string;
  variables: Map<string, Value>;
}

/** Runs a program of the subset; the exit code. Throws PythonError with the traceback, or Unsupported before anything ran. */
export async function runPython(process: Process, source: string, file: string): Promise<number> {
  const interpreter = new Interpreter(process, file);
  try {
    await interpreter.run(parsePython(source, file));
    return 0;
  } catch (error) {
    if (error instanceof PythonExit) return error.code;
    throw error;
  }
}

const statementsPerSlice = 1000;

class Interpreter {
  private readonly process: Process;
  private readonly file: string;
  private readonly frames: Frame[] = [{ name: '<module>', line: 0, source: '', variables: new Map<string, Value>([['__name__', '__main__']]) }];
  private readonly builtIns: Map<string, Value>;
  private count = 0;

  constructor(process: Process, file: string) {
    this.process = process;
    this.file = file;
    this.builtIns = builtIns(process);
  }

  async run(statements: Statement[]): Promise<void> {
    try {
      await this.block(statements);
    } catch (error) {
      if (error instanceof RangeError) throw this.traceback(new Raised('RecursionError', 'maximum recursion depth exceeded'));
      if (!(error instanceof Raised)) throw error;
      throw this.traceback(error);
    }
  }

  private traceback(error: Raised): PythonError {
    const places = this.frames.map((frame) => `  File "${this.file}", line ${frame.line}, in ${frame.name}\n    ${frame.source}\n`);
    return new PythonError(`Traceback (most recent call last):\n${places.join('')}${error.kind}${error.message === '' ? '' : `: ${error.message}`}\n`);
  }

  private get names(): Names {
    const [module] = this.frames;
    const local = this.frames.at(-1);
    return { get: (name) => local?.variables.get(name) ?? module?.variables.get(name) ?? this.builtIns.get(name) };
  }

  private set(name: string, value: Value): void {
    this.frames.at(-1)?.variables.set(name, value);
  }

  private async block(statements: Statement[]): Promise<void> {
    for (const statement of statements) {
      const frame = this.frames.at(-1);
      if (frame) Object.assign(frame, { line: statement.line, source: statement.source });
      if (++this.count % statementsPerSlice === 0) await this.process.sleep(10);
      await this.execute(statement);
    }
  }

  private async execute(statement: Statement): Promise<void> {
    switch (statement.type) {
      case 'expression':
        await statement.value?.(this.names);
        return;
      case 'assign':
        return this.assign(statement);
      case 'raise':
        return this.raise(statement.value ? await statement.value(this.names) : null);
      case 'return':
        throw new Jump('return', statement.value ? await statement.value(this.names) : null);
      case 'break':
      case 'continue':
        throw new Jump(statement.type);
      case 'import':
        return this.import(statement);
      case 'if':
        for (const { condition, body } of statement.branches) if (!condition || truth(await condition(this.names))) return this.block(body);
        return;
      case 'while':
        while (truth(await statement.condition(this.names))) if (!(await this.iteration(statement.body))) return;
        return;
      case 'for':
        return this.loop(statement);
      case 'def':
        return this.define(statement);
    }
  }

  private async assign(statement: Extract<Statement, { type: 'assign' }>): Promise<void> {
    const value = await statement.value(this.names);
    const before = this.names.get(statement.name);
    if (before === undefined && (statement.operator !== '' || statement.index)) throw new Raised('NameError', `name '${statement.name}' is not defined`);
    if (!statement.index) return this.set(statement.name, statement.operator === '' ? value : calculate(statement.operator, before ?? null, value));
    const index = await statement.index(this.names);
    if (before instanceof Map) before.set(index, value);
    else if (Array.isArray(before) && Number(index) < before.length) before[Number(index)] = value;
    else throw new Raised('TypeError', 'object does not support item assignment');
  }

  private async raise(value: Value): Promise<void> {
    const error = isCallable(value) ? await value.call([], new Map()) : value;
    if (typeof error === 'object' && error !== null && 'type' in error && error.type === 'exception') throw new Raised(error.kind, error.message);
    throw new Raised(value === null ? 'RuntimeError' : 'TypeError', value === null ? 'No active exception to reraise' : 'exceptions must derive from BaseException');
  }

  private import(statement: Extract<Statement, { type: 'import' }>): void {
    const module = moduleNamed(this.process, statement.module);
    if (!module) throw new Raised('ModuleNotFoundError', `No module named '${statement.module}'`);
    if (!statement.names) this.set(statement.as, module);
    for (const { name, as } of statement.names ?? []) {
      const value = module.attributes.get(name);
      if (value === undefined) throw new Raised('ImportError', `cannot import name '${name}' from '${statement.module}' (unknown location)`);
      this.set(as, value);
    }
  }

  private async loop(statement: Extract<Statement, { type: 'for' }>): Promise<void> {
    const list = await statement.list(this.names);
    const values = typeof list === 'string' ? [...list] : list instanceof Map ? [...list.keys()] : list;
    if (!Array.isArray(values)) throw new Raised('TypeError', `'${represent(list)}' object is not iterable`);
    for (const value of values) {
      const [only = ''] = statement.names;
      if (statement.names.length === 1) this.set(only, value);
      else for (const [index, name] of statement.names.entries()) this.set(name, Array.isArray(value) ? (value[index] ?? null) : null);
      if (!(await this.iteration(statement.body))) return;
    }
  }

  /** False after `break`. */
  private async iteration(body: Statement[]): Promise<boolean> {
    try {
      if (++this.count % statementsPerSlice === 0) await this.process.sleep(10);
      await this.block(body);
    } catch (error) {
      if (!(error instanceof Jump) || error.kind === 'return') throw error;
      return error.kind === 'continue';
    }
    return true;
  }

  private async define(statement: Extract<Statement, { type: 'def' }>): Promise<void> {
    const { name, parameters, body } = statement;
    const call = async (args: Value[], named: Map<string, Value>): Promise<Value> => {
      const variables = new Map<string, Value>();
      for (const [index, parameter] of parameters.entries()) {
        const value = args[index] ?? named.get(parameter.name) ?? (await parameter.value?.(this.names));
        if (value === undefined) throw new Raised('TypeError', `${name}() missing 1 required positional argument: '${parameter.name}'`);
        variables.set(parameter.name, value);
      }
      if (args.length > parameters.length) throw new Raised('TypeError', `${name}() takes ${parameters.length} positional arguments but ${args.length} were given`);
      if (this.frames.length > 500) throw new Raised('RecursionError', 'maximum recursion depth exceeded');
      this.frames.push({ name, line: statement.line, source: statement.source, variables });
      // After an exception the frames stay: they are the traceback.
      let result: Value = null;
      try {
        await this.block(body);
      } catch (error) {
        if (!(error instanceof Jump)) throw error;
        result = error.value;
      }
      this.frames.pop();
      return result;
    };
    this.set(name, { type: 'function', name, call });
  }
}
