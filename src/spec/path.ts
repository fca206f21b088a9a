import { isPlainObject } from '../lib/json.ts';

/** A name of a field or map key, or an index of a list. */
export type Segment = string | number;

/** `spec.subnets[0].cidr`, `spec.nodeLabels["a.b/c"]`, `spec.nodeLabels.a\.b/c`. Undefined when it does not parse. `[]` (append) is index -1. */
export function parsePath(text: string): Segment[] | undefined {
  const segments: Segment[] = [];
  const pattern = /(?:^|\.)((?:[^.[\]\\]|\\.)+)|\[(\d*|\*)\]|\["((?:[^"\\]|\\.)*)"\]/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    if (match[1] !== undefined) segments.push(match[1].replace(/\\(.)/g, '$1'));
    else if (match[3] !== undefined) segments.push(match[3].replace(/\\(.)/g, '$1'));
    else segments.push(match[2] === '' || match[2] === '*' ? -1 : Number(match[2]));
  }
  return segments.length === 0 ? undefined : segments;
}

export function formatPath(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment < 0 ? '' : segment}]`;
    else if (/[.[\]"\\]/.test(segment)) text += `["${segment.replace(/["\\]/g, '\\$&')}"]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

export function getPath(root: unknown, segments: readonly Segment[]): unknown {
  let at = root;
  for (const segment of segments) {
    if (typeof segment === 'number') at = Array.isArray(at) ? at[segment] : undefined;
    else at = isPlainObject(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
  }
  return at;
}

/** Sets a value in place; objects and lists on the way are made. Index -1 appends. False when something on the way is neither. */
export function setPath(root: Record<string, unknown>, segments: readonly Segment[], value: unknown): boolean {
  let at: unknown = root;
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    const container = containerAt(at, segment);
    if (!container) return false;
    const { holder, key } = container;
    if (last) assign(holder, key, value);
    else if (holder[key] === undefined || holder[key] === null) assign(holder, key, typeof segments[i + 1] === 'number' ? [] : {});
    at = holder[key];
  }
  return true;
}

/** Removes a field or a list's item in place; containers stay. Absent already is success. */
export function unsetPath(root: Record<string, unknown>, segments: readonly Segment[]): void {
  const parent = getPath(root, segments.slice(0, -1));
  const last = segments.at(-1);
  if (Array.isArray(parent) && typeof last === 'number') parent.splice(last < 0 ? parent.length - 1 : last, 1);
  else if (isPlainObject(parent) && typeof last === 'string') delete parent[last];
}

// A key such as __proto__ must become a field, never a prototype.
function assign(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function containerAt(at: unknown, segment: Segment): { holder: Record<string, unknown>; key: string } | undefined {
  if (typeof segment === 'string') return isPlainObject(at) ? { holder: at, key: segment } : undefined;
  if (!Array.isArray(at)) return undefined;
  const index = segment < 0 ? at.length : segment;
  if (index > at.length) return undefined;
  return { holder: at as unknown as Record<string, unknown>, key: String(index) };
}
