import { KopsError } from '../lib/errors.ts';

/** Where a file store keeps its locks and half-written files; never a key. */
export const reservedFolder = '.kops-ts';

/** Throws KopsError INVALID_OBJECT_KEY for keys that could leave the store, or that not every store can hold. */
export function checkKey(key: string): void {
  const segments = key.split('/');
  const bad = segments.some((segment) => segment === '' || segment === '.' || segment === '..' || /[\0\\]/.test(segment));
  if (!bad && segments[0] !== reservedFolder) return;
  throw new KopsError(`${JSON.stringify(key)} cannot be the key of an object`, {
    code: 'INVALID_OBJECT_KEY',
    exit: 'invalid',
    object: key,
    expected: 'names separated by single slashes, none of them "." or ".."',
  });
}

/** Splits the keys under a prefix into those at this level and the folders below it. Both sorted. */
export function groupByFolder(keys: readonly string[], prefix: string, delimiter: '/' | undefined): { keys: string[]; prefixes: string[] } {
  const sorted = keys.filter((key) => key.startsWith(prefix)).sort();
  if (delimiter === undefined) return { keys: sorted, prefixes: [] };
  const folderOf = (key: string) => {
    const end = key.indexOf(delimiter, prefix.length);
    return end < 0 ? undefined : key.slice(0, end + 1);
  };
  return {
    keys: sorted.filter((key) => folderOf(key) === undefined),
    prefixes: [...new Set(sorted.flatMap((key) => folderOf(key) ?? []))],
  };
}
