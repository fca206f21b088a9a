import { type CostChange, costToJson, monthlyTotal, renderCost, renderDelta } from '../../cost/render-cost.ts';
import type { PlanCost } from '../../operations/price-plan.ts';
import { type Plan, pendingChanges } from '../../plan/plan.ts';
import { planToJson, renderPlan } from '../../plan/render-plan.ts';

/** The plan, and below it what it costs. */
export function renderPlannedUpdate(plan: Plan, cost: PlanCost): string {
  return `${renderPlan(plan)}\n${renderPlanCost(cost)}`;
}

export function renderPlanCost({ own, comparison }: PlanCost): string {
  if (!comparison) return renderCost(own);
  const { prices } = comparison.after;
  return `${renderCost(comparison)}${summary(own, comparison)} (prices of ${prices.date}, traffic and requests not counted).\n`;
}

/** `$0 here, about $107.12 a month on aws in us-east-1` */
function summary(own: CostChange, comparison: CostChange): string {
  const { prices } = comparison.after;
  return `${monthlyTotal(own.after).replace(' a month', '')} here, about ${monthlyTotal(comparison.after)} on ${prices.name} in ${prices.region}`;
}

/** One line for those who have seen the plan: the change of cost. */
export function renderCostLine({ own, comparison }: PlanCost): string {
  const shown = comparison ?? own;
  const where = comparison ? ` on ${comparison.after.prices.name}` : '';
  return shown.before ? `Cost${where}: ${renderDelta(shown.before, shown.after)}\n` : `Cost${where}: ${monthlyTotal(shown.after)}.\n`;
}

export function plannedUpdateJson(plan: Plan, cost: PlanCost): object {
  return {
    ...planToJson(plan),
    changes: pendingChanges(plan).length,
    cost: costToJson(cost.own),
    ...(cost.comparison ? { comparison: costToJson(cost.comparison) } : {}),
  };
}
