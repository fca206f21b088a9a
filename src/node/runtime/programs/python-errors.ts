/** An exception of the program, with the text Python would print. */
export class PythonError extends Error {
  readonly traceback: string;
  constructor(traceback: string) {
    super(traceback);
    this.traceback = traceback;
  }
}

/** A statement this subset does not have. */
export class Unsupported extends Error {
  readonly line: number;
  readonly statement: string;
  constructor(line: number, statement: string) {
    super(`unsupported: ${statement}`);
    this.line = line;
    this.statement = statement;
  }
}

/** Raised while evaluating; becomes a PythonError with its place. */
export class Raised extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

export function syntaxError(file: string, line: number, source: string, column: number, message: string, kind = 'SyntaxError'): PythonError {
  const indent = source.length - source.trimStart().length;
  const caret = ' '.repeat(Math.max(0, column - indent));
  return new PythonError(`  File "${file}", line ${line}\n    ${source.trim()}\n    ${caret}^\n${kind}: ${message}\n`);
}

/** `sys.exit()`. */
export class PythonExit extends Error {
  readonly code: number;
  constructor(code: number) {
    super('exit');
    this.code = code;
  }
}
