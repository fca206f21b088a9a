/** Ends the shell (or the subshell) with a code. */
export class ExitShell extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code & 255;
  }
}

/** Ctrl-C at the terminal: gives the prompt back. */
export class Interrupted extends Error {}

/** `break` and `continue`, with the number of loops they leave. */
export class LoopJump extends Error {
  readonly kind: 'break' | 'continue';
  levels: number;
  constructor(kind: 'break' | 'continue', levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}

/** `return` from a function. */
export class FunctionReturn extends Error {
  readonly code: number;
  constructor(code: number) {
    super('return');
    this.code = code;
  }
}
