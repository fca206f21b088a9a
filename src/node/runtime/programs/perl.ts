import type { Process, Program } from '../container/process.ts';
import { unescapeText } from '../utilities/basics.ts';

const maxDigits = 20_000;

/** perl with a line of statements: `print` of strings, numbers and `bpi(DIGITS)`, `sleep`, `exit`. Enough for the job that computes π. */
export const perl: Program = async (process) => {
  const args = process.argv.slice(1);
  const flag = args.findIndex((arg) => /^-[a-zA-Z]*e$/.test(arg));
  const script = args[flag + 1];
  if (flag < 0 || script === undefined) {
    await process.warn('perl: only one-line programs (perl -e) are part of this simulation\n');
    return 2;
  }
  const end = args[flag]?.includes('l') ? '\n' : '';
  for (const statement of script.split(';').map((part) => part.trim())) {
    const code = statement === '' ? undefined : await run(process, statement, end);
    if (code !== undefined) return code;
  }
  return 0;
};

/** The exit code when the statement ends the program. */
async function run(process: Process, statement: string, end: string): Promise<number | undefined> {
  const [, word = '', rest = ''] = /^(\w+)\s*(.*)$/s.exec(statement) ?? [];
  const argument = rest.replace(/^\((.*)\)$/s, '$1');
  if (word === 'exit') return Number(argument || 0) & 255;
  if (word === 'sleep' && /^\d+$/.test(argument)) {
    await process.sleep(Number(argument) * 1000);
    return undefined;
  }
  const value = word === 'print' || word === 'say' ? printed(argument) : undefined;
  if (value === undefined) {
    await process.warn(`perl: ${JSON.stringify(statement)} is not part of this simulation: print, sleep and exit are\n`);
    return 2;
  }
  await process.print(`${value}${word === 'say' ? '\n' : end}`);
  return undefined;
}

function printed(text: string): string | undefined {
  const digits = /^bpi\((\d+)\)$/.exec(text)?.[1];
  if (digits !== undefined && Number(digits) >= 1 && Number(digits) <= maxDigits) return pi(Number(digits));
  const literal = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(-?\d+(?:\.\d+)?))$/s.exec(text);
  return literal ? (literal[2] ?? literal[3] ?? unescapeText(literal[1] ?? '')) : undefined;
}

/** π to so many significant digits, rounded, by Machin's formula. */
function pi(digits: number): string {
  const guard = 12;
  const one = 10n ** BigInt(digits - 1 + guard);
  const exact = 4n * (4n * inverseTangent(5n, one) - inverseTangent(239n, one));
  const half = 10n ** BigInt(guard) / 2n;
  const text = String((exact + half) / 10n ** BigInt(guard));
  return digits === 1 ? text : `${text[0]}.${text.slice(1)}`;
}

/** arctan(1/x) as a multiple of 1/one. */
function inverseTangent(x: bigint, one: bigint): bigint {
  let sum = 0n;
  let power = one / x;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += n % 4n === 1n ? power / n : -(power / n);
    power /= x * x;
  }
  return sum;
}
