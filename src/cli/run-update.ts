import type { Operator } from '../operations/operator.ts';
import { type AppliedUpdate, applyUpdate, type UpdateOptions } from '../operations/update-cluster.ts';
import { plannedUpdateText, renderPlannedUpdate } from './views/update-view.ts';

/** Applies an update: the plan and its cost first, then progress, then where the way in was written. */
export async function runUpdate(
  operator: Operator,
  name: string,
  options: UpdateOptions & { kubeconfig: boolean; json?: boolean },
  print: (text: string) => void,
): Promise<AppliedUpdate> {
  const applied = await applyUpdate(operator, name, {
    ...options,
    onPlanned: ({ plan, cost }) => print(options.json ? plannedUpdateText(plan, cost) : `${renderPlannedUpdate(plan, cost)}\n`),
  });
  if (applied.kubeconfig !== undefined) operator.onEvent({ type: 'step', message: `kubectl context ${name} written to ${applied.kubeconfig}` });
  return applied;
}
