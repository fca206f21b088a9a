import type { KubeObject } from './objects.ts';
import { badRequest } from './status.ts';

export interface FieldRequirement {
  field: string;
  equal: boolean;
  value: string;
}

/** All requirements have to hold; an empty list selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/** `status.phase!=Failed,spec.nodeName=a`; `\,`, `\=` and `\\` stand for themselves in values. Throws StatusError BadRequest. */
export function parseFieldSelector(text: string): FieldSelector {
  if (text.trim() === '') return [];
  return splitUnescaped(text).map((part) => {
    const match = /^([^=!\\]+)(==|!=|=)(.*)$/s.exec(part.trim());
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    return { field: (match[1] ?? '').trim(), equal: match[2] !== '!=', value: unescapeValue(match[3] ?? '', text) };
  });
}

export function formatFieldSelector(selector: FieldSelector): string {
  return selector.map(({ field, equal, value }) => `${field}${equal ? '=' : '!='}${value.replace(/[\\,=]/g, '\\$&')}`).join(',');
}

export function matchesFields(selector: FieldSelector, object: KubeObject): boolean {
  return selector.every(({ field, equal, value }) => (fieldValue(object, field) === value) === equal);
}

/** The value of a field label as Kubernetes compares it: text, '' when it is not set. Which labels a kind supports stands in the API tables. */
export function fieldValue(object: KubeObject, field: string): string {
  const special = specialFields[field];
  if (special) return special(object);
  let value: unknown = object;
  for (const name of field.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value === undefined || value === null ? '' : String(value);
}

const specialFields: Record<string, (object: KubeObject) => string> = {
  'spec.unschedulable': (object) => String(nested(object, 'spec').unschedulable ?? false),
  'spec.hostNetwork': (object) => String(nested(object, 'spec').hostNetwork ?? false),
  'spec.restartPolicy': (object) => String(nested(object, 'spec').restartPolicy ?? 'Always'),
  // Events of the older form name their source, newer ones their controller; both answer to both labels.
  source: (object) => String(nested(object, 'source').component ?? object.reportingComponent ?? ''),
  reportingComponent: (object) => String(object.reportingComponent ?? ''),
};

function nested(object: KubeObject, field: string): Record<string, unknown> {
  return (object[field] ?? {}) as Record<string, unknown>;
}

function splitUnescaped(text: string): string[] {
  const parts = text.match(/(?:\\.|[^,\\])+/gs) ?? [];
  return parts.filter((part) => part.trim() !== '');
}

function unescapeValue(value: string, whole: string): string {
  return value.replace(/\\(.)|=/gs, (found, escaped: string | undefined) => {
    if (escaped !== undefined && '\\,='.includes(escaped)) return escaped;
    throw badRequest(`invalid field selector: ${found === '=' ? 'unescaped =' : `invalid escape sequence ${found}`} in '${whole}'`);
  });
}
