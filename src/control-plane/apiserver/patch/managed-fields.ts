import type { ApiTables } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { normalize } from '../schema/normalize.ts';
import { compare } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { shapeOf } from './shape.ts';

export interface ManagedEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Parameters<typeof FieldSet.from>[0];
  subresource?: string;
}

export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  subresource: string | undefined;
  /** RFC 3339, for the entry. */
  time: string;
}

/** Fields that belong to the server or name the object: nobody owns them. */
const unowned = FieldSet.from({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    'f:clusterName': {},
    'f:creationTimestamp': {},
    'f:deletionGracePeriodSeconds': {},
    'f:deletionTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
});

const maxUpdateManagers = 10;
const ancient = 'ancient-changes';

export function withoutUnowned(set: FieldSet): FieldSet {
  // The node itself may stand in the set when the whole object is new.
  set.member = false;
  for (const element of unowned.children.keys()) if (element !== 'f:metadata') set.children.delete(element);
  const metadata = set.children.get('f:metadata');
  for (const element of unowned.child('f:metadata').children.keys()) metadata?.children.delete(element);
  if (metadata && (metadata.isEmpty || metadata.children.size === 0)) set.children.delete('f:metadata');
  return set;
}

/**
 * Notes in `object.metadata.managedFields` who wrote what changed from `old` (undefined: a new object). The writer takes the changed fields from all others.
 */
export function trackFields(tables: ApiTables, object: KubeObject, old: KubeObject | undefined, writer: Writer): void {
  const definition = definitionOf(tables, object);
  if (definition === undefined) return;
  const entries = entriesOf(object, old);
  const difference = compare(shapeOf(tables, definition), old ? withoutEntries(old) : emptyObject(tables, definition), withoutEntries(object));
  const taken = difference && withoutUnowned(difference.added.add(difference.modified));
  if (!taken || (taken.isEmpty && difference.removed.isEmpty)) {
    setEntries(object, entries);
    return;
  }
  const own = entries.find((entry) => isWriter(entry, writer, object.apiVersion));
  const result: ManagedEntry[] = entries.flatMap((entry) => (entry === own ? [] : (without(entry, taken, difference.removed) ?? [])));
  const mine = grown(own ?? newEntry(writer, object.apiVersion), taken, difference.removed, writer.time);
  if (mine) result.push(mine);
  setEntries(object, capped(result));
}

/** The sets of stored entries: entries stay as they are while nobody writes their fields, and so do their sets. Never changed. */
const sets = new WeakMap<object, FieldSet>();

export function setOf({ fieldsV1 = {} }: ManagedEntry): FieldSet {
  const known = sets.get(fieldsV1);
  if (known) return known;
  const set = FieldSet.from(fieldsV1);
  sets.set(fieldsV1, set);
  return set;
}

/** The entry without what somebody else took and what is gone; undefined when nothing is left. */
function without(entry: ManagedEntry, taken: FieldSet, removed: FieldSet): ManagedEntry | undefined {
  const set = setOf(entry);
  if (!set.overlaps(taken) && !set.overlaps(removed)) return entry;
  const left = set.copy().remove(taken).remove(removed);
  return left.isEmpty ? undefined : { ...entry, fieldsV1: left.toFields() };
}

function grown(entry: ManagedEntry, taken: FieldSet, removed: FieldSet, time: string): ManagedEntry | undefined {
  const set = setOf(entry);
  const timed = taken.isEmpty ? entry : { ...entry, time };
  if (set.contains(taken) && !set.overlaps(removed)) return set.isEmpty ? undefined : timed;
  const all = set.copy().remove(removed).add(taken);
  return all.isEmpty ? undefined : { ...timed, fieldsV1: all.toFields() };
}

function withoutEntries(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } } as unknown as KubeObject;
}

function definitionOf(tables: ApiTables, { apiVersion, kind }: KubeObject): string | undefined {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return tables.definitionOf(group, version, kind);
}

/** What Go's types hold before anything is set: structs on the way to a new field are nobody's. */
function emptyObject(tables: ApiTables, definition: string): object {
  const empty = {};
  normalize(tables, definition, empty);
  return empty;
}

/** The entries to go on from: those the writer sent (`[{}]` clears them), or those that stand. */
function entriesOf(object: KubeObject, old: KubeObject | undefined): ManagedEntry[] {
  const sent = object.metadata.managedFields as ManagedEntry[] | undefined;
  if (sent && (sent.length === 0 || (sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0))) return [];
  const stored = (old?.metadata.managedFields as ManagedEntry[] | undefined) ?? [];
  // The stored entries have their sets at hand.
  return sent && !deepEqual(sent, stored) ? sent : stored;
}

export function isWriter(entry: ManagedEntry, { manager, operation, subresource }: Pick<Writer, 'manager' | 'operation' | 'subresource'>, apiVersion: string): boolean {
  if (entry.manager !== manager || entry.operation !== operation || (entry.subresource ?? '') !== (subresource ?? '')) return false;
  // Who applies is the same in every version of the API.
  return operation === 'Apply' || entry.apiVersion === apiVersion;
}

export function newEntry(writer: Writer, apiVersion: string): ManagedEntry {
  const entry: ManagedEntry = { manager: writer.manager, operation: writer.operation, apiVersion, time: writer.time, fieldsType: 'FieldsV1', fieldsV1: {} };
  if (writer.subresource !== undefined) entry.subresource = writer.subresource;
  return entry;
}

/** In Kubernetes' order: applied before updated, old before new. */
export function setEntries(object: KubeObject, entries: readonly ManagedEntry[]): void {
  const key = ({ operation, time = '', manager, apiVersion, subresource = '' }: ManagedEntry): string => [operation, time, manager, apiVersion, subresource].join('\0');
  if (entries.length === 0) delete object.metadata.managedFields;
  else object.metadata.managedFields = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The oldest updates of too many managers become one entry. */
function capped(entries: ManagedEntry[]): ManagedEntry[] {
  const updates = entries.filter(({ operation, subresource }) => operation === 'Update' && subresource === undefined).sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  const [oldest, ...others] = updates.slice(0, Math.max(0, updates.length - maxUpdateManagers + 1));
  if (!oldest || updates.length <= maxUpdateManagers) return entries;
  const merged = [oldest, ...others].reduce((set, entry) => set.add(setOf(entry)), new FieldSet());
  const gone = new Set([oldest, ...others]);
  return [
    ...entries.filter((entry) => !gone.has(entry)),
    { ...oldest, manager: ancient, fieldsV1: merged.toFields(), time: [oldest, ...others].at(-1)?.time ?? oldest.time ?? '' },
  ];
}
