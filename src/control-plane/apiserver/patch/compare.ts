import { deepEqual, isPlainObject } from '../../../lib/json.ts';
import { FieldSet } from './field-set.ts';
import type { Shape } from './shape.ts';

type Json = Record<string, unknown>;

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Which paths differ between two objects of one shape; undefined when none does. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison | undefined {
  if (before === after) return undefined;
  if (after === undefined || after === null) return whole(shape, before, 'removed');
  if (before === undefined || before === null) return whole(shape, after, 'added');
  if (shape.form === 'fields' && isPlainObject(before) && isPlainObject(after)) return compareFields(shape, before, after);
  // Most lists do not change: finding out item by item, by their keys, is dear.
  if (deepEqual(before, after)) return undefined;
  if (shape.form === 'items' && Array.isArray(before) && Array.isArray(after)) return compareItems(shape, before, after);
  const result = nothing();
  result.modified.member = true;
  return result;
}

const nothing = (): Comparison => ({ added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() });

function whole(shape: Shape, value: unknown, kind: 'added' | 'removed'): Comparison | undefined {
  if (value === undefined || value === null) return undefined;
  const result = nothing();
  collect(shape, value, result[kind]);
  return result;
}

function compareFields(shape: Shape & { form: 'fields' }, before: Json, after: Json): Comparison | undefined {
  let result: Comparison | undefined;
  for (const key in after) if (after[key] !== before[key]) result = place(result, `f:${key}`, compare(shape.of(key), before[key], after[key]));
  for (const key in before) if (after[key] === undefined) result = place(result, `f:${key}`, compare(shape.of(key), before[key], undefined));
  if (result) dropRequired(shape, result.added);
  return result;
}

function compareItems(shape: Shape & { form: 'items' }, before: readonly unknown[], after: readonly unknown[]): Comparison | undefined {
  const old = new Map(before.map((item) => [shape.elementOf(item), item]));
  const now = new Map(after.map((item) => [shape.elementOf(item), item]));
  let result: Comparison | undefined;
  for (const [element, item] of now) result = place(result, element, compare(shape.item, old.get(element), item));
  for (const [element, item] of old) if (!now.has(element)) result = place(result, element, compare(shape.item, item, undefined));
  return result;
}

function place(result: Comparison | undefined, element: string, below: Comparison | undefined): Comparison | undefined {
  if (!below) return result;
  const parent = result ?? nothing();
  for (const kind of ['added', 'modified', 'removed'] as const) if (!below[kind].isEmpty) parent[kind].children.set(element, below[kind]);
  return parent;
}

/** Every path of a value, itself included. */
function collect(shape: Shape, value: unknown, into: FieldSet): void {
  if (value === undefined || value === null) return;
  into.member = true;
  if (shape.form === 'fields' && isPlainObject(value)) {
    for (const [key, child] of Object.entries(value)) collect(shape.of(key), child, into.child(`f:${key}`));
    dropRequired(shape, into);
  } else if (shape.form === 'items' && Array.isArray(value)) for (const item of value) collect(shape.item, item, into.child(shape.elementOf(item)));
}

/** Required lists and structs are there, if empty, in every object: what is new are the things in them. */
function dropRequired({ required }: Shape & { form: 'fields' }, set: FieldSet): void {
  for (const key of required) {
    const child = set.children.get(`f:${key}`);
    if (child && child.children.size > 0) child.member = false;
  }
}

/** What an applied configuration claims: its leaves, its list items, the keys of its maps; not the structs on the way. */
export function claimedFields(shape: Shape, value: unknown, into = new FieldSet()): FieldSet {
  if (shape.form === 'fields' && isPlainObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      const below = into.child(`f:${key}`);
      claimedFields(shape.of(key), child, below);
      if (shape.isMap || child === null || (isPlainObject(child) && Object.keys(child).length === 0)) below.member = true;
    }
  } else if (shape.form === 'items' && Array.isArray(value)) {
    for (const item of value) {
      const below = into.child(shape.elementOf(item));
      claimedFields(shape.item, item, below);
      below.member = true;
    }
  } else into.member = true;
  return into;
}
