import { Raised } from './python-errors.ts';
import { attribute, calculate, compare, isCallable, item, toText, truth, typeName, type Value } from './python-values.ts';

export interface Names {
  get(name: string): Value | undefined;
}

/** A problem of form at a column of the expression. */
export class ExpressionSyntax extends Error {
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

interface Token {
  kind: 'number' | 'string' | 'name' | 'sign' | 'end';
  text: string;
  column: number;
  /** Of a string: its prefix letters and content. */
  prefix?: string;
}

const tokenPattern =
  /\s*(?:(\d+\.\d*|\.\d+|\d+)|([rbfuRBFU]{0,2})("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([A-Za-z_]\w*)|(\*\*|\/\/|==|!=|<=|>=|[-+*/%<>()[\]{},:.=]))/y;

type Evaluate = (names: Names) => Promise<Value>;

/** Parses an expression whole; what it returns evaluates it. Throws ExpressionSyntax. */
export function parseExpression(source: string): Evaluate {
  return new ExpressionParser(source).whole();
}

const binaryLevels: string[][] = [
  ['+', '-'],
  ['*', '/', '//', '%'],
];
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'is', 'not']);

class ExpressionParser {
  private readonly tokens: Token[] = [];
  private at = 0;

  constructor(source: string) {
    let end = 0;
    tokenPattern.lastIndex = 0;
    for (let match = tokenPattern.exec(source); match; match = tokenPattern.exec(source)) {
      const [whole, number, prefix, string, name, sign] = match;
      const column = match.index + whole.length - whole.trimStart().length;
      if (string !== undefined) this.tokens.push({ kind: 'string', text: string, column, prefix: (prefix ?? '').toLowerCase() });
      else this.tokens.push({ kind: number === undefined ? (name === undefined ? 'sign' : 'name') : 'number', text: number ?? name ?? sign ?? '', column });
      end = tokenPattern.lastIndex;
    }
    const rest = source.slice(end);
    if (rest.trim() !== '')
      throw new ExpressionSyntax(/^\s*["']/.test(rest) ? `unterminated string literal (detected at line 1)` : 'invalid syntax', end + rest.length - rest.trimStart().length);
    this.tokens.push({ kind: 'end', text: '', column: source.length });
  }

  whole(): Evaluate {
    const value = this.tuple();
    if (this.peek().kind !== 'end') throw this.invalid();
    return value;
  }

  private peek(offset = 0): Token {
    return this.tokens[Math.min(this.at + offset, this.tokens.length - 1)] ?? { kind: 'end', text: '', column: 0 };
  }

  private accept(text: string): boolean {
    const token = this.peek();
    if (token.text !== text || token.kind === 'string') return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) throw this.invalid();
  }

  private invalid(): ExpressionSyntax {
    return new ExpressionSyntax('invalid syntax', this.peek().column);
  }

  private tuple(): Evaluate {
    const first = this.or();
    if (this.peek().text !== ',') return first;
    const rest = [first];
    while (this.accept(',') && this.peek().kind !== 'end') rest.push(this.or());
    return (names) => all(rest, names);
  }

  private or(): Evaluate {
    let left = this.and();
    while (this.accept('or')) left = shortCircuit(left, this.and(), true);
    return left;
  }

  private and(): Evaluate {
    let left = this.not();
    while (this.accept('and')) left = shortCircuit(left, this.not(), false);
    return left;
  }

  private not(): Evaluate {
    if (!this.accept('not')) return this.comparison();
    const inner = this.not();
    return async (names) => !truth(await inner(names));
  }

  private comparison(): Evaluate {
    const left = this.binary(0);
    const operator = this.peek().text;
    if (!comparisons.has(operator) || this.peek().kind === 'string') return left;
    this.at++;
    const negated = (operator === 'not' && this.accept('in')) || (operator === 'is' && this.accept('not'));
    const right = this.binary(0);
    return async (names) => compare(operator === 'not' ? 'in' : operator, await left(names), await right(names)) !== negated;
  }

  private binary(level: number): Evaluate {
    const operators = binaryLevels[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    for (let operator = this.peek(); operator.kind === 'sign' && operators.includes(operator.text); operator = this.peek()) {
      this.at++;
      const [before, after, { text }] = [left, this.binary(level + 1), operator];
      left = async (names) => calculate(text, await before(names), await after(names));
    }
    return left;
  }

  private unary(): Evaluate {
    if (!this.accept('-')) return this.power();
    const inner = this.unary();
    return async (names) => calculate('-', 0n, await inner(names));
  }

  private power(): Evaluate {
    const base = this.postfix();
    if (!this.accept('**')) return base;
    const exponent = this.unary();
    return async (names) => calculate('**', await base(names), await exponent(names));
  }

  private postfix(): Evaluate {
    let value = this.atom();
    for (;;) {
      const object = value;
      if (this.accept('(')) value = this.call(object);
      else if (this.accept('[')) {
        const index = this.or();
        this.expect(']');
        value = async (names) => item(await object(names), await index(names));
      } else if (this.accept('.')) {
        const name = this.peek();
        if (name.kind !== 'name') throw this.invalid();
        this.at++;
        value = async (names) => attribute(await object(names), name.text);
      } else return value;
    }
  }

  private call(callee: Evaluate): Evaluate {
    const args: Evaluate[] = [];
    const named: [string, Evaluate][] = [];
    while (!this.accept(')')) {
      if (this.peek().kind === 'name' && this.peek(1).text === '=') {
        const name = this.peek().text;
        this.at += 2;
        named.push([name, this.or()]);
      } else args.push(this.or());
      if (this.peek().text !== ')') this.expect(',');
    }
    return async (names) => {
      const target = await callee(names);
      const values = await all(args, names);
      const byName = new Map<string, Value>();
      for (const [name, value] of named) byName.set(name, await value(names));
      if (!isCallable(target)) throw new Raised('TypeError', `'${typeName(target)}' object is not callable`);
      return target.call(values, byName);
    };
  }

  private atom(): Evaluate {
    const token = this.peek();
    this.at++;
    if (token.kind === 'number') {
      const value = token.text.includes('.') ? Number(token.text) : BigInt(token.text);
      return async () => value;
    }
    if (token.kind === 'string') return this.strings(token);
    if (token.kind === 'name') return this.name(token);
    if (token.text === '(') {
      if (this.accept(')')) return async () => [];
      const inner = this.tuple();
      this.expect(')');
      return inner;
    }
    if (token.text === '[') {
      const items = this.items(']', () => this.or());
      return (names) => all(items, names);
    }
    if (token.text === '{') return this.dictionary();
    this.at--;
    throw this.invalid();
  }

  private name(token: Token): Evaluate {
    const constants: Record<string, Value> = { True: true, False: false, None: null };
    if (token.text in constants) return async () => constants[token.text] ?? null;
    if (['and', 'or', 'in', 'is', 'if', 'else', 'for', 'while', 'def', 'class', 'import', 'return', 'lambda'].includes(token.text))
      throw new ExpressionSyntax('invalid syntax', token.column);
    return async (names) => {
      const value = names.get(token.text);
      if (value === undefined) throw new Raised('NameError', `name '${token.text}' is not defined`);
      return value;
    };
  }

  private strings(first: Token): Evaluate {
    const parts = [stringValue(first)];
    for (; this.peek().kind === 'string'; this.at++) parts.push(stringValue(this.peek()));
    return async (names) => {
      let text = '';
      for (const part of parts) text += await part(names);
      return text;
    };
  }

  private items<T>(close: string, one: () => T): T[] {
    const result: T[] = [];
    while (!this.accept(close)) {
      result.push(one());
      if (this.peek().text !== close) this.expect(',');
    }
    return result;
  }

  private dictionary(): Evaluate {
    const entries = this.items('}', (): [Evaluate, Evaluate] => {
      const key = this.or();
      this.expect(':');
      return [key, this.or()];
    });
    return async (names) => {
      const result = new Map<Value, Value>();
      for (const [key, value] of entries) result.set(await key(names), await value(names));
      return result;
    };
  }
}

async function all(list: readonly Evaluate[], names: Names): Promise<Value[]> {
  const values: Value[] = [];
  for (const evaluate of list) values.push(await evaluate(names));
  return values;
}

function shortCircuit(left: Evaluate, right: Evaluate, stopOn: boolean): Evaluate {
  return async (names) => {
    const value = await left(names);
    return truth(value) === stopOn ? value : right(names);
  };
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', "'": "'", '"': '"', '\\': '\\', '0': '\0' };

function stringValue(token: Token): (names: Names) => Promise<string> {
  const quotes = /^(?:"""|'''|"|')/.exec(token.text)?.[0].length ?? 1;
  const raw = token.text.slice(quotes, -quotes);
  const text = token.prefix?.includes('r') ? raw : raw.replaceAll(/\\(.)/gs, (whole, char: string) => escapes[char] ?? whole);
  if (!token.prefix?.includes('f')) return async () => text;
  const parts = text.split(/(\{\{|\}\}|\{[^{}]*\})/).map((part) => {
    if (part === '{{' || part === '}}') return async () => part[0] ?? '';
    if (!part.startsWith('{')) return async () => part;
    const evaluate = parseExpression(part.slice(1, -1).replace(/[:!][^:'"\]]*$/, ''));
    return async (names: Names) => toText(await evaluate(names));
  });
  return async (names) => (await Promise.all(parts.map((part) => part(names)))).join('');
}
