import { type Part, SyntaxProblem, type Word } from './syntax.ts';

const metacharacters = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const nameStart = /[A-Za-z_]/;
const special = /[?$!#*@\-0-9]/;

/** Reads words out of shell source: quotes, expansions, substitutions. */
export class WordReader {
  readonly source: string;
  position = 0;

  constructor(source: string) {
    this.source = source;
  }

  peek(offset = 0): string {
    return this.source[this.position + offset] ?? '';
  }

  startsWith(text: string): boolean {
    return this.source.startsWith(text, this.position);
  }

  get atEnd(): boolean {
    return this.position >= this.source.length;
  }

  /** A word up to the next unquoted metacharacter. */
  word(): Word {
    return this.parts((char) => metacharacters.has(char));
  }

  /** The text of a here-document or of an arithmetic expression: expansions, but no quotes. */
  static expandable(source: string): Word {
    const reader = new WordReader(source);
    const parts: Word = [];
    while (!reader.atEnd) reader.insideQuotes(parts, '\\$`');
    return parts;
  }

  private parts(stop: (char: string) => boolean): Word {
    const parts: Word = [];
    while (!this.atEnd && !stop(this.peek())) {
      const char = this.peek();
      if (char === '\\') this.escaped(parts);
      else if (char === "'") this.singleQuoted(parts);
      else if (char === '"') this.doubleQuoted(parts);
      else if (char === '$' && this.peek(1) === "'") this.dollarQuoted(parts);
      else if (char === '$' || char === '`') this.expansion(parts, false);
      else {
        add(parts, char, false);
        this.position++;
      }
    }
    return parts;
  }

  private escaped(parts: Word): void {
    const next = this.peek(1);
    this.position += 2;
    if (next === '') throw new SyntaxProblem('unexpected end of file', true);
    if (next !== '\n') add(parts, next, true);
  }

  private singleQuoted(parts: Word): void {
    const end = this.source.indexOf("'", this.position + 1);
    if (end < 0) throw new SyntaxProblem('unterminated quoted string', true);
    add(parts, this.source.slice(this.position + 1, end), true);
    this.position = end + 1;
  }

  private dollarQuoted(parts: Word): void {
    const end = /(?<!\\)(?:\\\\)*'/.exec(this.source.slice(this.position + 2));
    if (!end) throw new SyntaxProblem('unterminated quoted string', true);
    const length = end.index + end[0].length;
    const text = this.source.slice(this.position + 2, this.position + 1 + length);
    add(
      parts,
      text
        .replaceAll('\\n', '\n')
        .replaceAll('\\t', '\t')
        .replaceAll(/\\(['"\\])/g, '$1'),
      true,
    );
    this.position += 2 + length;
  }

  private doubleQuoted(parts: Word): void {
    this.position++;
    add(parts, '', true);
    while (this.peek() !== '"') {
      if (this.atEnd) throw new SyntaxProblem('unterminated quoted string', true);
      this.insideQuotes(parts, '\\$`"');
    }
    this.position++;
  }

  private insideQuotes(parts: Word, escapable: string): void {
    const char = this.peek();
    if (char === '\\') {
      const next = this.peek(1);
      if (next !== '\n') add(parts, next !== '' && escapable.includes(next) ? next : `\\${next}`, true);
      this.position += 2;
    } else if (char === '$' || char === '`') {
      this.expansion(parts, true);
    } else {
      add(parts, char, true);
      this.position++;
    }
  }

  private expansion(parts: Word, quoted: boolean): void {
    if (this.peek() === '`') return void parts.push({ type: 'command', source: this.backquoted(), quoted });
    const next = this.peek(1);
    if (this.startsWith('$((')) return void parts.push(this.arithmetic(quoted));
    if (next === '(') return void parts.push({ type: 'command', source: this.parenthesized(), quoted });
    if (next === '{') return void parts.push(this.braced(quoted));
    if (nameStart.test(next)) {
      const name = /^\w+/.exec(this.source.slice(this.position + 1))?.[0] ?? '';
      parts.push({ type: 'variable', name, quoted });
      this.position += 1 + name.length;
    } else if (special.test(next)) {
      parts.push({ type: 'variable', name: next, quoted });
      this.position += 2;
    } else {
      add(parts, '$', quoted);
      this.position++;
    }
  }

  private backquoted(): string {
    const start = this.position + 1;
    for (let at = start; at < this.source.length; at++) {
      if (this.source[at] === '\\') at++;
      else if (this.source[at] === '`') {
        this.position = at + 1;
        return this.source.slice(start, at).replaceAll(/\\([\\$`])/g, '$1');
      }
    }
    throw new SyntaxProblem('EOF in backquote substitution', true);
  }

  /** The text of `$( … )`. */
  private parenthesized(): string {
    const start = this.position + 2;
    const end = this.closing(start);
    this.position = end + 1;
    return this.source.slice(start, end);
  }

  private arithmetic(quoted: boolean): Part {
    const start = this.position + 3;
    const end = this.closing(start);
    if (this.source[end + 1] !== ')') {
      // `$((` that does not end in `))` is a substitution that begins with a subshell.
      return { type: 'command', source: this.parenthesized(), quoted };
    }
    this.position = end + 2;
    return { type: 'arithmetic', expression: WordReader.expandable(this.source.slice(start, end)), quoted };
  }

  /** Where the parenthesis that is open at `from` closes; quotes, comments and case patterns inside are minded. */
  private closing(from: number): number {
    let depth = 1;
    let cases = 0;
    for (let at = from; at < this.source.length; at++) {
      const char = this.source[at];
      if (char === '\\') at++;
      else if (char === "'" || char === '"') at = this.endOfQuotes(at);
      else if (/\bcase\b/y.test(this.source.slice(at, at + 4)) && /[\s;(]/.test(this.source[at - 1] ?? ' ')) cases++;
      else if (cases > 0 && this.source.startsWith('esac', at)) cases--;
      else if (char === '(') depth++;
      else if (char === ')' && !(cases > 0 && depth === 1) && --depth === 0) return at;
    }
    throw new SyntaxProblem('unexpected end of file (expecting ")")', true);
  }

  private endOfQuotes(from: number): number {
    const quote = this.source[from];
    for (let at = from + 1; at < this.source.length; at++) {
      if (this.source[at] === '\\' && quote === '"') at++;
      else if (this.source[at] === quote) return at;
    }
    throw new SyntaxProblem('unterminated quoted string', true);
  }

  private braced(quoted: boolean): Part {
    this.position += 2;
    const length = this.peek() === '#' && this.peek(1) !== '}';
    if (length) this.position++;
    const name = /^(?:[A-Za-z_]\w*|\d+|[?$!#*@-])/.exec(this.source.slice(this.position))?.[0];
    if (name === undefined) throw new SyntaxProblem('bad substitution');
    this.position += name.length;
    const operator = /^(?::?[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|:)/.exec(this.source.slice(this.position))?.[0];
    this.position += operator?.length ?? 0;
    const argument = operator === undefined ? undefined : this.parts((char) => char === '}');
    if (this.atEnd) throw new SyntaxProblem('unexpected end of file (expecting "}")', true);
    if (this.peek() !== '}') throw new SyntaxProblem('bad substitution');
    this.position++;
    return { type: 'variable', name, quoted, ...(operator === undefined ? {} : { operator }), ...(argument === undefined ? {} : { argument }), ...(length ? { length } : {}) };
  }
}

function add(parts: Word, text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.type === 'text' && last.quoted === quoted) last.text += text;
  else parts.push({ type: 'text', text, quoted });
}

/** The word as it stands when nothing in it is quoted or expanded; undefined otherwise. */
export function plainText(word: Word): string | undefined {
  const [part] = word;
  return word.length === 1 && part?.type === 'text' && !part.quoted ? part.text : undefined;
}
