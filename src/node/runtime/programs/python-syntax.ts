import { type PythonError, syntaxError, Unsupported } from './python-errors.ts';
import { ExpressionSyntax, type Names, parseExpression } from './python-expression.ts';
import type { Value } from './python-values.ts';

export type Expression = (names: Names) => Promise<Value>;

export type Statement = { line: number; source: string } & (
  | { type: 'expression' | 'raise' | 'return'; value: Expression | undefined }
  | { type: 'assign'; name: string; index: Expression | undefined; operator: string; value: Expression }
  | { type: 'import'; module: string; names: { name: string; as: string }[] | undefined; as: string }
  | { type: 'if'; branches: { condition: Expression | undefined; body: Statement[] }[] }
  | { type: 'while'; condition: Expression; body: Statement[] }
  | { type: 'for'; names: string[]; list: Expression; body: Statement[] }
  | { type: 'def'; name: string; parameters: { name: string; value: Expression | undefined }[]; body: Statement[] }
  | { type: 'pass' | 'break' | 'continue' }
);

interface Line {
  number: number;
  indent: number;
  text: string;
}

/** Reads a program into statements. Throws PythonError for a wrong form and Unsupported for what the subset has not. */
export function parsePython(source: string, file: string): Statement[] {
  const lines = logicalLines(source, file);
  const parser = new PythonParser(lines, file);
  return parser.block(lines[0]?.indent ?? 0, true);
}

const closing: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Statements as single lines: brackets and triple quotes joined, comments and blank lines gone, `;` split. */
function logicalLines(source: string, file: string): Line[] {
  const lines: Line[] = [];
  const raw = source.split('\n');
  for (let at = 0; at < raw.length; at++) {
    const number = at + 1;
    let text = raw[at] ?? '';
    let state = scan(text);
    while ((state.open.length > 0 || state.quote?.length === 3 || text.endsWith('\\')) && at + 1 < raw.length) {
      text = `${text.replace(/\\$/, '')}${state.quote ? '\n' : ' '}${raw[++at]}`;
      state = scan(text);
    }
    requireClosed(state, file, number, raw[number - 1] ?? '');
    const indent = text.length - text.trimStart().length;
    for (const part of state.parts) if (part.trim() !== '') lines.push({ number, indent, text: part.trim() });
  }
  return lines;
}

function requireClosed(state: Scan, file: string, number: number, source: string): void {
  if (state.quote) throw syntaxError(file, number, source, state.column, `unterminated string literal (detected at line ${number})`);
  if (state.stray) throw syntaxError(file, number, source, state.column, `unmatched '${state.stray}'`);
  const open = state.open.at(-1);
  if (open) throw syntaxError(file, number, source, open.column, `'${open.char}' was never closed`);
}

interface Scan {
  open: { char: string; column: number }[];
  quote: string | undefined;
  stray: string | undefined;
  column: number;
  parts: string[];
}

