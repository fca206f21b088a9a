/** Variables of an arithmetic expression. */
export interface Scope {
  get(name: string): string;
  set(name: string, value: string): void;
}

export class ArithmeticProblem extends Error {}

const tokens = /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|[<>=!]=|[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),])/y;
const levels: string[][] = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<=', '>=', '<', '>'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

/** Evaluates `$(( … ))`: C's integer expressions in 64 bits. Throws ArithmeticProblem. */
export function evaluate(source: string, scope: Scope): bigint {
  const parser = new Arithmetic(source, scope);
  return source.trim() === '' ? 0n : parser.whole();
}

class Arithmetic {
  private readonly list: string[] = [];
  private readonly scope: Scope;
  private at = 0;

  constructor(source: string, scope: Scope) {
    this.scope = scope;
    tokens.lastIndex = 0;
    let end = 0;
    for (let match = tokens.exec(source); match; match = tokens.exec(source)) {
      this.list.push(match[1] ?? '');
      end = tokens.lastIndex;
    }
    if (source.slice(end).trim() !== '') throw new ArithmeticProblem('arithmetic syntax error');
  }

  whole(): bigint {
    let value = this.assignment(true);
    while (this.accept(',')) value = this.assignment(true);
    if (this.at < this.list.length) throw new ArithmeticProblem('arithmetic syntax error');
    return value;
  }

  private assignment(live: boolean): bigint {
    const name = this.list[this.at] ?? '';
    const operator = this.list[this.at + 1] ?? '';
    if (!/^[A-Za-z_]/.test(name) || !/^(?:[-+*/%&|^]|<<|>>)?=$/.test(operator)) return this.conditional(live);
    this.at += 2;
    const right = this.assignment(live);
    if (!live) return 0n;
    const value = operator === '=' ? right : calculate(operator.slice(0, -1), this.variable(name), right);
    this.scope.set(name, String(value));
    return value;
  }

  private conditional(live: boolean): bigint {
    const condition = this.binary(0, live);
    if (!this.accept('?')) return condition;
    const yes = this.assignment(live && condition !== 0n);
    if (!this.accept(':')) throw new ArithmeticProblem('malformed ?: operator');
    const no = this.assignment(live && condition === 0n);
    return condition === 0n ? no : yes;
  }

  private binary(level: number, live: boolean): bigint {
    const operators = levels[level];
    if (!operators) return this.unary(live);
    let left = this.binary(level + 1, live);
    for (let operator = this.list[this.at] ?? ''; operators.includes(operator); operator = this.list[this.at] ?? '') {
      this.at++;
      const decided = (operator === '||' && left !== 0n) || (operator === '&&' && left === 0n);
      const right = this.binary(level + 1, live && !decided);
      left = live ? calculate(operator, left, right) : 0n;
    }
    return left;
  }

  private unary(live: boolean): bigint {
    const token = this.list[this.at] ?? '';
    if (token === '++' || token === '--') {
      this.at++;
      return this.step(token, live, true);
    }
    if (!['-', '+', '!', '~'].includes(token)) return this.power(live);
    this.at++;
    const value = this.unary(live);
    if (token === '-') return -value;
    if (token === '~') return ~value;
    return token === '!' ? (value === 0n ? 1n : 0n) : value;
  }

  private power(live: boolean): bigint {
    const base = this.primary(live);
    if (!this.accept('**')) return base;
    const exponent = this.unary(live);
    if (exponent < 0n) throw new ArithmeticProblem('exponent less than 0');
    return wrap(base ** (exponent > 64n ? 64n : exponent));
  }

  private primary(live: boolean): bigint {
    const token = this.list[this.at++] ?? '';
    if (token === '(') {
      const value = this.assignment(live);
      if (!this.accept(')')) throw new ArithmeticProblem('arithmetic syntax error');
      return value;
    }
    if (/^[A-Za-z_]/.test(token)) {
      const next = this.list[this.at] ?? '';
      if (next !== '++' && next !== '--') return this.variable(token);
      this.at--;
      return this.step(next, live, false);
    }
    if (!/^\d/.test(token)) throw new ArithmeticProblem('arithmetic syntax error');
    return number(token);
  }

  private step(operator: string, live: boolean, prefix: boolean): bigint {
    const name = this.list[this.at] ?? '';
    this.at += prefix ? 1 : 2;
    const before = this.variable(name);
    const after = before + (operator === '++' ? 1n : -1n);
    if (live) this.scope.set(name, String(after));
    return prefix ? after : before;
  }

  private variable(name: string): bigint {
    const text = this.scope.get(name).trim();
    if (text === '') return 0n;
    if (/^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return text.startsWith('-') ? -number(text.slice(1)) : number(text.replace('+', ''));
    throw new ArithmeticProblem(`arithmetic syntax error`);
  }

  private accept(token: string): boolean {
    if (this.list[this.at] !== token) return false;
    this.at++;
    return true;
  }
}

function number(text: string): bigint {
  if (/^0\d/.test(text)) {
    if (/[89]/.test(text)) throw new ArithmeticProblem('arithmetic syntax error');
    return BigInt(`0o${text}`);
  }
  return BigInt(text);
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function calculate(operator: string, a: bigint, b: bigint): bigint {
  const truth = (value: boolean) => (value ? 1n : 0n);
  if ((operator === '/' || operator === '%') && b === 0n) throw new ArithmeticProblem('divide by zero');
  const operations: Record<string, () => bigint> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => a / b,
    '%': () => a % b,
    '<<': () => a << BigInt.asUintN(6, b),
    '>>': () => a >> BigInt.asUintN(6, b),
    '&': () => a & b,
    '|': () => a | b,
    '^': () => a ^ b,
    '<': () => truth(a < b),
    '>': () => truth(a > b),
    '<=': () => truth(a <= b),
    '>=': () => truth(a >= b),
    '==': () => truth(a === b),
    '!=': () => truth(a !== b),
    '&&': () => truth(a !== 0n && b !== 0n),
    '||': () => truth(a !== 0n || b !== 0n),
  };
  return wrap(operations[operator]?.() ?? 0n);
}
