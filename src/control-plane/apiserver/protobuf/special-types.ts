import { formatTime } from '../../../lib/clock.ts';
import { ProtobufError, ProtobufReader } from './reader.ts';

const utf8 = new TextDecoder();

/** Messages that are not a plain JSON object: `quantity`, `time` … (the rules stand in the tables). Undefined when the rule needs the general decoder. */
export function decodeSpecial(rule: string, bytes: Uint8Array): { value: unknown } | undefined {
  if (rule.startsWith('json:')) return { value: jsonField(bytes, Number(rule.slice(5))) };
  const decode = scalarRules[rule];
  return decode && { value: decode(bytes) };
}

const scalarRules: Record<string, (bytes: Uint8Array) => unknown> = {
  quantity: (bytes) => utf8.decode(fields(bytes).get(1)?.chunk ?? new Uint8Array()) || '0',
  time: (bytes) => (bytes.length === 0 ? null : formatTime(Number(fields(bytes).get(1)?.number ?? 0n) * 1000)),
  microtime: (bytes) => {
    if (bytes.length === 0) return null;
    const parts = fields(bytes);
    const micros = Math.floor(Number(parts.get(2)?.number ?? 0n) / 1000);
    return formatTime(Number(parts.get(1)?.number ?? 0n) * 1000).replace('Z', `.${String(micros).padStart(6, '0')}Z`);
  },
  duration: (bytes) => goDuration(fields(bytes).get(1)?.number ?? 0n),
  intorstring: (bytes) => {
    const parts = fields(bytes);
    return parts.get(1)?.number === 1n ? utf8.decode(parts.get(3)?.chunk ?? new Uint8Array()) : Number(BigInt.asIntN(32, parts.get(2)?.number ?? 0n));
  },
};

interface WireValue {
  number?: bigint;
  chunk?: Uint8Array;
}

function fields(bytes: Uint8Array): Map<number, WireValue> {
  const reader = new ProtobufReader(bytes);
  const found = new Map<number, WireValue>();
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (wire === 0) found.set(field, { number: reader.varint() });
    else if (wire === 2) found.set(field, { chunk: reader.chunk() });
    else reader.skip(wire);
  }
  return found;
}

function jsonField(bytes: Uint8Array, field: number): unknown {
  const chunk = fields(bytes).get(field)?.chunk;
  if (!chunk || chunk.length === 0) return null;
  try {
    return JSON.parse(utf8.decode(chunk));
  } catch {
    throw new ProtobufError('invalid JSON in a raw field');
  }
}

/** As Go prints a time.Duration: `30s`, `1h0m0s`, `1.5s`, `100ms`. */
function goDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const value = nanos < 0n ? -nanos : nanos;
  if (value < 1_000n) return `${sign}${value}ns`;
  if (value < 1_000_000n) return `${sign}${decimal(value, 3)}µs`;
  if (value < 1_000_000_000n) return `${sign}${decimal(value, 6)}ms`;
  const minutes = value / 60_000_000_000n;
  const seconds = `${decimal(value % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const unit = 10n ** BigInt(places);
  const fraction = (value % unit).toString().padStart(places, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
