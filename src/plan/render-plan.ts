import { isRef } from '../cloud/resource.ts';
import { plural } from '../lib/text.ts';
import { type FieldChange, type Plan, type PlannedChange, pendingChanges } from './plan.ts';

const headings: Record<PlannedChange['action'], string> = {
  create: 'Will create',
  update: 'Will change',
  replace: 'Will replace (delete, then create anew)',
  roll: 'Will change for new instances (running ones keep the old until a rolling update)',
  delete: 'Will delete',
};

const signs: Record<PlannedChange['action'], string> = { create: '+', update: '~', replace: '±', roll: '↻', delete: '-' };

const past: Record<PlannedChange['action'], string> = { create: 'to create', update: 'to change', replace: 'to replace', roll: 'to roll', delete: 'to delete' };

const shown = ['create', 'update', 'replace', 'roll', 'delete'] as const;

/** For people. Byte-identical for the same plan. */
export function renderPlan(plan: Plan): string {
  const changes = pendingChanges(plan);
  if (changes.length === 0) return 'No changes need to be applied.\n';
  const sections = shown.flatMap((action) => {
    const group = changes.filter((change) => change.action === action);
    return group.length === 0 ? [] : [`${headings[action]}:\n${group.map((change) => renderChange(change)).join('')}`];
  });
  return `${sections.join('\n')}\n${summary(changes)}\n`;
}

export function summary(changes: readonly PlannedChange[]): string {
  const counts = shown.flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} ${past[action]}`];
  });
  return `${plural(changes.length, 'change')}: ${counts.join(', ')}.`;
}

function renderChange(change: PlannedChange): string {
  const head = `  ${signs[change.action]} ${change.kind}/${change.name}\n`;
  if (change.action === 'delete') return head;
  if (change.action === 'create') {
    const rows = Object.entries(change.desired.attributes).filter(([, value]) => value !== null && !isLong(value));
    return head + rows.map(([field, value]) => `      ${field.padEnd(20)} ${format(value)}\n`).join('');
  }
  return head + change.changes.map((field) => renderField(field)).join('');
}

function renderField(change: FieldChange): string {
  if (isLong(change.old) || isLong(change.new)) return `      ${change.field.padEnd(20)} (changed)\n`;
  return `      ${change.field.padEnd(20)} ${format(change.old)} → ${format(change.new)}\n`;
}

/** Documents and user data: their content does not belong on a page of changes. */
function isLong(value: unknown): boolean {
  return typeof value === 'string' && (value.length > 120 || value.includes('\n'));
}

function format(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  if (isRef(value)) return `(${value.$ref.output} of ${value.$ref.kind}/${value.$ref.name})`;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.map(format).join(', ');
  if (typeof value === 'object') {
    const rows = Object.entries(value).map(([key, item]) => `${key}=${format(item)}`);
    return rows.length === 0 ? '{}' : rows.join(' ');
  }
  return String(value);
}

/** For programs; version 1 of the form. `actions` holds pending changes only. */
export interface PlanJson {
  apiVersion: 'kops-ts/plan/v1';
  cluster: string;
  provider: string;
  region: string;
  hash: string;
  actions: { action: PlannedChange['action']; kind: string; name: string; instanceGroup?: string; changes: FieldChange[] }[];
}

export function planToJson(plan: Plan): PlanJson {
  const actions = pendingChanges(plan).map((change) => ({
    action: change.action,
    kind: change.kind,
    name: change.name,
    ...(change.instanceGroup === undefined ? {} : { instanceGroup: change.instanceGroup }),
    changes: fieldChanges(change),
  }));
  return { apiVersion: 'kops-ts/plan/v1', cluster: plan.clusterName, provider: plan.provider, region: plan.region, hash: plan.hash, actions };
}

function fieldChanges(change: PlannedChange): FieldChange[] {
  if (change.action === 'delete') return [];
  if (change.action === 'create') return Object.entries(change.desired.attributes).map(([field, value]) => ({ field, old: null, new: value }));
  return change.changes;
}
