import type { Interfaces } from '@oclif/core';

/**
 * What kops takes and oclif does not: `--yes=true` and `--yes=false` for flags without a value. Old names of flags are parted from
 * their value (`--master-size=t3.micro`), for the warning about them looks at whole words.
 */
export function normalizeArgv(argv: readonly string[], flags: Interfaces.FlagInput): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return [...words.flatMap((word) => normalizeWord(word, flags)), ...(end < 0 ? [] : argv.slice(end))];
}

function normalizeWord(word: string, flags: Interfaces.FlagInput): string[] {
  const match = /^--([a-z0-9-]+)=(.*)$/s.exec(word);
  const [, name = '', value = ''] = match ?? [];
  const flag = flags[name];
  if (flag?.type === 'boolean' && (value === 'true' || value === 'false')) {
    if (value === 'true') return [`--${name}`];
    return flag.allowNo ? [`--no-${name}`] : [];
  }
  const old = match && Object.values(flags).some((other) => other.deprecateAliases && other.aliases?.includes(name));
  return old ? [`--${name}`, value] : [word];
}
