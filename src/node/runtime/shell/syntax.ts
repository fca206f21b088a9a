/** A piece of a word. `quoted` pieces are neither split nor taken as patterns. */
export type Part =
  | { type: 'text'; text: string; quoted: boolean }
  | { type: 'variable'; name: string; operator?: string; argument?: Word; length?: boolean; quoted: boolean }
  | { type: 'command'; source: string; quoted: boolean }
  | { type: 'arithmetic'; expression: Word; quoted: boolean };

export type Word = Part[];

export interface Redirect {
  fd: number;
  operator: '<' | '>' | '>>' | '<<' | '<<<' | '>&' | '<&' | '&>' | '<>';
  /** File, descriptor, or the text of a here-document. */
  target: Word;
}

export interface Assignment {
  name: string;
  append: boolean;
  value: Word;
}

export type Command = (
  | { type: 'simple'; assignments: Assignment[]; words: Word[] }
  | { type: 'group'; body: List }
  | { type: 'subshell'; body: List }
  | { type: 'if'; branches: { condition: List; body: List }[]; otherwise: List | undefined }
  | { type: 'while'; until: boolean; condition: List; body: List }
  | { type: 'for'; name: string; words: Word[] | undefined; body: List }
  | { type: 'case'; word: Word; items: { patterns: Word[]; body: List }[] }
  | { type: 'function'; name: string; body: Command }
) & { redirects: Redirect[] };

export interface Pipeline {
  negate: boolean;
  commands: Command[];
}

export interface Item {
  first: Pipeline;
  rest: { operator: '&&' | '||'; pipeline: Pipeline }[];
  background: boolean;
}

export type List = Item[];

/** What the shell says on stderr after its name: `syntax error: unexpected "fi"`. */
export class SyntaxProblem extends Error {
  /** The text ended in the middle of a command: more input may complete it. */
  readonly incomplete: boolean;
  constructor(message: string, incomplete = false) {
    super(message);
    this.incomplete = incomplete;
  }
}
