import type { ApiTables } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { badRequest, StatusError } from '../../../kube/status.ts';
import { deepClone, deepEqual, isPlainObject } from '../../../lib/json.ts';
import { claimedFields, compare } from './compare.ts';
import { elementText, type FieldSet } from './field-set.ts';
import { isWriter, type ManagedEntry, newEntry, setEntries, setOf, type Writer, withoutUnowned } from './managed-fields.ts';
import { mergeShaped, prune } from './merge.ts';
import { type Shape, shapeOf } from './shape.ts';

export interface ServerSideApply {
  tables: ApiTables;
  /** Short name of the schema: `apps.v1.Deployment`. */
  definition: string;
  /** Undefined: the object does not exist yet. */
  current: KubeObject | undefined;
  patch: KubeObject;
  manager: string;
  force: boolean;
  subresource: string | undefined;
  /** RFC 3339. */
  time: string;
}

/**
 * The object after an apply patch, with its managedFields: fields that this manager applied before and now leaves out go, unless another manager owns them.
 * Throws Conflict, with a cause for each field, when others own fields that it changes and `force` is not set.
 */
export function serverSideApply({ tables, definition, current, patch, force, ...by }: ServerSideApply): KubeObject {
  const writer: Writer = { ...by, operation: 'Apply' };
  const shape = shapeOf(tables, definition);
  const configuration = withoutNulls(deepClone(patch)) as KubeObject;
  refuseDuplicates(shape, configuration, '', patch);
  const claimed = withoutUnowned(claimedFields(shape, configuration));
  const { managedFields, ...metadata } = current?.metadata ?? { name: patch.metadata.name };
  const live: KubeObject = { ...(current ?? { apiVersion: patch.apiVersion, kind: patch.kind }), metadata };
  const entries = (managedFields as ManagedEntry[] | undefined) ?? [];
  const own = entries.find((entry) => isWriter(entry, writer, patch.apiVersion));
  const others = entries.filter((entry) => entry !== own).map((entry) => ({ entry, set: setOf(entry).copy() }));

  const merged = mergeShaped(shape, live, configuration) as KubeObject;
  const difference = compare(shape, live, merged);
  if (difference) takeOver(others, withoutUnowned(difference.added.add(difference.modified)), force);
  if (own) {
    const dropped = setOf(own).copy().remove(claimed);
    const kept = others.reduce((set, other) => set.add(other.set), claimed.copy());
    prune(shape, merged, dropped, kept);
  }
  const left = others.filter(({ set }) => !set.isEmpty).map(({ entry, set }) => ({ ...entry, fieldsV1: set.toFields() }));
  const fields = claimed.toFields();
  const same = own && deepEqual(own.fieldsV1, fields) && deepEqual(merged, live);
  setEntries(merged, [...left, same ? own : { ...newEntry(writer, patch.apiVersion), fieldsV1: fields }]);
  return merged;
}

interface Owner {
  entry: ManagedEntry;
  set: FieldSet;
}

/** Changed fields leave their owners when forced; otherwise they are conflicts. */
function takeOver(others: readonly Owner[], changed: FieldSet, force: boolean): void {
  const conflicts = others.flatMap(({ entry, set }) =>
    set
      .intersection(changed)
      .paths()
      .map((path) => ({ owner: ownerText(entry), path })),
  );
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  for (const { set } of others) set.remove(changed);
}

function ownerText({ manager, operation, apiVersion, subresource }: ManagedEntry): string {
  const name = `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''}`;
  return operation === 'Apply' ? name : `${name} using ${apiVersion}`;
}

function conflictError(conflicts: { owner: string; path: string }[]): StatusError {
  const causes = conflicts.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field: path }));
  const [first] = conflicts;
  if (first && conflicts.length === 1) return new StatusError('Conflict', `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.path}`, { causes });
  const owners = [...new Set(conflicts.map(({ owner }) => owner))].sort();
  const lines = owners.flatMap((owner) => [`conflicts with ${owner}:`, ...conflicts.filter((conflict) => conflict.owner === owner).map(({ path }) => `- ${path}`)]);
  return new StatusError('Conflict', `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`, { causes });
}

/** Two items with the same keys cannot both be applied. */
function refuseDuplicates(shape: Shape, value: unknown, path: string, patch: KubeObject): void {
  if (shape.form === 'fields' && isPlainObject(value)) for (const [key, child] of Object.entries(value)) refuseDuplicates(shape.of(key), child, `${path}.${key}`, patch);
  if (shape.form !== 'items' || !Array.isArray(value)) return;
  const seen = new Set<string>();
  for (const item of value) {
    const element = shape.elementOf(item);
    if (seen.has(element)) {
      const { metadata, apiVersion, kind } = patch;
      const name = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : `/${metadata.name}`;
      throw badRequest(`failed to create typed patch object (${name}; ${apiVersion}, Kind=${kind}): ${path}: duplicate entries for key ${elementText(element)}`);
    }
    seen.add(element);
    refuseDuplicates(shape.item, item, `${path}${elementText(element)}`, patch);
  }
}

/** A null in a configuration is a field that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) for (const item of value) withoutNulls(item);
  else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (item === null) delete value[key];
      else withoutNulls(item);
    }
  }
  return value;
}
