import { isCloudError } from '../cloud/errors.ts';
import type { OperationContext, ResolvedResource, ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, isRef, type Ref, resourceKey } from '../cloud/resource.ts';
import type { Environment } from '../lib/environment.ts';
import { cancelled, KopsError, messageOf } from '../lib/errors.ts';
import { plural } from '../lib/text.ts';
import { applyGraph, removalOf } from './apply-graph.ts';
import type { OnApplyEvent } from './events.ts';
import { type Plan, type PlannedChange, pendingChanges } from './plan.ts';
import { withRetry } from './retry.ts';
import { walk } from './walk.ts';

export interface ApplyOptions {
  kinds: ReadonlyMap<string, ResourceKind>;
  environment: Environment;
  onEvent: OnApplyEvent;
  /** Called before every attempt of every step: throws when the state lock was lost. */
  beforeStep?(): Promise<void>;
  concurrency?: number;
  /** How long a temporary failure of one resource is retried. */
  retryLimitMs?: number;
}

/**
 * Carries out a plan. Each change starts when what it refers to is done. Stopped or failed anywhere, the next plan goes on from there.
 * Throws PLAN_NOT_APPLICABLE before anything happens, APPLY_FAILED (exit code of the first failure), CANCELLED.
 */
export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<void> {
  requireApplicable(plan);
  const changes = new Map(pendingChanges(plan).map((change) => [resourceKey(change), change]));
  const outputs = new Map(plan.actions.flatMap((action) => ('actual' in action && action.action !== 'replace' ? [[resourceKey(action), action.actual.outputs] as const] : [])));
  const state: ApplyState = { plan, options, outputs, finished: 0, total: changes.size };
  const result = await walk({
    graph: applyGraph([...changes.values()], options.kinds),
    run: (step) => runStep(step, changes, state),
    concurrency: options.concurrency ?? 16,
    signal: options.environment.signal,
  });
  const unfinished = result.failed.size > 0 || result.skipped.length > 0;
  if (unfinished && options.environment.signal.aborted) throw cancelled('Applying the plan');
  if (result.failed.size > 0) throw failure(result.failed, result.skipped.length);
}

/** Throws PLAN_NOT_APPLICABLE with all that stands in the way. */
export function requireApplicable(plan: Plan): void {
  const errors = plan.findings.filter((finding) => finding.severity === 'error');
  if (errors.length === 0) return;
  throw new KopsError(`${plural(errors.length, 'thing')} must be put right before this can be applied\n${errors.map(({ message }) => `  ${message}`).join('\n')}`, {
    code: 'PLAN_NOT_APPLICABLE',
    exit: 'invalid',
    object: plan.clusterName,
    suggestions: ['Make or correct what is named, or leave out the lifecycle or the filter that keeps kops-ts from doing it.'],
  });
}

const defaultRetryLimitMs = 600_000;

interface ApplyState {
  plan: Plan;
  options: ApplyOptions;
  outputs: Map<string, Readonly<Record<string, unknown>>>;
  finished: number;
  total: number;
}

/** A replacement has two steps: the old one goes first, when nothing uses it any more. */
async function runStep(step: string, changes: ReadonlyMap<string, PlannedChange>, state: ApplyState): Promise<void> {
  const removed = removalOf(step);
  const change = changes.get(removed ?? step);
  if (!change) throw new KopsError(`no change belongs to the step ${step}`, { code: 'UNKNOWN_STEP', exit: 'bug' });
  if (removed !== undefined && change.action === 'replace') return removeReplaced(change.actual, state);
  return runChange(change, state);
}

async function removeReplaced(actual: ActualResource, state: ApplyState): Promise<void> {
  const { options } = state;
  const { kind, name } = actual;
  const progress = (message: string) => options.onEvent({ type: 'progress', kind, name, message });
  const attempt = async () => {
    await options.beforeStep?.();
    await kindOf(kind, state).delete(actual, { signal: options.environment.signal, progress });
  };
  await withRetry(attempt, {
    environment: options.environment,
    signal: options.environment.signal,
    limitMs: options.retryLimitMs ?? defaultRetryLimitMs,
    onRetry: (message, afterMs) => options.onEvent({ type: 'retrying', kind, name, message, afterMs }),
  });
}

