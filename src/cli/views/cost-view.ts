import type { CostChange } from '../../cost/cost-change.ts';
import { costToJson } from '../../cost/views/cost-json.ts';
import type { CostJson } from '../../cost/views/cost-json-form.ts';
import { monthlyTotal, renderCost } from '../../cost/views/cost-table.ts';
import type { OverBudgetError } from '../../operations/budget.ts';
import type { PlanCost } from '../../operations/price-plan.ts';
import { formatJson } from './objects.ts';

/** The table; of a cloud that costs nothing, what it would cost elsewhere. */
export function renderPlanCost({ own, comparison, overBudget }: PlanCost): string {
  const budget = overBudget.map(({ message }) => `Over budget: ${message}.\n`).join('');
  if (!comparison) return `${renderCost(own)}${budget}`;
  const { prices } = comparison.after;
  return `${renderCost(comparison)}${inBoth(own, comparison)} (prices of ${prices.date}, traffic and requests ${counted(comparison)}).\n${budget}`;
}

export function renderTotal({ own, comparison }: PlanCost): string {
  return comparison ? `It costs ${inBoth(own, comparison)}.\n` : `It costs ${monthlyTotal(own.after)}.\n`;
}

/** `$0 here, about $107.12 a month on aws in us-east-1` */
function inBoth(own: CostChange, comparison: CostChange): string {
  const { prices } = comparison.after;
  return `${monthlyTotal(own.after).replace(' a month', '')} here, about ${monthlyTotal(comparison.after)} on ${prices.name} in ${prices.region}`;
}

function counted({ after }: CostChange): string {
  return after.usage.desired > 0 ? 'counted as --usage says' : 'not counted';
}

export interface PlanCostJson {
  cost: CostJson;
  /** The same elsewhere. */
  comparison?: CostJson;
}

/** What exceeds a budget stands with the prices that were judged. */
export function planCostToJson(clusterName: string, { own, comparison, overBudget }: PlanCost, timeGenerated?: string): PlanCostJson {
  const options = { clusterName, ...(timeGenerated === undefined ? {} : { timeGenerated }) };
  if (!comparison) return { cost: costToJson(own, { ...options, overBudget }) };
  return { cost: costToJson(own, options), comparison: costToJson(comparison, { ...options, overBudget }) };
}

/** The answer of a command that stopped at the budget, before there was a plan. */
export function overBudgetText({ object = '', cost }: OverBudgetError, json: boolean): string {
  return json ? formatJson({ cluster: object, ...planCostToJson(object, cost) }) : renderPlanCost(cost);
}
