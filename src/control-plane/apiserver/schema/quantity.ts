const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;
const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

export const quantityMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

interface Parsed {
  /** In billionths, rounded up (away from zero) as Kubernetes does. */
  nanos: bigint;
  format: 'binary' | 'decimal' | 'exponent';
}

const billion = 1_000_000_000n;

function parse(text: string): Parsed | undefined {
  const match = pattern.exec(text);
  const [, sign, whole = '', fraction = '', suffix = ''] = match ?? [];
  if (!match || (whole === '' && fraction === '')) return undefined;
  const digits = BigInt(whole + fraction || '0');
  const binary = binarySuffixes.indexOf(suffix);
  const isExponent = /^[eE]./.test(suffix);
  const power = isExponent ? Number(suffix.slice(1)) : binary > 0 ? 0 : (decimalSuffixes.indexOf(suffix) - 3) * 3;
  let numerator = digits * billion * (binary > 0 ? 1024n ** BigInt(binary) : 1n);
  let denominator = 10n ** BigInt(fraction.length);
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  const nanos = (numerator + denominator - 1n) / denominator;
  return { nanos: sign === '-' ? -nanos : nanos, format: binary > 0 ? 'binary' : isExponent ? 'exponent' : 'decimal' };
}

/** Amount in billionths (`500m` → 500000000n), or undefined when it is no quantity. */
export function quantityNanos(value: unknown): bigint | undefined {
  return parse(String(value))?.nanos;
}

/** Kubernetes' canonical form: `0.5` → `500m`, `1024Mi` → `1Gi`, 1000 → `1k`. Undefined when it is no quantity. */
export function canonicalQuantity(value: unknown): string | undefined {
  const parsed = parse(String(value));
  if (!parsed) return undefined;
  const { nanos, format } = parsed;
  const magnitude = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  if (magnitude === 0n) return '0';
  // Small or broken binary amounts are shown in decimal form, as Kubernetes does.
  if (format === 'binary' && magnitude >= 1024n * billion) return sign + binaryText((magnitude + billion - 1n) / billion);
  return sign + decimalText(magnitude, format === 'exponent');
}

function binaryText(units: bigint): string {
  let rest = units;
  let index = 0;
  for (; rest % 1024n === 0n && index < binarySuffixes.length - 1; index++) rest /= 1024n;
  return `${rest}${binarySuffixes[index]}`;
}

function decimalText(nanos: bigint, exponent: boolean): string {
  let rest = nanos;
  let index = 0;
  for (; rest % 1000n === 0n && index < decimalSuffixes.length - 1; index++) rest /= 1000n;
  const power = (index - 3) * 3;
  return `${rest}${exponent ? (power === 0 ? '' : `e${power}`) : decimalSuffixes[index]}`;
}
