import type { PlanCost } from '../../operations/price-plan.ts';
import { type Plan, type PlanScope, pendingChanges } from '../../plan/plan.ts';
import { planToJson, renderPlan } from '../../plan/render-plan.ts';
import { planCostToJson, renderPlanCost, renderTotal } from './cost-view.ts';
import { formatJson } from './objects.ts';

/** The plan, and below it what it costs. */
export function renderPlannedUpdate(plan: Plan, cost: PlanCost): string {
  return pendingChanges(plan).length === 0 ? `${renderPlan(plan)}${renderTotal(cost)}` : `${renderPlan(plan)}\n${renderPlanCost(cost)}`;
}

/** How an apply ended. */
export interface UpdateResult {
  /** `unchanged`: there was nothing to do. */
  status: 'applied' | 'unchanged' | 'failed' | 'cancelled';
  /** Changes that were made, of all. */
  done: number;
  total: number;
  failed: { kind: string; name: string; message: string }[];
  /** The file that kubectl's way in was written to. */
  kubeconfig?: string;
}

/** The plan as one JSON document, kops-ts/plan/v1, with the number of changes and the cost; after an apply also with its result. */
export function plannedUpdateText(plan: Plan, cost: PlanCost, result?: UpdateResult): string {
  return formatJson({
    ...planToJson(plan),
    changes: pendingChanges(plan).length,
    ...planCostToJson(plan.clusterName, cost),
    ...(result ? { result } : {}),
  });
}

/** The command that carries out what was previewed; `phase` and its overrides as they were asked for. */
export function applyCommand(name: string, scope: PlanScope, asked: { planFile?: string | undefined; phase?: string | undefined; overrides?: readonly string[] } = {}): string {
  const { planFile, phase } = asked;
  if (planFile !== undefined) return `kops-ts update cluster --plan ${planFile} --yes`;
  const every = Object.entries(scope.lifecycleOverrides ?? {}).map(([kind, lifecycle]) => `${kind}=${lifecycle}`);
  const overrides = phase === undefined ? every : (asked.overrides ?? []);
  return [
    `kops-ts update cluster ${name}`,
    ...(scope.prune ? ['--prune'] : []),
    ...(scope.instanceGroups ? [`--instance-group ${scope.instanceGroups.join(',')}`] : []),
    ...(phase === undefined ? [] : [`--phase ${phase}`]),
    ...(overrides.length > 0 ? [`--lifecycle-overrides ${overrides.join(',')}`] : []),
    '--yes',
  ].join(' ');
}
