import { Raised } from './python-errors.ts';

/** int is a bigint, float a number; the rest as one expects. */
export type Value = null | boolean | bigint | number | string | Value[] | Map<Value, Value> | Callable | Module | Exception;
export interface Callable {
  type: 'function';
  name: string;
  call(args: Value[], named: Map<string, Value>): Promise<Value>;
}
export interface Module {
  type: 'module';
  name: string;
  attributes: Map<string, Value>;
}
export interface Exception {
  type: 'exception';
  kind: string;
  message: string;
}

export function isCallable(value: Value): value is Callable {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'function';
}

export function truth(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Map ? value.size > 0 : Boolean(value);
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  const names: Record<string, string> = { boolean: 'bool', bigint: 'int', number: 'float', string: 'str' };
  return names[typeof value] ?? (typeof value === 'object' ? value.type : 'object');
}

/** As str() shows it. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'exception') return value.message;
  return represent(value);
}

/** As repr() shows it. */
export function represent(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}.0` : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (Array.isArray(value)) return `[${value.map(represent).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${represent(key)}: ${represent(item)}`).join(', ')}}`;
  return value.type === 'exception' ? `${value.kind}(${represent(value.message)})` : `<${value.type} '${value.name}'>`;
}

export function compare(operator: string, left: Value, right: Value): boolean {
  if (operator === 'in') return contains(right, left);
  const numbers = isNumber(left) && isNumber(right);
  if (operator === '==' || operator === 'is') return same(left, right);
  if (operator === '!=') return !same(left, right);
  if (!numbers && !(typeof left === 'string' && typeof right === 'string'))
    throw new Raised('TypeError', `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
  const order = numbers ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator] ?? false;
}

function contains(holder: Value, value: Value): boolean {
  if (typeof holder === 'string') return holder.includes(toText(value));
  return Array.isArray(holder) ? holder.includes(value) : holder instanceof Map && holder.has(value);
}

function same(left: Value, right: Value): boolean {
  if (isNumber(left) && isNumber(right)) return Number(left) === Number(right);
  return left === right || (typeof left === 'object' && represent(left) === represent(right));
}

function isNumber(value: Value): value is bigint | number | boolean {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';
}

const maxText = 1024 * 1024;

export function calculate(operator: string, left: Value, right: Value): Value {
  if (isNumber(left) && isNumber(right)) {
    const float = typeof left === 'number' || typeof right === 'number' || operator === '/';
    return float ? floats(operator, Number(left), Number(right)) : bounded(integers(operator, BigInt(left), BigInt(right)));
  }
  if (typeof left === 'string') return textual(operator, left, right);
  if (operator === '+' && Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  throw unsupported(operator, left, right);
}

function textual(operator: string, left: string, right: Value): Value {
  if (operator === '%') return formatted(left, Array.isArray(right) ? right : [right]);
  if (operator === '+' && typeof right !== 'string') throw new Raised('TypeError', `can only concatenate str (not "${typeName(right)}") to str`);
  const length = operator === '*' ? left.length * Number(right) : left.length + toText(right).length;
  if (length > maxText) throw new Raised('MemoryError', '');
  if (operator === '+') return left + toText(right);
  if (operator === '*' && typeof right === 'bigint') return left.repeat(Math.max(0, Number(right)));
  throw unsupported(operator, left, right);
}

function unsupported(operator: string, left: Value, right: Value): Raised {
  return new Raised('TypeError', `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

/** A script must not take the machine with ever longer numbers. */
function bounded(value: bigint): bigint {
  if (BigInt.asIntN(4096, value) !== value) throw new Raised('MemoryError', '');
  return value;
}

function formatted(format: string, values: Value[]): string {
  let index = 0;
  return format.replaceAll(/%(?:%|[-0-9.]*([sdfr]))/g, (whole, kind?: string) =>
    kind === undefined ? whole.slice(1) : kind === 'r' ? represent(values[index++] ?? null) : toText(values[index++] ?? null),
  );
}

function floats(operator: string, a: number, b: number): number {
  if (b === 0 && ['/', '//', '%'].includes(operator)) throw new Raised('ZeroDivisionError', 'division by zero');
  const results: Record<string, number> = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '//': Math.floor(a / b), '%': a - b * Math.floor(a / b), '**': a ** b };
  return results[operator] ?? 0;
}

function integers(operator: string, a: bigint, b: bigint): bigint {
  const results: Record<string, () => bigint> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '//': () => (a - modulo(a, b)) / b,
    '%': () => modulo(a, b),
    '**': () => a ** (b > 4096n ? 4096n : b < 0n ? 0n : b),
  };
  return results[operator]?.() ?? 0n;
}

/** Has the sign of the divisor, unlike JavaScript's. */
function modulo(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Raised('ZeroDivisionError', 'division by zero');
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

export function item(object: Value, index: Value): Value {
  if (object instanceof Map) {
    if (!object.has(index)) throw new Raised('KeyError', represent(index));
    return object.get(index) ?? null;
  }
  if (!Array.isArray(object) && typeof object !== 'string') throw new Raised('TypeError', `'${typeName(object)}' object is not subscriptable`);
  const at = Number(index);
  const found = object[at < 0 ? object.length + at : at];
  if (found === undefined) throw new Raised('IndexError', `${typeName(object) === 'str' ? 'string' : 'list'} index out of range`);
  return found;
}

export function attribute(object: Value, name: string): Value {
  if (typeof object === 'object' && object !== null && 'type' in object && object.type === 'module') {
    const value = object.attributes.get(name);
    if (value === undefined) throw new Raised('AttributeError', `module '${object.name}' has no attribute '${name}'`);
    return value;
  }
  const method = methods[name]?.(object);
  if (!method) throw new Raised('AttributeError', `'${typeName(object)}' object has no attribute '${name}'`);
  return { type: 'function', name, call: async (args) => method(args) };
}

type Method = (args: Value[]) => Value;
const ofText =
  (use: (text: string, args: Value[]) => Value) =>
  (object: Value): Method | undefined =>
    typeof object === 'string' ? (args) => use(object, args) : undefined;

const methods: Record<string, (object: Value) => Method | undefined> = {
  upper: ofText((text) => text.toUpperCase()),
  lower: ofText((text) => text.toLowerCase()),
  strip: ofText((text) => text.trim()),
  split: ofText((text, [separator]) => (typeof separator === 'string' ? text.split(separator) : text.split(/\s+/).filter((part) => part !== ''))),
  join: ofText((text, [list]) => (Array.isArray(list) ? list.map(toText).join(text) : '')),
  replace: ofText((text, [from, to]) => text.replaceAll(toText(from ?? ''), toText(to ?? ''))),
  startswith: ofText((text, [start]) => text.startsWith(toText(start ?? ''))),
  format: ofText((text, args) => {
    let index = 0;
    return text.replaceAll(/\{(\d*)\}/g, (_whole, at: string) => toText(args[at === '' ? index++ : Number(at)] ?? null));
  }),
  append: (object) => (Array.isArray(object) ? ([value = null]) => pushed(object, value) : undefined),
  get: (object) => (object instanceof Map ? ([key = null, otherwise = null]) => object.get(key) ?? otherwise : undefined),
  keys: (object) => (object instanceof Map ? () => [...object.keys()] : undefined),
  items: (object) => (object instanceof Map ? () => [...object] : undefined),
};

function pushed(list: Value[], value: Value): null {
  list.push(value);
  return null;
}
