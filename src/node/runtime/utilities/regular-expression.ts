import { UsageError } from './support.ts';

const classes: Record<string, string> = {
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

/** A POSIX regular expression as JavaScript's. In a basic one `+ ? | ( ) { }` are plain and special with a backslash. */
export function regularExpression(pattern: string, options: { extended: boolean; flags?: string }): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '[') {
      const end = endOfSet(pattern, at);
      source += setSource(pattern.slice(at + 1, end));
      at = end;
    } else if (char === '\\') source += escapedSource(pattern[++at] ?? '\\', options.extended);
    else source += !options.extended && ('+?|(){}'.includes(char) || (char === '*' && source === '')) ? `\\${char}` : char;
  }
  try {
    return new RegExp(source, options.flags);
  } catch {
    throw new UsageError(`bad regex '${pattern}': Invalid regular expression`, 2);
  }
}

function escapedSource(char: string, extended: boolean): string {
  if (!extended && '+?|(){}'.includes(char)) return char;
  return char === '<' || char === '>' ? '\\b' : `\\${char}`;
}

function endOfSet(pattern: string, from: number): number {
  let at = from + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length; at++) {
    if (pattern.startsWith('[:', at)) at = pattern.indexOf(':]', at) + 1 || pattern.length;
    else if (pattern[at] === ']') return at;
  }
  throw new UsageError(`bad regex '${pattern}': Unmatched [, [^, [:, [., or [=`, 2);
}

function setSource(inner: string): string {
  const negated = inner.startsWith('^');
  const body = (negated ? inner.slice(1) : inner).replaceAll(/\[:(\w+):\]|[\\\][]/g, (whole, name?: string) => (name === undefined ? `\\${whole}` : (classes[name] ?? '')));
  return `[${negated ? '^' : ''}${body}]`;
}
