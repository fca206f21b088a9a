import { type FileSystem, joinPath, resolvePath } from '../container/file-system.ts';

/** A shell pattern as a regular expression for whole texts; a backslash makes the next character literal. `lazy` stars match as little as they can. */
export function patternSource(pattern: string, options: { lazy?: boolean; path?: boolean } = {}): string {
  const any = options.path ? '[^/]' : '[\\s\\S]';
  const pieces = /\\([\s\S])|(\*)|(\?)|\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]|([\s\S])/g;
  return pattern.replaceAll(pieces, (_whole, escaped?: string, star?: string, question?: string, negate?: string, set?: string, char?: string) => {
    if (star !== undefined) return `${any}*${options.lazy ? '?' : ''}`;
    if (question !== undefined) return any;
    if (set !== undefined) return setSource(negate !== '', set);
    return escapeRegExp(escaped ?? char ?? '');
  });
}

function setSource(negated: boolean, set: string): string {
  const body = set.replaceAll(/\[:(\w+):\]|[\\\][]/g, (whole, name?: string) => (name === undefined ? `\\${whole}` : (classes[name] ?? '')));
  return `[${negated ? '^' : ''}${body}]`;
}

const classes: Record<string, string> = { digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', space: ' \t\n\r', xdigit: '0-9A-Fa-f' };

export function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

export function matchesPattern(text: string, pattern: string): boolean {
  return new RegExp(`^${patternSource(pattern)}$`).test(text);
}

export function literal(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, '\\$&');
}

/** File names that match, sorted; empty when none does. */
export function glob(files: FileSystem, cwd: string, pattern: string): string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  let found = [absolute ? '/' : ''];
  for (const part of parts) {
    const expression = new RegExp(`^${patternSource(part, { path: true })}$`);
    const isPattern = /(?<!\\)[*?[]/.test(part);
    found = found.flatMap((base) => {
      const folder = resolvePath(cwd, base === '' ? '.' : base);
      if (!isPattern) {
        const name = part.replaceAll(/\\(.)/g, '$1');
        return files.stat(joinPath(folder, name)) ? [extend(base, name)] : [];
      }
      if (files.stat(folder)?.type !== 'dir') return [];
      return files
        .list(folder)
        .filter((name) => (!name.startsWith('.') || part.startsWith('.')) && expression.test(name))
        .map((name) => extend(base, name));
    });
  }
  return found.sort();
}

function extend(base: string, name: string): string {
  if (base === '') return name;
  return base === '/' ? `/${name}` : `${base}/${name}`;
}
