import { type Assignment, type Command, type Item, type List, type Pipeline, type Redirect, SyntaxProblem, type Word } from './syntax.ts';
import { plainText, WordReader } from './word-reader.ts';

const reserved = new Set(['if', 'then', 'else', 'elif', 'fi', 'for', 'while', 'until', 'do', 'done', 'case', 'esac', '{', '}', '!', 'function', '[[']);
const closers = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);

/** Parses a whole script. Throws SyntaxProblem. */
export function parseScript(source: string): List {
  return new Parser(source).script();
}

class Parser {
  private readonly reader: WordReader;
  private hereDocuments: { redirect: Redirect; end: string; stripTabs: boolean; literal: boolean }[] = [];

  constructor(source: string) {
    this.reader = new WordReader(source);
  }

  script(): List {
    const list = this.list();
    if (!this.reader.atEnd) throw this.unexpected();
    if (this.hereDocuments.length > 0) throw new SyntaxProblem('unexpected end of file in here-document', true);
    return list;
  }

  private list(): List {
    const items: List = [];
    for (;;) {
      this.skipBreaks();
      if (this.reader.atEnd || this.reader.peek() === ')' || this.reader.startsWith(';;') || closers.has(this.keyword())) return items;
      const item = this.item();
      items.push(item);
      this.skipBlanks();
      const char = this.reader.peek();
      if (this.reader.startsWith(';;')) return items;
      if (char === '&') item.background = true;
      if (char === '&' || char === ';') this.reader.position++;
      else if (char !== '\n') {
        if (!this.reader.atEnd && char !== ')' && !closers.has(this.keyword())) throw this.unexpected();
        return items;
      }
    }
  }

  private item(): Item {
    const item: Item = { first: this.pipeline(), rest: [], background: false };
    for (;;) {
      this.skipBlanks();
      const operator = this.reader.startsWith('&&') ? '&&' : this.reader.startsWith('||') ? '||' : undefined;
      if (!operator) return item;
      this.reader.position += 2;
      this.skipBreaks();
      item.rest.push({ operator, pipeline: this.pipeline() });
    }
  }

  private pipeline(): Pipeline {
    this.skipBlanks();
    let negate = false;
    for (; this.keyword() === '!'; this.skipBlanks()) {
      this.reader.position++;
      negate = !negate;
    }
    const commands = [this.command()];
    for (;;) {
      this.skipBlanks();
      if (this.reader.peek() !== '|' || this.reader.peek(1) === '|') return { negate, commands };
      const both = this.reader.peek(1) === '&';
      this.reader.position += both ? 2 : 1;
      if (both) commands.at(-1)?.redirects.push({ fd: 2, operator: '>&', target: [{ type: 'text', text: '1', quoted: false }] });
      this.skipBreaks();
      commands.push(this.command());
    }
  }

  private command(): Command {
    this.skipBlanks();
    if (this.reader.atEnd) throw new SyntaxProblem('unexpected end of file', true);
    const compound = this.compound();
    if (!compound) return this.simple();
    for (let redirect = this.redirect(); redirect; redirect = this.redirect()) compound.redirects.push(redirect);
    return compound;
  }

  private compound(): Command | undefined {
    const redirects: Redirect[] = [];
    const extended = this.conditional() ?? this.arithmetic();
    if (extended) return { type: 'simple', assignments: [], words: extended, redirects };
    if (this.reader.peek() === '(') {
      this.reader.position++;
      const body = this.list();
      this.expect(')');
      return { type: 'subshell', body, redirects };
    }
    switch (this.keyword()) {
      case '{':
        this.take('{');
        return { type: 'group', body: this.bodyUntil('}'), redirects };
      case 'if':
        return this.ifCommand();
      case 'while':
      case 'until': {
        const until = this.keyword() === 'until';
        this.take(until ? 'until' : 'while');
        const condition = this.nonEmpty(this.bodyUntil('do'));
        return { type: 'while', until, condition, body: this.nonEmpty(this.bodyUntil('done')), redirects };
      }
      case 'for':
        return this.forCommand();
      case 'case':
        return this.caseCommand();
      case 'function':
        this.take('function');
        return this.functionBody(this.name());
    }
    const definition = /^([A-Za-z_][\w.-]*)[ \t]*\([ \t]*\)/.exec(this.reader.source.slice(this.reader.position, this.reader.position + 200));
    if (!definition?.[1]) return undefined;
    this.reader.position += definition[1].length;
    return this.functionBody(definition[1]);
  }

