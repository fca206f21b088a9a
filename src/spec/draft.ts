import { deepClone } from '../lib/json.ts';
import { formatPath, getPath, parsePath, type Segment, setPath } from './path.ts';
import type { Provenance, ValueSource } from './types.ts';

/** An object on its way to completion: values go in only where the user said nothing, and each remembers where it came from. */
export class Draft<T extends object> {
  readonly object: T;
  readonly provenance: Provenance = { '': 'user' };

  constructor(object: T) {
    this.object = deepClone(object);
  }

  /** Sets the value unless there is one. */
  fill(path: string | readonly Segment[], value: unknown, source: ValueSource = 'default'): void {
    const segments = typeof path === 'string' ? parsePath(path) : path;
    if (value === undefined || !segments) return;
    const present = getPath(this.object, segments);
    if (present !== undefined && present !== null) return;
    if (setPath(this.object as Record<string, unknown>, segments, deepClone(value))) this.provenance[formatPath(segments)] = source;
  }

  fillAll(values: Readonly<Record<string, unknown>>, source: ValueSource): void {
    for (const [path, value] of Object.entries(values)) this.fill(path, value, source);
  }
}
