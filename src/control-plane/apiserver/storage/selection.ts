import type { ApiResource } from '../../../kube/api/tables.ts';
import { everything, matchesLabels, parseSelector, type Selector } from '../../../kube/selectors.ts';
import { type FieldSelector, fieldValue, parseFieldSelector } from '../../../kube/selectors-field.ts';
import { badRequest } from '../../../kube/status.ts';
import type { StoredObject } from './stored-object.ts';

/** What a list or watch is about: a part of a resource's keys, and a test. */
export interface Selection {
  /** Only keys that start so. */
  prefix: string;
  /** Undefined: all of them. */
  matches: ((stored: StoredObject) => boolean) | undefined;
  /** A `metadata.name` field selector, or a name in the path of a watch: at most one object a namespace. */
  name: string | undefined;
}

/** Throws StatusError BadRequest for selectors that do not parse or name a field the resource does not offer. */
export function selectionOf(resource: ApiResource, prefix: string, namespace: string | undefined, query: URLSearchParams): Selection {
  const labels = parseSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '').map((requirement) => ({ ...requirement, field: resolveField(resource, requirement.field) }));
  const name = fields.find(({ field, equal }) => field === 'metadata.name' && equal)?.value;
  return { prefix: namespace === undefined ? prefix : `${prefix}${namespace}/`, matches: matcher(labels, fields), name };
}

function matcher(labels: Selector, fields: FieldSelector): Selection['matches'] {
  if (labels === everything && fields.length === 0) return undefined;
  return ({ object }) => matchesLabels(labels, object.metadata.labels) && fields.every(({ field, equal, value }) => (fieldValue(object, field) === value) === equal);
}

function resolveField(resource: ApiResource, field: string): string {
  if (field === 'metadata.name' || (field === 'metadata.namespace' && resource.namespaced)) return field;
  const known = resource.fieldLabels.get(field);
  if (known !== undefined) return known;
  if (resource.fieldLabels.size > 0) throw badRequest(`field label not supported: ${field}`);
  throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
