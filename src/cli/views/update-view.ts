import { type CostChange, costToJson, monthlyTotal, renderCost } from '../../cost/render-cost.ts';
import type { PlanCost } from '../../operations/price-plan.ts';
import { type Plan, type PlanScope, pendingChanges } from '../../plan/plan.ts';
import { planToJson, renderPlan } from '../../plan/render-plan.ts';
import { formatJson } from './objects.ts';

/** The plan, and below it what it costs. */
export function renderPlannedUpdate(plan: Plan, cost: PlanCost): string {
  return pendingChanges(plan).length === 0 ? `${renderPlan(plan)}${renderTotal(cost)}` : `${renderPlan(plan)}\n${renderPlanCost(cost)}`;
}

export function renderPlanCost({ own, comparison }: PlanCost): string {
  if (!comparison) return renderCost(own);
  const { prices } = comparison.after;
  return `${renderCost(comparison)}${summary(own, comparison)} (prices of ${prices.date}, traffic and requests not counted).\n`;
}

function renderTotal({ own, comparison }: PlanCost): string {
  return comparison ? `It costs ${summary(own, comparison)}.\n` : `It costs ${monthlyTotal(own.after)}.\n`;
}

/** `$0 here, about $107.12 a month on aws in us-east-1` */
function summary(own: CostChange, comparison: CostChange): string {
  const { prices } = comparison.after;
  return `${monthlyTotal(own.after).replace(' a month', '')} here, about ${monthlyTotal(comparison.after)} on ${prices.name} in ${prices.region}`;
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
    cost: costToJson(cost.own),
    ...(cost.comparison ? { comparison: costToJson(cost.comparison) } : {}),
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