function scan(text: string): Scan {
  const result: Scan = { open: [], quote: undefined, stray: undefined, column: 0, parts: [] };
  let start = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '#') break;
    const quote = /^(?:"""|'''|"|')/.exec(text.slice(at))?.[0];
    if (quote) {
      const end = endOfString(text, at + quote.length, quote);
      if (end === undefined) return { ...result, quote, column: at, parts: [text.slice(start)] };
      at = end;
    } else if ('([{'.includes(char)) result.open.push({ char, column: at });
    else if (char in closing && result.open.pop()?.char !== closing[char]) return { ...result, open: [], stray: char, column: at };
    else if (char === ';' && result.open.length === 0) {
      result.parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  result.parts.push(text.slice(start, at));
  return result;
}

/** Index of the last character of the closing quote. */
function endOfString(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return at + quote.length - 1;
    else if (text[at] === '\n' && quote.length === 1) return undefined;
  }
  return undefined;
}

class PythonParser {
  private readonly lines: Line[];
  private readonly file: string;
  private at = 0;

  constructor(lines: Line[], file: string) {
    this.lines = lines;
    this.file = file;
  }

  block(indent: number, top = false): Statement[] {
    const statements: Statement[] = [];
    for (let line = this.lines[this.at]; line && (line.indent === indent || top); line = this.lines[this.at]) {
      if (line.indent !== indent) throw this.wrong(line, 'unexpected indent', 0, 'IndentationError');
      this.at++;
      statements.push(this.statement(line));
    }
    const next = this.lines[this.at];
    if (next && next.indent > indent) throw this.wrong(next, 'unexpected indent', 0, 'IndentationError');
    return statements;
  }

  private statement(line: Line): Statement {
    const base = { line: line.number, source: line.text };
    const word = /^[a-z]+\b/.exec(line.text)?.[0] ?? '';
    const rest = line.text.slice(word.length).trim();
    switch (word) {
      case 'pass':
      case 'break':
      case 'continue':
        return { ...base, type: word };
      case 'raise':
      case 'return':
        return { ...base, type: word, value: rest === '' ? undefined : this.expression(line, rest) };
      case 'import':
      case 'from':
        return this.importStatement(line);
      case 'if':
        return this.ifStatement(line);
      case 'while':
        return { ...base, type: 'while', condition: this.expression(line, this.head(line, 'while')), body: this.body(line) };
      case 'for':
        return this.forStatement(line);
      case 'def':
        return this.definition(line);
      case 'print':
        if (/^["'\w]/.test(rest) && line.text[5] === ' ') throw this.wrong(line, "Missing parentheses in call to 'print'. Did you mean print(...)?", 0);
        break;
      case 'class':
      case 'try':
      case 'with':
      case 'async':
      case 'global':
      case 'del':
      case 'assert':
      case 'lambda':
      case 'match':
        if (!/^\s*[=.([]/.test(rest) || word === 'try') throw new Unsupported(line.number, line.text);
    }
    return this.simple(line);
  }

  private simple(line: Line): Statement {
    const base = { line: line.number, source: line.text };
    const assign = /^([A-Za-z_]\w*)(?:\[(.+?)\])?\s*([-+*/%]?)=(?!=)\s*(.+)$/s.exec(line.text);
    if (assign?.[1] && assign[4] !== undefined) {
      const index = assign[2] === undefined ? undefined : this.expression(line, assign[2]);
      return { ...base, type: 'assign', name: assign[1], index, operator: assign[3] ?? '', value: this.expression(line, assign[4]) };
    }
    return { ...base, type: 'expression', value: this.expression(line, line.text) };
  }

  private importStatement(line: Line): Statement {
    const base = { line: line.number, source: line.text };
    const from = /^from\s+([\w.]+)\s+import\s+\(?([\w\s,]+)\)?$/.exec(line.text);
    if (from?.[1] && from[2]) {
      const names = from[2]
        .split(',')
        .map((part) => part.trim().split(/\s+as\s+/))
        .map(([name = '', as = name]) => ({ name, as }));
      return { ...base, type: 'import', module: from[1], names, as: from[1] };
    }
    const plain = /^import\s+([\w.]+)(?:\s+as\s+(\w+))?((?:\s*,\s*[\w.]+)*)$/.exec(line.text);
    if (!plain?.[1]) throw this.wrong(line, 'invalid syntax', line.text.indexOf(' ') + 1);
    for (const more of (plain[3] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
      .reverse())
      this.lines.splice(this.at, 0, { ...line, text: `import ${more}` });
    return { ...base, type: 'import', module: plain[1], names: undefined, as: plain[2] ?? plain[1].split('.', 1)[0] ?? plain[1] };
  }

  private ifStatement(line: Line): Statement {
    const branches: { condition: Expression | undefined; body: Statement[] }[] = [{ condition: this.expression(line, this.head(line, 'if')), body: this.body(line) }];
    for (let next = this.lines[this.at]; next && next.indent === line.indent && /^(?:elif|else)\b/.test(next.text); next = this.lines[this.at]) {
      this.at++;
      const otherwise = next.text.startsWith('else');
      const condition = otherwise ? undefined : this.expression(next, this.head(next, 'elif'));
      branches.push({ condition, body: this.body(next) });
      if (otherwise) break;
    }
    return { line: line.number, source: line.text, type: 'if', branches };
  }

  private forStatement(line: Line): Statement {
    const match = /^([\w\s,]+?)\s+in\s+(.+)$/s.exec(this.head(line, 'for'));
    if (!match?.[1] || !match[2]) throw this.wrong(line, 'invalid syntax', 4);
    const names = match[1].split(',').map((name) => name.trim());
    return { line: line.number, source: line.text, type: 'for', names, list: this.expression(line, match[2]), body: this.body(line) };
  }

  private definition(line: Line): Statement {
    const match = /^(\w+)\s*\((.*)\)(?:\s*->.*)?$/s.exec(this.head(line, 'def'));
    if (!match?.[1]) throw this.wrong(line, 'invalid syntax', 4);
    const parameters = (match[2] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
      .map((part) => {
        const [name = '', value] = part.split('=');
        return { name: name.split(':', 1)[0]?.trim() ?? '', value: value === undefined ? undefined : this.expression(line, value) };
      });
    if (parameters.some(({ name }) => !/^\w+$/.test(name))) throw new Unsupported(line.number, line.text);
    return { line: line.number, source: line.text, type: 'def', name: match[1], parameters, body: this.body(line) };
  }

  /** What stands between a compound statement's word and its colon. */
  private head(line: Line, word: string): string {
    const colon = /^(.*?):(?=[^:]*$)/s.exec(line.text.replaceAll(/(["'])(?:\\.|(?!\1).)*\1/g, (text) => '\0'.repeat(text.length)));
    if (!colon) throw this.wrong(line, "expected ':'", line.text.length);
    return line.text.slice(word.length, colon[1]?.length).trim();
  }

  /** The indented lines below, or what follows the colon. */
  private body(line: Line): Statement[] {
    const hidden = line.text.replaceAll(/(["'])(?:\\.|(?!\1).)*\1/g, (text) => '\0'.repeat(text.length));
    const inline = line.text.slice(hidden.lastIndexOf(':') + 1).trim();
    if (inline !== '') {
      const statements = [this.statement({ ...line, text: inline })];
      for (let next = this.lines[this.at]; next?.number === line.number; next = this.lines[this.at]) {
        this.at++;
        statements.push(this.statement(next));
      }
      return statements;
    }
    const next = this.lines[this.at];
    const word = /^\w+/.exec(line.text)?.[0];
    const what = word === 'def' ? 'function definition' : `'${word}' statement`;
    if (!next || next.indent <= line.indent) throw this.wrong(next ?? line, `expected an indented block after ${what} on line ${line.number}`, 0, 'IndentationError');
    return this.block(next.indent);
  }

  private expression(line: Line, text: string): Expression {
    try {
      return parseExpression(text);
    } catch (error) {
      if (!(error instanceof ExpressionSyntax)) throw error;
      if (/\b(?:lambda|yield|await|if)\b|\bfor\b.*\bin\b|:=|@/.test(text)) throw new Unsupported(line.number, line.text);
      throw this.wrong(line, error.message, Math.max(0, line.text.indexOf(text)) + error.column);
    }
  }

  private wrong(line: Line, message: string, column: number, kind = 'SyntaxError'): PythonError {
    return syntaxError(this.file, line.number, line.text, column, message, kind);
  }
}
