import { type BudgetReason, budgetOfSpec } from '../cost/budget.ts';
import { reasonToJson } from '../cost/views/cost-json.ts';
import { KopsError } from '../lib/errors.ts';
import { type ClusterContext, withProvider } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { type PlanCost, type PriceOptions, priceSpecs } from './price-plan.ts';

/** What the judgement is about. `stored`: there is a cluster of this name to look at. `planned`: there is a plan, which shows the cost already. */
export interface Judged {
  stored: boolean;
  planned: boolean;
}

/** Exit code 8. `cost` is what was judged; the reasons stand in the JSON of the error, too. */
export class OverBudgetError extends KopsError {
  readonly cost: PlanCost;
  readonly planned: boolean;

  constructor(clusterName: string, cost: PlanCost, { stored, planned }: Judged) {
    super(`${clusterName} is over its budget: ${cost.overBudget.map((reason) => reason.message).join('; ')}`, {
      code: 'OVER_BUDGET',
      exit: 'overBudget',
      object: clusterName,
      details: { reasons: cost.overBudget.map(reasonToJson) },
      suggestions: suggestionsFor(clusterName, cost.overBudget, stored),
    });
    this.cost = cost;
    this.planned = planned;
  }
}

/** Throws OverBudgetError. */
export function requireWithinBudget(clusterName: string, cost: PlanCost, about: Judged = { stored: true, planned: true }): void {
  if (cost.overBudget.length > 0) throw new OverBudgetError(clusterName, cost, about);
}

/** Judges what the specs cost, before any call of the cloud; without a limit nothing is priced. Throws OverBudgetError. */
export async function judgeSpecs(operator: Operator, context: ClusterContext, options: PriceOptions, { stored }: Pick<Judged, 'stored'> = { stored: true }): Promise<void> {
  const limits = [options.budget, budgetOfSpec(context.completed.cluster)];
  if (limits.every((limit) => limit?.maxMonthlyCost === undefined)) return;
  const cost = await withProvider(operator, context, (provider) => priceSpecs(operator, context, provider, options));
  requireWithinBudget(context.name, cost, { stored, planned: false });
  const { unpriced } = (cost.comparison ?? cost.own).after;
  if (unpriced.length > 0) operator.onEvent({ type: 'warning', message: `the budget is judged without what has no price: ${unpriced.join(', ')}` });
}

function suggestionsFor(clusterName: string, reasons: readonly BudgetReason[], stored: boolean): string[] {
  const limit = reasons.some(({ source }) => source === 'spec') ? "The limit stands in the annotations of the Cluster's metadata." : 'Raise the limit, or leave it out.';
  const cheaper = stored
    ? `See what would make it cheaper: kops-ts get cost ${clusterName} --what-if spot,arm64,single-nat,gp3`
    : 'Smaller or fewer machines cost less: --node-size, --node-count; kops-ts toolbox instance-selector has the prices.';
  return [cheaper, limit];
}
