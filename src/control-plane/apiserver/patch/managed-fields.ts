import type { ApiTables } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { normalize } from '../schema/normalize.ts';
import { compare } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { type Shape, shapeOf } from './shape.ts';

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
  const shape = objectShape(tables, object);
  if (!shape) return;
  const entries = entriesOf(object, old);
  const before = old ? { ...old, metadata: { ...old.metadata, managedFields: undefined } } : emptyObject(tables, object);
  const { added, modified, removed } = compare(shape, before, { ...object, metadata: { ...object.metadata, managedFields: undefined } });
  const taken = withoutUnowned(added.add(modified));
  if (taken.isEmpty && removed.isEmpty) {
    setEntries(object, entries);
    return;
  }
  const sets = entries.map((entry) => ({ entry, set: FieldSet.from(entry.fieldsV1).remove(removed) }));
  const own = sets.find(({ entry }) => isWriter(entry, writer, object.apiVersion));
  for (const other of sets) if (other !== own) other.set.remove(taken);
  if (own) own.set.add(taken);
  else sets.push({ entry: newEntry(writer, object.apiVersion), set: taken });
  const result = sets
    .filter(({ set }) => !set.isEmpty)
    .map(({ entry, set }) => ({ ...entry, fieldsV1: set.toFields(), ...(isWriter(entry, writer, object.apiVersion) && !taken.isEmpty && { time: writer.time }) }));
  setEntries(object, capped(result));
}

export function objectShape(tables: ApiTables, { apiVersion, kind }: KubeObject): Shape | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const definition = tables.definitionOf(group ?? '', version ?? '', kind);
  return definition === undefined ? undefined : shapeOf(tables, definition);
}

/** What Go's types hold before anything is set: structs on the way to a new field are nobody's. */
function emptyObject(tables: ApiTables, { apiVersion, kind }: KubeObject): object {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const empty = {};
  normalize(tables, tables.definitionOf(group ?? '', version ?? '', kind) ?? '', empty);
  return empty;
}

/** The entries to go on from: those the writer sent (`[{}]` clears them), or those that stand. */
function entriesOf(object: KubeObject, old: KubeObject | undefined): ManagedEntry[] {
  const sent = object.metadata.managedFields as ManagedEntry[] | undefined;
  if (sent && (sent.length === 0 || (sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0))) return [];
  return sent ?? (old?.metadata.managedFields as ManagedEntry[] | undefined) ?? [];
}

export function isWriter(entry: ManagedEntry, writer: Pick<Writer, 'manager' | 'operation' | 'subresource'>, apiVersion: string): boolean {
  return entry.manager === writer.manager && entry.operation === writer.operation && (entry.subresource ?? '') === (writer.subresource ?? '') && entry.apiVersion === apiVersion;
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
  const merged = [oldest, ...others].reduce((set, { fieldsV1 }) => set.add(FieldSet.from(fieldsV1)), new FieldSet());
  const gone = new Set([oldest, ...others]);
  return [
    ...entries.filter((entry) => !gone.has(entry)),
    { ...oldest, manager: ancient, fieldsV1: merged.toFields(), time: [oldest, ...others].at(-1)?.time ?? oldest.time ?? '' },
  ];
}
