import type { Program } from '../container/process.ts';

export const trueCommand: Program = async () => 0;
export const falseCommand: Program = async () => 1;

export const echo: Program = async (process) => {
  const args = process.argv.slice(1);
  let end = '\n';
  let escapes = false;
  while (/^-[neE]+$/.test(args[0] ?? '')) {
    const flags = args.shift() ?? '';
    if (flags.includes('n')) end = '';
    if (flags.includes('e')) escapes = true;
  }
  const text = args.join(' ');
  await process.print(`${escapes ? unescapeText(text) : text}${end}`);
  return 0;
};

const plain: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', a: '\x07', b: '\b', f: '\f', v: '\v', e: '\x1b' };

/** Backslash sequences as echo -e and printf take them. */
export function unescapeText(text: string): string {
  return text.replaceAll(/\\(?:([ntr\\abfve])|0?([0-7]{1,3})|x([0-9a-fA-F]{1,2}))/g, (_whole, letter?: string, octal?: string, hex?: string) => {
    if (letter !== undefined) return plain[letter] ?? letter;
    return String.fromCharCode(octal === undefined ? Number.parseInt(hex ?? '0', 16) : Number.parseInt(octal, 8) & 255);
  });
}

const unitSeconds: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

export const sleep: Program = async (process) => {
  const args = process.argv.slice(1);
  if (args.length === 0) {
    await process.warn('sleep: missing operand\n');
    return 1;
  }
  let seconds = 0;
  for (const arg of args) {
    const match = /^(\d*\.?\d+)([smhd]?)$/.exec(arg);
    if (arg === 'infinity' || arg === 'inf') seconds = Number.POSITIVE_INFINITY;
    else if (match) seconds += Number(match[1]) * (unitSeconds[match[2] ?? ''] ?? 1);
    else {
      await process.warn(`sleep: invalid number '${arg}'\n`);
      return 1;
    }
  }
  if (seconds === Number.POSITIVE_INFINITY) await process.signalled();
  else await process.sleep(seconds * 1000);
  return 0;
};
