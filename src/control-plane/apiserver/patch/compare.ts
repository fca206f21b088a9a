import { deepEqual, isPlainObject } from '../../../lib/json.ts';
import { FieldSet } from './field-set.ts';
import type { Shape } from './shape.ts';

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Which paths differ between two objects of one shape. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  const result: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  walk(shape, before, after, result);
  return result;
}

function walk(shape: Shape, before: unknown, after: unknown, result: Comparison): void {
  if (before === after) return;
  if (after === undefined || after === null) collect(shape, before, result.removed);
  else if (before === undefined || before === null) collect(shape, after, result.added);
  else if (shape.form === 'fields' && isPlainObject(before) && isPlainObject(after)) {
    for (const key of keysOf(before, after)) walkChild(shape.of(key), `f:${key}`, before[key], after[key], result);
    dropRequired(shape, result.added);
  } else if (shape.form === 'items' && Array.isArray(before) && Array.isArray(after)) {
    const old = new Map(before.map((item) => [shape.elementOf(item), item]));
    const now = new Map(after.map((item) => [shape.elementOf(item), item]));
    for (const element of new Set([...old.keys(), ...now.keys()])) walkChild(shape.item, element, old.get(element), now.get(element), result);
  } else if (!deepEqual(before, after)) result.modified.member = true;
}

function keysOf(before: object, after: object): Set<string> {
  return new Set([...Object.keys(before), ...Object.keys(after)]);
}

function walkChild(shape: Shape, element: string, before: unknown, after: unknown, result: Comparison): void {
  if (before === after) return;
  const below: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  walk(shape, before, after, below);
  for (const kind of ['added', 'modified', 'removed'] as const) if (!below[kind].isEmpty) result[kind].children.set(element, below[kind]);
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
