/** Flags as Go programs take them: `-name=value`, `--name value`, `--name`. Names not listed are still read when they use `=`. */
export function parseFlags(args: readonly string[], withValue: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(args[index] ?? '');
    if (!match?.[1]) continue;
    const next = args[index + 1];
    if (match[2] !== undefined) flags.set(match[1], match[2]);
    else if (withValue.includes(match[1]) && next !== undefined && !next.startsWith('-')) {
      flags.set(match[1], next);
      index++;
    } else flags.set(match[1], 'true');
  }
  return flags;
}
