import { resolvePath } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { matchesPattern } from '../shell/pattern.ts';

const unary: Record<string, (process: Process, value: string) => boolean> = {
  '-n': (_process, value) => value !== '',
  '-z': (_process, value) => value === '',
  '-e': (process, value) => stat(process, value) !== undefined,
  '-f': (process, value) => stat(process, value)?.type === 'file',
  '-d': (process, value) => stat(process, value)?.type === 'dir',
  '-r': (process, value) => stat(process, value) !== undefined,
  '-w': (process, value) => stat(process, value) !== undefined,
  '-x': (process, value) => stat(process, value)?.type === 'dir' || process.machine.files.isExecutable(resolvePath(process.cwd, value)),
  '-s': (process, value) => (stat(process, value)?.size ?? 0) > 0,
  '-L': () => false,
  '-h': () => false,
  '-t': (process) => process.terminal !== undefined,
};

function stat(process: Process, path: string): { type: 'file' | 'dir'; size: number } | undefined {
  return path === '' ? undefined : process.machine.files.stat(resolvePath(process.cwd, path));
}

const numeric: Record<string, (a: number, b: number) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

const textual: Record<string, (a: string, b: string) => boolean> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b || matchesPattern(a, b),
  '!=': (a, b) => a !== b,
  '=~': (a, b) => new RegExp(b).test(a),
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};

/** What `test` and `[` decide; a text is the complaint about a wrong expression. */
export function testExpression(process: Process, args: readonly string[]): boolean | string {
  const expression = new TestExpression(process, args);
  try {
    return expression.whole();
  } catch (error) {
    if (error instanceof TestProblem) return error.message;
    throw error;
  }
}

class TestProblem extends Error {}

class TestExpression {
  private at = 0;
  private readonly process: Process;
  private readonly args: readonly string[];

  constructor(process: Process, args: readonly string[]) {
    this.process = process;
    this.args = args;
  }

  whole(): boolean {
    if (this.args.length === 0) return false;
    const value = this.or();
    if (this.at < this.args.length) throw new TestProblem(`${this.args[this.at]}: unknown operand`);
    return value;
  }

  private or(): boolean {
    let value = this.and();
    while (this.accept('-o') || this.accept('||')) value = this.and() || value;
    return value;
  }

  private and(): boolean {
    let value = this.not();
    while (this.accept('-a') || this.accept('&&')) value = this.not() && value;
    return value;
  }

  private not(): boolean {
    if (this.args[this.at] === '!' && this.args.length - this.at > 1) {
      this.at++;
      return !this.not();
    }
    return this.primary();
  }

  private primary(): boolean {
    const first = this.args[this.at];
    if (first === undefined) throw new TestProblem('argument expected');
    const operator = this.args[this.at + 1] ?? '';
    if (operator in numeric || operator in textual) {
      const second = this.args[this.at + 2];
      if (second === undefined) throw new TestProblem(`${first}: unknown operand`);
      this.at += 3;
      return operator in numeric ? (numeric[operator]?.(integer(first), integer(second)) ?? false) : (textual[operator]?.(first, second) ?? false);
    }
    if (first === '(') {
      this.at++;
      const value = this.or();
      if (!this.accept(')')) throw new TestProblem('closing paren expected');
      return value;
    }
    const check = unary[first];
    if (check && this.args.length - this.at > 1) {
      const value = check(this.process, this.args[this.at + 1] ?? '');
      this.at += 2;
      return value;
    }
    this.at++;
    return first !== '';
  }

  private accept(word: string): boolean {
    if (this.args[this.at] !== word) return false;
    this.at++;
    return true;
  }
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestProblem(`${text}: bad number`);
  return Number(text);
}