  /** `[[ … ]]`, bash's test: its operators are words and its words are not split. */
  private conditional(): Word[] | undefined {
    if (!/^\[\[\s/.test(this.reader.source.slice(this.reader.position, this.reader.position + 3))) return undefined;
    const words: Word[] = [];
    do {
      this.skipBreaks();
      const operator = /^(?:&&|\|\||[<>()])/.exec(this.reader.source.slice(this.reader.position, this.reader.position + 2))?.[0];
      if (operator !== undefined) this.reader.position += operator.length;
      words.push(operator === undefined ? this.requireWord().map((part) => ({ ...part, quoted: true })) : [{ type: 'text', text: operator, quoted: true }]);
    } while (!isText(words.at(-1), ']]'));
    return words;
  }

  /** `(( … ))` is `let "…"`. */
  private arithmetic(): Word[] | undefined {
    if (!this.reader.startsWith('((')) return undefined;
    const end = this.reader.source.indexOf('))', this.reader.position);
    const expression = this.reader.source.slice(this.reader.position + 2, end);
    if (end < 0 || /[;\n]/.test(expression)) return undefined;
    this.reader.position = end + 2;
    const words = WordReader.expandable(expression);
    return [[{ type: 'text', text: 'let', quoted: true }], words];
  }

  private functionBody(name: string): Command {
    this.skipBlanks();
    if (this.reader.peek() === '(') {
      this.expect('(');
      this.expect(')');
    }
    this.skipBreaks();
    return { type: 'function', name, body: this.command(), redirects: [] };
  }

  private ifCommand(): Command {
    const branches: { condition: List; body: List }[] = [];
    this.take('if');
    for (;;) {
      const condition = this.nonEmpty(this.bodyUntil('then'));
      const body = this.nonEmpty(this.list());
      branches.push({ condition, body });
      const next = this.keyword();
      if (next === 'elif') this.take('elif');
      else if (next === 'else') {
        this.take('else');
        return { type: 'if', branches, otherwise: this.nonEmpty(this.bodyUntil('fi')), redirects: [] };
      } else {
        this.take('fi');
        return { type: 'if', branches, otherwise: undefined, redirects: [] };
      }
    }
  }

  private forCommand(): Command {
    this.take('for');
    const name = this.name();
    this.skipBreaks();
    let words: Word[] | undefined;
    if (this.keyword() === 'in') {
      this.take('in');
      words = [];
      for (this.skipBlanks(); !this.reader.atEnd && !';\n'.includes(this.reader.peek()); this.skipBlanks()) words.push(this.requireWord());
    }
    this.skipBlanks();
    if (this.reader.peek() === ';') this.reader.position++;
    this.skipBreaks();
    this.take('do');
    return { type: 'for', name, words, body: this.nonEmpty(this.bodyUntil('done')), redirects: [] };
  }

  private caseCommand(): Command {
    this.take('case');
    this.skipBlanks();
    const word = this.requireWord();
    this.skipBreaks();
    this.take('in');
    const items: { patterns: Word[]; body: List }[] = [];
    for (this.skipBreaks(); this.keyword() !== 'esac'; this.skipBreaks()) {
      if (this.reader.peek() === '(') this.reader.position++;
      const patterns: Word[] = [];
      do {
        if (this.reader.peek() === '|') this.reader.position++;
        this.skipBlanks();
        patterns.push(this.requireWord());
        this.skipBlanks();
      } while (this.reader.peek() === '|');
      this.expect(')');
      items.push({ patterns, body: this.list() });
      if (this.reader.startsWith(';;')) this.reader.position += 2;
    }
    this.take('esac');
    return { type: 'case', word, items, redirects: [] };
  }

  private simple(): Command {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      this.skipBlanks();
      const redirect = this.redirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      const before = this.reader.position;
      const assignment = words.length === 0 ? this.assignment() : undefined;
      if (assignment) assignments.push(assignment);
      else {
        const word = this.reader.word();
        if (this.reader.position === before) break;
        words.push(word);
      }
    }
    if (words.length + assignments.length + redirects.length === 0) throw this.unexpected();
    return { type: 'simple', assignments, words, redirects };
  }

  private assignment(): Assignment | undefined {
    const match = /^([A-Za-z_]\w*)(\+?)=/.exec(this.reader.source.slice(this.reader.position, this.reader.position + 200));
    if (!match?.[1]) return undefined;
    this.reader.position += match[0].length;
    return { name: match[1], append: match[2] === '+', value: this.reader.word() };
  }

  private redirect(): Redirect | undefined {
    this.skipBlanks();
    const match = /^(\d?)(<<-|<<<|<<|>>|<>|>&|<&|>\||<|>)|^()(&>>?)/.exec(this.reader.source.slice(this.reader.position, this.reader.position + 5));
    const sign = match?.[2] ?? match?.[4];
    if (!match || sign === undefined) return undefined;
    this.reader.position += match[0].length;
    this.skipBlanks();
    const operator = (sign === '<<-' ? '<<' : sign === '>|' ? '>' : sign === '&>>' ? '&>' : sign) as Redirect['operator'];
    const fd = match[1] ? Number(match[1]) : sign.startsWith('<') ? 0 : 1;
    const redirect: Redirect = { fd, operator, target: this.requireWord() };
    if (operator === '<<') {
      const literal = redirect.target.some((part) => part.type === 'text' && part.quoted);
      const end = redirect.target.map((part) => (part.type === 'text' ? part.text : '')).join('');
      this.hereDocuments.push({ redirect, end, stripTabs: sign === '<<-', literal });
    }
    return redirect;
  }

  private readHereDocuments(): void {
    for (const { redirect, end, stripTabs, literal } of this.hereDocuments.splice(0)) {
      const lines: string[] = [];
      for (;;) {
        if (this.reader.atEnd) throw new SyntaxProblem('unexpected end of file in here-document', true);
        const stop = this.reader.source.indexOf('\n', this.reader.position);
        const raw = this.reader.source.slice(this.reader.position, stop < 0 ? undefined : stop);
        this.reader.position = stop < 0 ? this.reader.source.length : stop + 1;
        const line = stripTabs ? raw.replace(/^\t+/, '') : raw;
        if (line === end) break;
        lines.push(`${line}\n`);
      }
      const text = lines.join('');
      redirect.target = literal ? [{ type: 'text', text, quoted: true }] : WordReader.expandable(text);
    }
  }

  private bodyUntil(word: string): List {
    const list = this.list();
    this.take(word);
    return list;
  }

  private nonEmpty(list: List): List {
    if (list.length === 0) throw this.unexpected();
    return list;
  }

  private requireWord(): Word {
    const before = this.reader.position;
    const word = this.reader.word();
    if (this.reader.position === before) throw this.unexpected();
    return word;
  }

  private name(): string {
    this.skipBlanks();
    const name = plainText(this.requireWord());
    if (name === undefined || !/^[A-Za-z_][\w-]*$/.test(name)) throw new SyntaxProblem('bad for loop variable');
    return name;
  }

  /** The reserved word at this place, or an empty text. */
  private keyword(): string {
    const word = /^(?:[a-z]+|[{}!])(?=$|[\s;&|<>()])/.exec(this.reader.source.slice(this.reader.position, this.reader.position + 12))?.[0] ?? '';
    return reserved.has(word) || word === 'in' ? word : '';
  }

  private take(word: string): void {
    this.skipBreaks();
    if (this.keyword() !== word) throw this.unexpected(word);
    this.reader.position += word.length;
  }

  private expect(char: string): void {
    this.skipBreaks();
    if (this.reader.peek() !== char) throw this.unexpected(char);
    this.reader.position++;
  }

  private unexpected(wanted?: string): SyntaxProblem {
    const expecting = wanted === undefined ? '' : ` (expecting "${wanted}")`;
    if (this.reader.atEnd) return new SyntaxProblem(`syntax error: unexpected end of file${expecting}`, true);
    const found = /^(?:;;|&&|\|\||[^\s;&|<>()]+|.)/s.exec(this.reader.source.slice(this.reader.position))?.[0] ?? '';
    return new SyntaxProblem(`syntax error: unexpected ${found === '\n' ? 'newline' : `"${found}"`}${expecting}`);
  }

  private skipBlanks(): void {
    for (;;) {
      const char = this.reader.peek();
      if (char === ' ' || char === '\t' || char === '\r') this.reader.position++;
      else if (this.reader.startsWith('\\\n')) this.reader.position += 2;
      else if (char === '#' && /^$|[\s;&|()]/.test(this.reader.source[this.reader.position - 1] ?? '')) {
        const end = this.reader.source.indexOf('\n', this.reader.position);
        this.reader.position = end < 0 ? this.reader.source.length : end;
      } else return;
    }
  }

  /** Blanks and line ends; here-documents begin after a line end. */
  private skipBreaks(): void {
    for (this.skipBlanks(); this.reader.peek() === '\n'; this.skipBlanks()) {
      this.reader.position++;
      this.readHereDocuments();
    }
  }
}

function isText(word: Word | undefined, text: string): boolean {
  const [part] = word ?? [];
  return word?.length === 1 && part?.type === 'text' && part.text === text;
}
