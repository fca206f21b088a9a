import { unescapeText } from './basics.ts';
import { regularExpression } from './regular-expression.ts';
import { eachInput, parseOptions, UsageError, utility } from './support.ts';

type Condition = (record: Row) => boolean;
type Piece = (record: Row) => string;

interface Row {
  fields: string[];
  line: string;
  number: number;
}

const separator = Symbol('comma');

/** awk for one-liners: `[/regex/ | NR==n | !/regex/] {print …}` with fields, NR, NF and texts. The rest of the language is refused. */
export const awk = utility('awk', async (process, args) => {
  const { operands, values } = parseOptions(args, 'F:v:');
  const program = operands.shift();
  if (program === undefined) throw new UsageError("usage: awk [-F fs] 'prog' [file ...]", 2);
  const rules = parse(program);
  const between = fieldSeparator(values.get('F'));
  let number = 0;
  return eachInput(process, 'awk', operands, async (input) => {
    for await (const line of input.lines()) {
      const fields = between
        ? line.split(between)
        : line
            .trim()
            .split(/\s+/)
            .filter((field) => field !== '');
      const record = { fields, line, number: ++number };
      for (const rule of rules) if (rule.condition(record)) await process.print(`${rule.print(record)}\n`);
    }
  });
});

function fieldSeparator(text: string | undefined): string | RegExp | undefined {
  if (text === undefined || text === ' ') return undefined;
  const plain = unescapeText(text);
  return plain.length === 1 ? plain : regularExpression(plain, { extended: true });
}

function parse(program: string): { condition: Condition; print: Piece }[] {
  const rules: { condition: Condition; print: Piece }[] = [];
  const pattern = /\s*([^{}]*?)\s*(?:\{\s*print\b\s*((?:"(?:[^"\\]|\\.)*"|[^"}])*?)\s*;?\s*\}|$)/y;
  for (let end = 0; end < program.trimEnd().length; ) {
    pattern.lastIndex = end;
    const match = pattern.exec(program);
    if (!match || match[0] === '') throw refused(program);
    rules.push({ condition: conditionOf(match[1] ?? '', program), print: printOf(match[2] ?? '', program) });
    end = pattern.lastIndex;
  }
  return rules;
}

function conditionOf(text: string, program: string): Condition {
  if (text === '') return () => true;
  const regex = /^(!?)\s*\/((?:[^/\\]|\\.)*)\/$/.exec(text);
  if (regex) {
    const expression = regularExpression(regex[2] ?? '', { extended: true });
    return ({ line }) => expression.test(line) !== (regex[1] === '!');
  }
  const compare = /^(NR|NF|\$\d+|\$NF)\s*(==|!=|<=|>=|<|>)\s*("[^"]*"|-?[\d.]+)$/.exec(text);
  if (!compare) throw refused(program);
  const [, name = '', operator = '', value = ''] = compare;
  const left = pieceOf(name, program);
  const numeric = !value.startsWith('"');
  const right = numeric ? value : value.slice(1, -1);
  return (record) => holds(operator, numeric ? Number(left(record)) - Number(right) : left(record).localeCompare(right));
}

function holds(operator: string, order: number): boolean {
  return { '==': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator] ?? false;
}

function printOf(text: string, program: string): Piece {
  if (text === '') return ({ line }) => line;
  const tokens = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\$?\w+)|(,)|(\S)/g)].map((match) => {
    if (match[3] !== undefined) return separator;
    if (match[1] !== undefined) {
      const plain = unescapeText(match[1].replaceAll('\\"', '"'));
      return () => plain;
    }
    return pieceOf(match[2] ?? '', program);
  });
  return (record) => tokens.map((token) => (typeof token === 'symbol' ? ' ' : token(record))).join('');
}

function pieceOf(name: string, program: string): Piece {
  const field = /^\$(\d+)$/.exec(name);
  if (field) {
    const index = Number(field[1]);
    return ({ fields, line }) => (index === 0 ? line : (fields[index - 1] ?? ''));
  }
  if (name === '$NF') return ({ fields }) => fields.at(-1) ?? '';
  if (name === 'NR') return ({ number }) => String(number);
  if (name === 'NF') return ({ fields }) => String(fields.length);
  if (/^\d+$/.test(name)) return () => name;
  throw refused(program);
}

function refused(program: string): UsageError {
  return new UsageError(`not part of this simulation: ${program}`, 2);
}
