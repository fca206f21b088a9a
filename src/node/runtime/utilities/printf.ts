import { unescapeText } from './basics.ts';
import { UsageError, utility } from './support.ts';

export const printf = utility('printf', async (process, args) => {
  const [format, ...values] = args;
  if (format === undefined) throw new UsageError('usage: printf FORMAT [ARG]...', 2);
  const queue = [...values];
  do {
    const before = queue.length;
    await process.print(formatted(format, queue));
    if (queue.length === before) break;
  } while (queue.length > 0);
  return 0;
});

/** One pass over the format; takes from `values` what it needs. */
function formatted(format: string, values: string[]): string {
  const pattern = /%(%|([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?([sdiouxXcbfeEgG]))|(\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.))/gs;
  return format.replaceAll(pattern, (whole, percent?: string, flags = '', width = '', precision?: string, kind = '', escaped?: string) => {
    if (escaped !== undefined) return unescapeText(escaped);
    if (percent === '%') return '%';
    if (whole === '') return whole;
    const columns = width === '*' ? Number(values.shift() ?? 0) : Number(width || 0);
    const text = converted(kind, values.shift() ?? '', precision, flags);
    if (flags.includes('-')) return text.padEnd(columns);
    const zero = flags.includes('0') && kind !== 's' && kind !== 'c';
    return zero ? (text.startsWith('-') ? `-${text.slice(1).padStart(columns - 1, '0')}` : text.padStart(columns, '0')) : text.padStart(columns);
  });
}

function converted(kind: string, value: string, precision: string | undefined, flags: string): string {
  if (kind === 's') return precision === undefined ? value : value.slice(0, Number(precision));
  if (kind === 'b') return unescapeText(value);
  if (kind === 'c') return value.slice(0, 1);
  const number = value.startsWith("'") || value.startsWith('"') ? (value.codePointAt(1) ?? 0) : Number(value || 0);
  if (Number.isNaN(number)) throw new UsageError(`${value}: invalid number`);
  if ('eE'.includes(kind)) return number.toExponential(Number(precision ?? 6)).replace(/e([-+])(\d)$/, 'e$10$2');
  if ('gG'.includes(kind)) return String(number);
  if (kind === 'f') return number.toFixed(Number(precision ?? 6));
  const whole = Math.trunc(number);
  const texts: Record<string, string> = { o: whole.toString(8), x: whole.toString(16), X: whole.toString(16).toUpperCase() };
  const text = texts[kind] ?? String(whole);
  return flags.includes('+') && whole >= 0 && 'di'.includes(kind) ? `+${text}` : text;
}