function kindOf(kind: string, state: ApplyState): ResourceKind {
  const found = state.options.kinds.get(kind);
  if (!found) throw new KopsError(`the ${state.plan.provider} provider has no resource kind ${kind}`, { code: 'UNKNOWN_KIND', exit: 'bug' });
  return found;
}

async function runChange(change: PlannedChange, state: ApplyState): Promise<void> {
  const { options } = state;
  const { clock, signal } = options.environment;
  const { action, kind, name } = change;
  const startedAt = clock.now();
  options.onEvent({ type: 'started', action, kind, name, done: state.finished, total: state.total });
  try {
    const context: OperationContext = { signal, progress: (message) => options.onEvent({ type: 'progress', kind, name, message }) };
    const attempt = async () => {
      await options.beforeStep?.();
      return carryOut(change, state, context);
    };
    const id = await withRetry(attempt, {
      environment: options.environment,
      signal,
      limitMs: options.retryLimitMs ?? defaultRetryLimitMs,
      onRetry: (message, afterMs) => options.onEvent({ type: 'retrying', kind, name, message, afterMs }),
    });
    state.finished++;
    options.onEvent({ type: 'succeeded', action, kind, name, ...(id === undefined ? {} : { id }), durationMs: clock.now() - startedAt, done: state.finished, total: state.total });
  } catch (error) {
    if (isTolerated(change, error)) {
      state.finished++;
      return options.onEvent({ type: 'tolerated', action, kind, name, message: messageOf(error), done: state.finished, total: state.total });
    }
    options.onEvent({ type: 'failed', action, kind, name, message: messageOf(error), done: state.finished, total: state.total });
    throw error;
  }
}

/** Where kops-ts may do without: somebody else with more permissions has made it, or will. */
function isTolerated(change: PlannedChange, error: unknown): boolean {
  return change.action !== 'delete' && change.desired.lifecycle === 'WarnIfInsufficientAccess' && isCloudError(error, 'denied');
}

/** Returns the resource's id, or undefined after a deletion. */
async function carryOut(change: PlannedChange, state: ApplyState, context: OperationContext): Promise<string | undefined> {
  const kind = kindOf(change.kind, state);
  if (change.action === 'delete') {
    await kind.delete(change.actual, context);
    return undefined;
  }
  const resolved = resolve(change.desired, state);
  let made: ActualResource;
  if (change.action === 'create' || change.action === 'replace') made = await kind.create(resolved, context);
  else {
    const fields = change.changes.map((field) => field.field);
    made = await kind.update(change.actual, resolved, fields, context);
  }
  state.outputs.set(resourceKey(change), made.outputs);
  return made.id;
}

function resolve(desired: DesiredResource, state: ApplyState): ResolvedResource {
  const value = (attribute: unknown): unknown => {
    if (isRef(attribute)) return output(attribute, desired, state);
    if (Array.isArray(attribute)) return attribute.map(value);
    if (typeof attribute === 'object' && attribute !== null) return Object.fromEntries(Object.entries(attribute).map(([key, item]) => [key, value(item)]));
    return attribute;
  };
  return { kind: desired.kind, name: desired.name, cluster: state.plan.clusterName, attributes: value(desired.attributes) as Record<string, unknown> };
}

function output(reference: Ref, desired: DesiredResource, state: ApplyState): unknown {
  const key = resourceKey(reference.$ref);
  const found = state.outputs.get(key)?.[reference.$ref.output];
  if (found !== undefined) return found;
  throw new KopsError(`${resourceKey(desired)} needs ${reference.$ref.output} of ${key}, which has none`, { code: 'MISSING_OUTPUT', exit: 'cloud', object: resourceKey(desired) });
}

function failure(failed: ReadonlyMap<string, unknown>, skipped: number): KopsError {
  const lines = [...failed].map(([key, error]) => `${key}: ${messageOf(error)}`);
  const first = [...failed.values()][0];
  const more = skipped > 0 ? `; ${plural(skipped, 'change')} that depend on it did not start` : '';
  return new KopsError(`${plural(failed.size, 'change')} failed${more}\n${lines.map((line) => `  ${line}`).join('\n')}`, {
    code: 'APPLY_FAILED',
    exit: first instanceof KopsError ? first.exit : 'bug',
    suggestions: [...(first instanceof KopsError ? first.suggestions : []), 'Run the same command again when the cause is gone: what is done stays done.'],
    cause: first,
  });
}
