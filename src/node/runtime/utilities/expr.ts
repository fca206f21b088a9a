import { regularExpression } from './regular-expression.ts';
import { UsageError } from './support.ts';

const levels: string[][] = [['|'], ['&'], ['=', '==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], [':']];

/** `expr`: integers, comparisons, `TEXT : REGEX`, `length`, `substr`. Throws UsageError. */
export function evaluateExpr(args: readonly string[]): string {
  const state = { at: 0 };
  const value = binary(args, state, 0);
  if (state.at < args.length) throw new UsageError('syntax error', 2);
  return value;
}

function binary(args: readonly string[], state: { at: number }, level: number): string {
  const operators = levels[level];
  if (!operators) return primary(args, state);
  let left = binary(args, state, level + 1);
  for (let operator = args[state.at] ?? ''; operators.includes(operator); operator = args[state.at] ?? '') {
    state.at++;
    left = calculate(operator, left, binary(args, state, level + 1));
  }
  return left;
}

function primary(args: readonly string[], state: { at: number }): string {
  const word = args[state.at++];
  if (word === undefined) throw new UsageError('syntax error', 2);
  if (word === 'length' && args[state.at] !== undefined) return String((args[state.at++] ?? '').length);
  if (word === 'substr') {
    const [text = '', from = '1', count = '0'] = args.slice(state.at, state.at + 3);
    state.at += 3;
    return text.slice(Number(from) - 1, Number(from) - 1 + Number(count));
  }
  if (word !== '(') return word;
  const value = binary(args, state, 0);
  if (args[state.at++] !== ')') throw new UsageError('syntax error', 2);
  return value;
}

function calculate(operator: string, left: string, right: string): string {
  const empty = (text: string) => text === '' || text === '0';
  if (operator === '|') return empty(left) ? right : left;
  if (operator === '&') return [left, right].some(empty) ? '0' : left;
  if (operator === ':') return matched(left, right);
  const numbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right);
  if ('=!<>'.includes(operator[0] ?? '')) return ordered(operator, numbers ? Number(left) - Number(right) : order(left, right));
  if (!numbers) throw new UsageError('non-integer argument', 2);
  return computed(operator, Number(left), Number(right));
}

function matched(text: string, pattern: string): string {
  const match = new RegExp(`^(?:${regularExpression(pattern, { extended: false }).source})`).exec(text);
  return match?.[1] ?? (/\\\(/.test(pattern) ? '' : String(match?.[0].length ?? 0));
}

function ordered(operator: string, difference: number): string {
  const results: Record<string, boolean> = {
    '=': difference === 0,
    '==': difference === 0,
    '!=': difference !== 0,
    '<': difference < 0,
    '<=': difference <= 0,
    '>': difference > 0,
    '>=': difference >= 0,
  };
  return results[operator] ? '1' : '0';
}

function computed(operator: string, a: number, b: number): string {
  if ((operator === '/' || operator === '%') && b === 0) throw new UsageError('division by zero', 2);
  const results: Record<string, number> = { '+': a + b, '-': a - b, '*': a * b, '/': Math.trunc(a / b), '%': a % b };
  return String(results[operator] ?? 0);
}

function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
