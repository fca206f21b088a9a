import type { FieldType, Property } from '../../../kube/api/definition.ts';
import type { ApiTables } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { badRequest } from '../../../kube/status.ts';
import { deepClone, deepEqual, isPlainObject } from '../../../lib/json.ts';

type Json = Record<string, unknown>;

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

/** Kubernetes' strategic merge patch: lists merge by key, directives delete, replace, retain and order. What the patch does not touch is shared with `current`. Throws BadRequest. */
export function strategicMerge(tables: ApiTables, definition: string, current: KubeObject, patch: Json): KubeObject {
  return new StrategicMerger(tables).mergeObject(current, deepClone(patch), { form: 'ref', name: definition }) as KubeObject;
}

class StrategicMerger {
  private readonly tables: ApiTables;

  constructor(tables: ApiTables) {
    this.tables = tables;
  }

  mergeObject(current: Json, patch: Json, type: FieldType | undefined): Json {
    const { [directive]: command, ...rest } = patch;
    if (command === 'replace') return rest;
    if (command === 'delete') return {};
    if (command !== undefined && command !== 'merge') throw badRequest(`unrecognized type or value for $patch: ${JSON.stringify(command)}`);
    const original = { ...current };
    this.retain(original, rest);
    for (const [key, value] of Object.entries(rest)) {
      const listed = directiveTarget(key);
      // A directive for a list that the patch itself does not touch; the others are read with their list.
      if (listed !== undefined && !(listed in rest) && Array.isArray(original[listed]))
        original[listed] = this.mergeField(original[listed], [], this.propertyOf(type, listed), rest, listed);
      if (listed !== undefined || key === retainKeys) continue;
      if (value === null) delete original[key];
      else original[key] = this.mergeField(original[key], value, this.propertyOf(type, key), rest, key);
    }
    return original;
  }

  private retain(original: Json, patch: Json): void {
    const keys = patch[retainKeys];
    if (keys === undefined) return;
    if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
    for (const key of Object.keys(original)) if (!keys.includes(key)) delete original[key];
  }

  private propertyOf(type: FieldType | undefined, key: string): Property | undefined {
    if (type?.form === 'map') return { name: key, type: type.item, patchStrategy: [] };
    return type ? this.tables.resolve(type).definition?.properties?.get(key) : undefined;
  }

  private mergeField(original: unknown, value: unknown, property: Property | undefined, patch: Json, key: string): unknown {
    const strategies = property?.patchStrategy ?? [];
    if (isPlainObject(value)) {
      if (strategies.includes('replace')) return withoutDirectives(value);
      return this.mergeObject(isPlainObject(original) ? original : {}, value, property?.type);
    }
    if (!Array.isArray(value)) return value;
    if (!strategies.includes('merge')) return withoutDirectives(value);
    const items = Array.isArray(original) ? original : [];
    const order = patch[orderPrefix + key] as unknown[] | undefined;
    const itemType = property?.type.form === 'list' ? property.type.item : undefined;
    if (property?.patchMergeKey === undefined) return mergeScalars(items, value, patch[deletePrefix + key] as unknown[] | undefined, order);
    return this.mergeList(items, value, { key: property.patchMergeKey, itemType, name: key, order: order as Json[] | undefined });
  }

  private mergeList(original: unknown[], patch: unknown[], list: { key: string; itemType: FieldType | undefined; name: string; order: Json[] | undefined }): unknown[] {
    const { key, itemType, name, order } = list;
    if (patch.some((item) => isPlainObject(item) && item[directive] === 'replace' && Object.keys(item).length === 1)) {
      return withoutDirectives(patch.filter((item) => !(isPlainObject(item) && item[directive] === 'replace' && Object.keys(item).length === 1)));
    }
    let result = [...original] as Json[];
    for (const item of patch) {
      if (!isPlainObject(item)) throw badRequest(`strategic merge patch: ${name} is a list of objects`);
      const id = item[key];
      if (id === undefined) throw badRequest(`map: ${goMap(item)} does not contain declared merge key: ${key}`);
      const index = result.findIndex((existing) => isPlainObject(existing) && deepEqual(existing[key], id));
      if (item[directive] === 'delete') result = result.filter((existing) => !(isPlainObject(existing) && deepEqual(existing[key], id)));
      else if (index < 0) result.push(this.mergeObject({}, item, itemType));
      else result[index] = this.mergeObject(result[index] ?? {}, item, itemType);
    }
    return order
      ? ordered(
          result,
          order.map((item) => item[key]),
          (item) => item[key],
        )
      : result;
  }
}

/** The list that `$deleteFromPrimitiveList/x` or `$setElementOrder/x` speaks of. */
function directiveTarget(key: string): string | undefined {
  const prefix = [deletePrefix, orderPrefix].find((candidate) => key.startsWith(candidate));
  return prefix && key.slice(prefix.length);
}

function mergeScalars(original: unknown[], patch: unknown[], deleted: unknown[] | undefined, order: unknown[] | undefined): unknown[] {
  const gone = new Set(deleted ?? []);
  const result = original.filter((item) => !gone.has(item));
  for (const item of patch) if (!result.includes(item)) result.push(item);
  return order ? ordered(result, order, (item) => item) : result;
}

/** Items named in the order come in that order; those only the server has keep their place relative to what stood before them. */
function ordered<T>(items: T[], order: unknown[], idOf: (item: T) => unknown): T[] {
  const position = new Map(order.map((id, index) => [JSON.stringify(id), index]));
  const named = items.filter((item) => position.has(JSON.stringify(idOf(item))));
  named.sort((a, b) => (position.get(JSON.stringify(idOf(a))) ?? 0) - (position.get(JSON.stringify(idOf(b))) ?? 0));
  const result: T[] = [];
  let next = 0;
  for (const item of items) {
    if (position.has(JSON.stringify(idOf(item)))) {
      const placed = named[next++];
      if (placed !== undefined) result.push(placed);
    } else result.push(item);
  }
  return result;
}

/** What is new to the object must not carry the patch's own language. */
function withoutDirectives<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).filter(([key, item]) => !key.startsWith('$') && item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, clean(item)]));
}

function goMap(item: Json): string {
  return `map[${Object.keys(item)
    .sort()
    .map((key) => `${key}:${String(item[key])}`)
    .join(' ')}]`;
}
