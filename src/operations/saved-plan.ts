import { KopsError, messageOf } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { type Plan, type PlanScope, pendingChanges } from '../plan/plan.ts';

/** A plan that somebody looked at and kept: the JSON of `update cluster -o json`. */
export interface SavedPlan {
  cluster: string;
  hash: string;
  scope: PlanScope;
  actions: readonly { action: string; kind: string; name: string }[];
  /** Where it was read, for messages. */
  file: string;
}

/** Throws INVALID_PLAN_FILE. */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, messageOf(error));
  }
  if (!isPlainObject(value) || value.apiVersion !== 'kops-ts/plan/v1') throw invalid(file, 'its apiVersion is not kops-ts/plan/v1');
  const { cluster, hash, scope, actions } = value;
  if (typeof cluster !== 'string' || typeof hash !== 'string' || !isScope(scope) || !Array.isArray(actions)) throw invalid(file, 'cluster, hash, scope or actions is missing');
  return { cluster, hash, scope, actions, file };
}

const shownLines = 10;

/** Throws PLAN_STALE, with what differs, when the plan of this moment is another one. */
export function requireSamePlan(saved: SavedPlan, plan: Plan): void {
  if (saved.hash === plan.hash) return;
  const line = ({ action, kind, name }: { action: string; kind: string; name: string }) => `${action} ${kind}/${name}`;
  const then = new Set(saved.actions.map(line));
  const now = new Set(pendingChanges(plan).map(line));
  const lines = [...[...now].filter((text) => !then.has(text)).map((text) => `  new:  ${text}`), ...[...then].filter((text) => !now.has(text)).map((text) => `  gone: ${text}`)];
  const more = lines.length > shownLines ? [`  and ${lines.length - shownLines} more`] : [];
  const differences =
    now.size === 0 ? '  nothing: there is nothing left to do' : lines.length === 0 ? '  the same changes, with other values' : [...lines.slice(0, shownLines), ...more].join('\n');
  throw new KopsError(`the world has moved since ${saved.file} was made: an update would now do something else\n${differences}`, {
    code: 'PLAN_STALE',
    exit: 'conflict',
    object: saved.cluster,
    expected: `a plan with the hash ${saved.hash}; now it is ${plan.hash}`,
    suggestions: [`Look at a new one: kops-ts update cluster ${saved.cluster} --plan-out ${saved.file}`],
  });
}

function isScope(value: unknown): value is PlanScope {
  return isPlainObject(value) && typeof value.prune === 'boolean';
}

function invalid(file: string, why: string): KopsError {
  return new KopsError(`${file} is no plan of kops-ts: ${why}`, {
    code: 'INVALID_PLAN_FILE',
    exit: 'invalid',
    object: file,
    suggestions: ['kops-ts update cluster --plan-out FILE writes one.'],
  });
}
