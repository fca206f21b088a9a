import { isRef } from '../cloud/resource.ts';
import { plural } from '../lib/text.ts';
import { identity } from './decide.ts';
import { type FieldChange, type Plan, type PlanFinding, type PlannedChange, type PlanScope, pendingChanges } from './plan.ts';

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
  const sections = [...renderFindings(plan), ...(changes.length === 0 ? ['No changes need to be applied.\n'] : renderChanges(changes)), ...renderLeftOut(plan)];
  return sections.join('\n');
}

function renderChanges(changes: readonly PlannedChange[]): string[] {
  const sections = shown.flatMap((action) => {
    const group = changes.filter((change) => change.action === action);
    return group.length === 0 ? [] : [`${headings[action]}:\n${group.map((change) => renderChange(change)).join('')}`];
  });
  return [...sections, `${summary(changes)}\n`];
}

function renderFindings({ findings }: Plan): string[] {
  const lines = (severity: PlanFinding['severity']) => findings.filter((found) => found.severity === severity).map(({ message }) => `  ${message}\n`);
  const [errors, warnings] = [lines('error'), lines('warning')];
  return [...(errors.length === 0 ? [] : [`Must be put right first:\n${errors.join('')}`]), ...(warnings.length === 0 ? [] : [`Not ours to change:\n${warnings.join('')}`])];
}

/** The heading is kops' own. */
function renderLeftOut({ leftovers, excluded }: Plan): string[] {
  const groups = [...new Set(excluded.flatMap((change) => change.instanceGroup ?? []))];
  return [
    ...(leftovers.length === 0 ? [] : [`Items will be deleted only when the --prune flag is specified:\n${leftovers.map(({ kind, name }) => `  - ${kind}/${name}\n`).join('')}`]),
    ...(excluded.length === 0 ? [] : [`Left out: ${plural(excluded.length, 'change')} of other instance groups (${groups.join(', ')}).\n`]),
  ];
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
    const rows = Object.entries(change.desired.attributes).filter(([, value]) => value !== null && !isLongValue(value));
    return head + rows.map(([field, value]) => `      ${field.padEnd(20)} ${formatValue(value)}\n`).join('');
  }
  return head + change.changes.map((field) => renderField(field)).join('');
}

function renderField(change: FieldChange): string {
  if (isLongValue(change.old) || isLongValue(change.new)) return `      ${change.field.padEnd(20)} (changed)\n`;
  return `      ${change.field.padEnd(20)} ${formatValue(change.old)} → ${formatValue(change.new)}\n`;
}

/** Documents and user data: their content does not belong on a page of changes. */
export function isLongValue(value: unknown): boolean {
  return typeof value === 'string' && (value.length > 120 || value.includes('\n'));
}

export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  if (isRef(value)) return `(${value.$ref.output} of ${value.$ref.kind}/${value.$ref.name})`;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.map(formatValue).join(', ');
  if (typeof value === 'object') {
    const rows = Object.entries(value).map(([key, item]) => `${key}=${formatValue(item)}`);
    return rows.length === 0 ? '{}' : rows.join(' ');
  }
  return String(value);
}

/** For programs; version 1 of the form. `actions` holds pending changes only; equal plans give equal bytes. */
export interface PlanJson {
  apiVersion: 'kops-ts/plan/v1';
  cluster: string;
  provider: string;
  region: string;
  scope: PlanScope;
  /** SHA-256 of everything that the plan does and leaves out. */
  hash: string;
  actions: ({ action: PlannedChange['action'] } & ResourceJson & { changes: FieldChange[] })[];
  /** What an update with --prune would delete. */
  leftovers: (ResourceJson & { id: string })[];
  /** Changes outside of the scope. */
  excluded: ({ action: PlannedChange['action'] } & ResourceJson)[];
  findings: PlanFinding[];
}

interface ResourceJson {
  kind: string;
  name: string;
  instanceGroup?: string;
}

export function planToJson(plan: Plan): PlanJson {
  return {
    apiVersion: 'kops-ts/plan/v1',
    cluster: plan.clusterName,
    provider: plan.provider,
    region: plan.region,
    scope: plan.scope,
    hash: plan.hash,
    actions: pendingChanges(plan).map((change) => ({ action: change.action, ...identity(change), changes: fieldChanges(change) })),
    leftovers: plan.leftovers.map((resource) => ({ ...identity(resource), id: resource.id })),
    excluded: plan.excluded.map((change) => ({ action: change.action, ...identity(change) })),
    findings: plan.findings,
  };
}

function fieldChanges(change: PlannedChange): FieldChange[] {
  if (change.action === 'delete') return [];
  if (change.action === 'create') return Object.entries(change.desired.attributes).map(([field, value]) => ({ field, old: null, new: value }));
  return change.changes;
}
