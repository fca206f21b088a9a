import { deepClone, isPlainObject } from '../../../lib/json.ts';
import type { FieldSet } from './field-set.ts';
import type { Shape } from './shape.ts';

type Json = Record<string, unknown>;

/** The live value with the configuration laid over it; neither is changed. */
export function mergeShaped(shape: Shape, live: unknown, configuration: unknown): unknown {
  if (configuration === undefined) return deepClone(live);
  if (shape.form === 'fields' && isPlainObject(live) && isPlainObject(configuration)) {
    const merged: Json = {};
    for (const [key, value] of Object.entries(live)) merged[key] = mergeShaped(shape.of(key), value, configuration[key]);
    for (const [key, value] of Object.entries(configuration)) if (!(key in live)) merged[key] = deepClone(value);
    return merged;
  }
  if (shape.form === 'items' && Array.isArray(live) && Array.isArray(configuration)) return mergeItems(shape, live, configuration);
  return deepClone(configuration);
}

/** In the configuration's order; items only the server has keep their place before what followed them. */
function mergeItems(shape: Shape & { form: 'items' }, live: readonly unknown[], configuration: readonly unknown[]): unknown[] {
  const liveElements = live.map((item) => shape.elementOf(item));
  const wanted = new Set(configuration.map((item) => shape.elementOf(item)));
  const merged: unknown[] = [];
  let next = 0;
  const keepUntil = (end: number): void => {
    for (; next < end; next++) if (!wanted.has(liveElements[next] ?? '')) merged.push(deepClone(live[next]));
  };
  for (const item of configuration) {
    const index = liveElements.indexOf(shape.elementOf(item));
    if (index >= next) keepUntil(index);
    merged.push(index < 0 ? deepClone(item) : mergeShaped(shape.item, live[index], item));
  }
  keepUntil(live.length);
  return merged;
}

/** Deletes the paths in `dropped` that nobody in `kept` owns. Changes `value`. */
export function prune(shape: Shape, value: unknown, dropped: FieldSet, kept: FieldSet | undefined): void {
  for (const [element, child] of dropped.children) {
    const others = kept?.children.get(element);
    const isOrphan = child.member && (others === undefined || others.isEmpty);
    if (shape.form === 'fields' && isPlainObject(value)) {
      const key = element.slice(2);
      if (isOrphan) delete value[key];
      else prune(shape.of(key), value[key], child, others);
    } else if (shape.form === 'items' && Array.isArray(value)) {
      const index = value.findIndex((item) => shape.elementOf(item) === element);
      if (index >= 0 && isOrphan) value.splice(index, 1);
      else if (index >= 0) prune(shape.item, value[index], child, others);
    }
  }
}
