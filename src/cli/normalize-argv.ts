import type { Interfaces } from '@oclif/core';
import { parseDurationMs } from '../lib/text.ts';

/** Flags whose value may be left out, and what they mean then: `--admin` is `--admin=18h`. */
const impliedValues: Readonly<Record<string, string>> = { admin: '18h' };

/**
 * What kops takes and oclif does not: `--yes=true` and `--yes=false` for flags without a value, flags whose value may be left out. Old
 * names of flags are parted from their value (`--master-size=t3.micro`), for the warning about them looks at whole words.
 */
export function normalizeArgv(argv: readonly string[], flags: Interfaces.FlagInput): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return [...words.flatMap((word, i) => normalizeWord(word, words[i + 1], flags)), ...(end < 0 ? [] : argv.slice(end))];
}

function normalizeWord(word: string, next: string | undefined, flags: Interfaces.FlagInput): string[] {
  const match = /^--([a-z0-9-]+)=(.*)$/s.exec(word);
  const [, name = '', value = ''] = match ?? [];
  const flag = flags[name];
  if (flag?.type === 'boolean' && (value === 'true' || value === 'false')) {
    if (value === 'true') return [`--${name}`];
    return flag.allowNo ? [`--no-${name}`] : [];
  }
  if (!match) return [withImpliedValue(word, next, flags)];
  const old = Object.values(flags).some((other) => other.deprecateAliases && other.aliases?.includes(name));
  return old ? [`--${name}`, value] : [word];
}

/** kops wants `--admin=1h`; no cluster is called 1h, so `--admin 1h` can only mean the same. */
function withImpliedValue(word: string, next: string | undefined, flags: Interfaces.FlagInput): string {
  const name = word.slice(2);
  const implied = Object.hasOwn(impliedValues, name) ? impliedValues[name] : undefined;
  if (!word.startsWith('--') || implied === undefined || flags[name]?.type !== 'option') return word;
  return next !== undefined && parseDurationMs(next) !== undefined ? word : `${word}=${implied}`;
}
