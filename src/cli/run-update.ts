import type { OperationEvent, Operator } from '../operations/operator.ts';
import { type AppliedUpdate, type ApplyOptions, applyUpdate, type PlannedUpdate } from '../operations/update-cluster.ts';
import { plannedUpdateText, renderPlannedUpdate, type UpdateResult } from './views/update-view.ts';

/**
 * Applies an update. For people the plan and its cost come first, then progress, then where the way in was written; as JSON there is one
 * document when it is over, however it ended.
 */
export async function runUpdate(operator: Operator, name: string, options: ApplyOptions & { json?: boolean }, print: (text: string) => void): Promise<AppliedUpdate> {
  if (options.json) return runAsJson(operator, name, options, print);
  const applied = await applyUpdate(operator, name, { ...options, onPlanned: ({ plan, cost }) => print(`${renderPlannedUpdate(plan, cost)}\n`) });
  sayWhereKubeconfigIs(operator, name, applied);
  return applied;
}

async function runAsJson(operator: Operator, name: string, options: ApplyOptions, print: (text: string) => void): Promise<AppliedUpdate> {
  const result: UpdateResult = { status: 'unchanged', done: 0, total: 0, failed: [] };
  let planned: PlannedUpdate | undefined;
  const onEvent = (event: OperationEvent) => {
    collect(result, event);
    operator.onEvent(event);
  };
  const onPlanned = (update: PlannedUpdate) => {
    planned = update;
    result.total = update.plan.actions.filter(({ action }) => action !== 'none').length;
  };
  try {
    const applied = await applyUpdate({ ...operator, onEvent }, name, { ...options, onPlanned });
    sayWhereKubeconfigIs(operator, name, applied);
    if (result.total > 0) result.status = 'applied';
    if (applied.kubeconfig !== undefined) result.kubeconfig = applied.kubeconfig;
    return applied;
  } catch (error) {
    result.status = operator.environment.signal.aborted ? 'cancelled' : 'failed';
    throw error;
  } finally {
    if (planned) print(plannedUpdateText(planned.plan, planned.cost, result));
  }
}

function collect(result: UpdateResult, event: OperationEvent): void {
  if (event.type !== 'apply') return;
  const { type, kind, name } = event.event;
  if (type === 'succeeded' || type === 'tolerated') result.done++;
  if (type === 'failed') result.failed.push({ kind, name, message: event.event.message });
}

function sayWhereKubeconfigIs(operator: Operator, name: string, { kubeconfig }: AppliedUpdate): void {
  if (kubeconfig !== undefined) operator.onEvent({ type: 'step', message: `kubectl context ${name} written to ${kubeconfig}` });
}
