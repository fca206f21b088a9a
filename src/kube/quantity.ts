import type { ResourceList } from './objects.ts';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact amount. Kubernetes knows nothing smaller than a nano; finer text is rounded up. */
export interface Quantity {
  nano: bigint;
  format: QuantityFormat;
}

/** What the API answers to text that is no quantity. */
export const quantityError = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const one = 1_000_000_000n;
const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;
const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** `100m`, `1.5Gi`, `1e3`. Undefined when it is no quantity. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, digits = '', suffix, exponent] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const mantissa = BigInt(whole + fraction);
  const nano = scaled(mantissa, fraction.length, suffix ?? '', exponent);
  const format = exponent !== undefined ? 'DecimalExponent' : suffix?.endsWith('i') ? 'BinarySI' : 'DecimalSI';
  return { nano: sign === '-' ? -nano : nano, format };
}

/** mantissa × 10^-places × suffix in nanos, away from zero. */
function scaled(mantissa: bigint, places: number, suffix: string, exponent: string | undefined): bigint {
  const binary = binarySuffixes.indexOf(suffix);
  const power = 9 - places + (binary > 0 ? 0 : exponent === undefined ? (decimalExponents[suffix] ?? 0) : Number(exponent));
  const factor = binary > 0 ? 1024n ** BigInt(binary) : 1n;
  if (power >= 0) return mantissa * factor * 10n ** BigInt(power);
  return divideUp(mantissa * factor, 10n ** BigInt(-power));
}

/** Away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return quotient * by === value ? quotient : quotient + (value < 0n ? -1n : 1n);
}

/** Kubernetes' canonical text: no fraction, the largest suffix that divides. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const magnitude = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? '-' : '';
  if (format === 'BinarySI' && magnitude >= 1024n * one) return sign + formatBinary(divideUp(magnitude, one));
  let exponent = -9;
  let number = magnitude;
  while (exponent < 18 && number % 1000n === 0n) {
    number /= 1000n;
    exponent += 3;
  }
  const suffix = format === 'DecimalExponent' ? (exponent === 0 ? '' : `e${exponent}`) : decimalSuffixes.get(exponent);
  return `${sign}${number}${suffix}`;
}

function formatBinary(value: bigint): string {
  let number = value;
  let power = 0;
  while (power < binarySuffixes.length - 1 && number % 1024n === 0n) {
    number /= 1024n;
    power++;
  }
  return `${number}${binarySuffixes[power]}`;
}

export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** Negative, zero or positive, as a comparison function gives. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

// The same few texts come again and again; what they mean never changes.
const memo = new Map<string, { value: number; milli: number }>();
const memoLimit = 4096;

function numbersOf(text: string): { value: number; milli: number } {
  const known = memo.get(text);
  if (known) return known;
  const nano = parseQuantity(text)?.nano ?? 0n;
  const numbers = { value: Number(divideUp(nano, one)), milli: Number(divideUp(nano, 1_000_000n)) };
  if (memo.size >= memoLimit) memo.clear();
  memo.set(text, numbers);
  return numbers;
}

/** As a whole number, rounded up (bytes, pods). 0 when absent or no quantity. */
export function quantityValue(text: string | undefined): number {
  return text === undefined ? 0 : numbersOf(String(text)).value;
}

/** In thousandths, rounded up (CPU). 0 when absent or no quantity. */
export function quantityMilli(text: string | undefined): number {
  return text === undefined ? 0 : numbersOf(String(text)).milli;
}

/** The sum of two resource lists, in canonical form. */
export function addResourceLists(a: ResourceList, b: ResourceList): ResourceList {
  const sum: ResourceList = { ...a };
  for (const [name, text] of Object.entries(b)) {
    const left = parseQuantity(a[name] ?? '0');
    const right = parseQuantity(text);
    if (left && right) sum[name] = formatQuantity(addQuantities(left, right));
  }
  return sum;
}
