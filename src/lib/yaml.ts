import { dump, load, loadAll } from 'js-yaml';
import { KopsError, messageOf } from './errors.ts';

const maxBytes = 4 * 1024 * 1024;
const maxDepth = 100;
const maxAliases = 100;

/** Every document of a YAML (or JSON) text. `where` names the file or request in errors. Aliases, depth and size are bounded. */
export function parseYamlDocuments(text: string, where: string): unknown[] {
  return guarded(text, where, () => loadAll(text)).filter((document) => document !== null && document !== undefined);
}

export function parseYaml(text: string, where: string): unknown {
  return guarded(text, where, () => load(text));
}

/** Block style, keys in the given order, no anchors, no line folding. */
export function formatYaml(value: unknown, options: { sortKeys?: boolean } = {}): string {
  return dump(value, { noRefs: true, lineWidth: -1, sortKeys: options.sortKeys ?? false });
}

function guarded<T>(text: string, where: string, parse: () => T): T {
  if (Buffer.byteLength(text) > maxBytes) throw invalid(where, `is larger than ${maxBytes} bytes`);
  // An alias in flow or block position; counting too many is safe, too few is not.
  const aliases = text.match(/(^|[\s[{,:-])\*[^\s,\]}]+/gm)?.length ?? 0;
  if (aliases > maxAliases && /(^|[\s[{,:-])&[^\s,\]}]+/m.test(text)) throw invalid(where, `uses more than ${maxAliases} YAML aliases`);
  let value: T;
  try {
    value = parse();
  } catch (error) {
    throw invalid(where, `is not valid YAML: ${messageOf(error)}`, error);
  }
  if (tooDeep(value, maxDepth)) throw invalid(where, `is nested deeper than ${maxDepth} levels`);
  return value;
}

function tooDeep(value: unknown, left: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (left === 0) return true;
  return Object.values(value).some((child) => tooDeep(child, left - 1));
}

function invalid(where: string, problem: string, cause?: unknown): KopsError {
  return new KopsError(`${where} ${problem}`, { code: 'INVALID_YAML', exit: 'invalid', object: where, cause });
}
