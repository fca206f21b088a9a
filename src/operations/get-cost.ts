import type { Provider } from '../cloud/provider.ts';
import type { Estimate } from '../cost/estimate.ts';
import { compareWithManaged, type ManagedComparison } from '../cost/managed-comparison.ts';
import { type SurgeCost, surgeCost } from '../cost/surge.ts';
import type { Scenario } from '../cost/what-if/what-if.ts';
import { completeCluster, type UserSpecs } from '../spec/complete.ts';
import { regionOfCluster } from '../spec/region.ts';
import { type ClusterContext, clusterContext, withProvider } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { priceRegion } from './price-books.ts';
import { estimator, isFree, type Market, markets, type PlanCost, type PriceOptions, priceSpecs, refreshIfAsked } from './price-plan.ts';
import { readSpecs } from './stored-clusters.ts';

export interface CostOptions extends PriceOptions {
  scenarios?: readonly Scenario[];
}

/** One line of a comparison. */
export interface ScenarioCost {
  name: string;
  estimate: Estimate;
  /** What could not be done, or is already so. */
  notes: string[];
}

export interface ClusterCost {
  cluster: string;
  cost: PlanCost;
  scenarios: ScenarioCost[];
  /** Beside the cloud's own Kubernetes; where there is one. */
  managed?: ManagedComparison;
  /** Of a rolling update of every group. */
  surge: SurgeCost;
}

/**
 * What a cluster costs as it is specified, and would cost if: a stored one by its name, or specs that are not stored. No call of the cloud
 * unless the spec names existing things whose blocks are open.
 */
export async function getCost(operator: Operator, subject: string | UserSpecs, options: CostOptions = {}): Promise<ClusterCost> {
  const context = typeof subject === 'string' ? await clusterContext(operator, await readSpecs(operator, subject)) : await clusterContext(operator, subject, { tryOut: true });
  await refreshIfAsked(operator, context, options);
  return withProvider(operator, context, async (provider) => {
    const cost = await priceSpecs(operator, context, provider, options);
    const market = await shownMarket(operator, context, cost, options);
    const shown = (cost.comparison ?? cost.own).after;
    const scenarios = (options.scenarios ?? []).map((scenario) => price(scenario, context, provider, market, options));
    const managed = compareWithManaged(shown, context.completed.instanceGroups, market.book);
    const surge = surgeCost(context.completed.cluster.spec, context.completed.instanceGroups, shown);
    return { cluster: context.name, cost, scenarios, surge, ...(managed ? { managed } : {}) };
  });
}

/** The market whose prices count: the one beside a free cloud's own. */
async function shownMarket(operator: Operator, context: ClusterContext, { own }: PlanCost, options: CostOptions): Promise<Market> {
  const found = await markets(operator, context, options, () => isFree(own.after));
  return found.comparison ?? found.own;
}

/** Changes the completed specs, completes them again and models them: whatever the provider, it holds. */
function price(scenario: Scenario, context: ClusterContext, provider: Provider, market: Market, options: CostOptions): ScenarioCost {
  const { catalog, module, facts } = context;
  // A region that nobody has is told as such, before it makes zones that nobody has.
  const region = scenario.region === undefined ? undefined : priceRegion(market.book, scenario.region, scenario.region);
  const { notes, ...specs } = scenario.change(context.completed, catalog);
  const completed = completeCluster(specs, { catalog, providerSpec: module.spec, facts });
  const other = { ...context, completed, region: regionOfCluster(completed.cluster, catalog) };
  return { name: scenario.name, estimate: estimator(context, provider, options)(other, { ...market, region: region ?? market.region }), notes };
}
