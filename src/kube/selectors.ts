import type { LabelSelector } from './objects.ts';
import { badRequest } from './status.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Requirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  values: readonly string[];
}

/** All requirements have to hold; an empty list selects everything. */
export type Selector = readonly Requirement[];

/** Selects everything, as an empty string or an empty LabelSelector does. */
export const everything: Selector = [];

const nothing: Selector = [{ key: '', operator: 'Exists', values: [] }];

const namePattern = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const setForm = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const compareForm = /^([^\s=!<>]+)\s*(==|=|!=|<|>)\s*(\S*)$/;
const existsForm = /^(!?)\s*(\S+)$/;

/** `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`. Throws StatusError BadRequest. */
export function parseSelector(text: string): Selector {
  if (text.trim() === '') return everything;
  return splitOutsideParentheses(text).map((part) => checked(parseRequirement(part.trim(), text)));
}

/** Undefined selects nothing, an empty one everything, as in Kubernetes. */
export function selectorOf(selector: LabelSelector | undefined): Selector {
  if (!selector) return nothing;
  const labels = selectorOfLabels(selector.matchLabels ?? {});
  return [...labels, ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => ({ key, operator, values: values ?? [] }))];
}

/** The map form: a Service's `spec.selector`, a pod's `nodeSelector`. */
export function selectorOfLabels(labels: Labels): Selector {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));
}

export function matchesLabels(selector: Selector, labels: Labels | undefined): boolean {
  for (const requirement of selector) if (!holds(requirement, labels?.[requirement.key])) return false;
  return true;
}

/** The string form that `parseSelector` reads, sorted by key as Kubernetes writes it. */
export function formatSelector(selector: Selector): string {
  return [...selector]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(formatRequirement)
    .join(',');
}

function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${values[0]}`;
    case 'Lt':
      return `${key}<${values[0]}`;
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${[...values].sort().join(',')})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${[...values].sort().join(',')})`;
  }
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isInteger(value) && isInteger(values[0]) && BigInt(value) > BigInt(values[0]);
    case 'Lt':
      return isInteger(value) && isInteger(values[0]) && BigInt(value) < BigInt(values[0]);
  }
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?\d+$/.test(text);
}

function parseRequirement(part: string, whole: string): Requirement {
  const set = setForm.exec(part);
  if (set) return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values: (set[3] ?? '').split(',').map((value) => value.trim()) };
  const compare = compareForm.exec(part);
  if (compare) {
    const operators = { '=': 'In', '==': 'In', '!=': 'NotIn', '>': 'Gt', '<': 'Lt' } as const;
    return { key: compare[1] ?? '', operator: operators[compare[2] as keyof typeof operators], values: [compare[3] ?? ''] };
  }
  const exists = existsForm.exec(part);
  if (exists) return { key: exists[2] ?? '', operator: exists[1] === '!' ? 'DoesNotExist' : 'Exists', values: [] };
  throw badRequest(`unable to parse requirement: "${part}" in selector "${whole}": expected one of: key, !key, key=value, key!=value, key in (a,b), key notin (a,b), key>1, key<1`);
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  if (!namePattern.test(key)) {
    throw badRequest(
      `unable to parse requirement: key: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    );
  }
  if ((operator === 'Gt' || operator === 'Lt') && !isInteger(values[0])) {
    throw badRequest(`unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`);
  }
  for (const [index, value] of values.entries()) {
    if (valuePattern.test(value)) continue;
    throw badRequest(
      `unable to parse requirement: values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    );
  }
  return requirement;
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')') depth--;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
