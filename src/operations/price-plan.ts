import type { PriceBook } from '../cloud/catalog.ts';
import type { Provider, ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, resourceKey } from '../cloud/resource.ts';
import { type Budget, type BudgetReason, budgetOfSpec, exceeded } from '../cost/budget.ts';
import { clusterItems, unknownMachines } from '../cost/cluster-items.ts';
import { type CostChange, costChange } from '../cost/cost-change.ts';
import { type Costed, type CostKinds, type Estimate, type EstimateContext, estimateCost } from '../cost/estimate.ts';
import type { Usage } from '../cost/usage-kinds.ts';
import { dollars } from '../cost/views/money.ts';
import { resultOf } from '../plan/plan.ts';
import type { CloudContext, ClusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { type ClusterPlan, desiredResources } from './plan-cluster.ts';
import { priceBook, priceRegion, refreshPrices } from './price-books.ts';

export interface PriceOptions {
  /** `aws:us-east-1` or `aws`. Without it, a cloud that costs nothing is compared with the registry's own choice. */
  priceAs?: string;
  /** What is used in a month. */
  usage?: Usage;
  /** Limits beside those in the cluster's annotations; both count. */
  budget?: Budget;
  /** Asks for the prices of the cluster's region first. */
  refreshPrices?: boolean;
}

/** What a plan costs where it runs, and what the same shape would cost elsewhere. */
export interface PlanCost {
  own: CostChange;
  comparison?: CostChange;
  overBudget: BudgetReason[];
}

/** A book and where in it to look. */
export interface Market {
  book: PriceBook;
  region: string;
}

export interface Markets {
  own: Market;
  comparison?: Market;
}

/** Against what runs. */
export async function pricePlan(operator: Operator, context: ClusterContext, provider: Provider, planned: ClusterPlan, options: PriceOptions): Promise<PlanCost> {
  const existing = new Map(planned.actual.map((resource) => [resourceKey(resource), resource]));
  const wanted = new Map(planned.desired.map((resource) => [resourceKey(resource), resource]));
  const ours = planned.actual
    .filter((resource) => resource.owned && resource.manager !== 'kubernetes')
    .map((resource) => withoutChoicesOfTheCloud(resource, wanted.get(resourceKey(resource)), provider.kinds.get(resource.kind)));
  const result = resultOf(planned.plan).map((resource): Costed => {
    const { id, size } = existing.get(resourceKey(resource)) ?? {};
    return { ...resource, ...(id === undefined ? {} : { id }), ...(size === undefined ? {} : { size }) };
  });
  const extra = clusterPart(context, provider);
  const before = ours.length === 0 ? [] : [...ours, ...extra.resources];
  const ofKubernetes = planned.actual.filter((resource) => resource.manager === 'kubernetes');
  const change = (market: Market): CostChange => {
    const estimate: EstimateContext = { ...market, kinds: extra.kinds, usage: options.usage ?? {}, unpriced: extra.unpriced };
    const { after, ...rest } = costChange(before, [...result, ...extra.resources], planned.plan, estimate);
    return { ...rest, after: { ...after, notes: [...after.notes, ...madeByKubernetes(ofKubernetes, estimate)] } };
  };
  return judged(context, options, await priced(operator, context, options, change));
}

/** From the specs alone: no look at what runs, no call of the cloud. */
export async function priceSpecs(operator: Operator, context: ClusterContext, provider: Provider, options: PriceOptions): Promise<PlanCost> {
  const estimate = estimator(context, provider, options);
  return judged(context, options, await priced(operator, context, options, (market) => ({ after: estimate(context, market), causes: [] })));
}

/** Prices a completed cluster of this provider, whichever it is: also one that is only thought of. */
export function estimator(context: ClusterContext, provider: Provider, { usage = {} }: PriceOptions): (other: ClusterContext, market: Market) => Estimate {
  const desired = (other: ClusterContext): DesiredResource[] => desiredResources(other, provider, {}, { facts: context.facts, sshPublicKeys: [] });
  return (other, { book, region }) => {
    const extra = clusterPart(other, provider);
    return estimateCost([...desired(other), ...extra.resources], { kinds: extra.kinds, unpriced: extra.unpriced, book, region, usage });
  };
}

/**
 * What the model leaves to the cloud, such as the default key of a disk, is not compared, and not on one side of the bill alone. Where
 * something is unset, all that there was counts.
 */
function withoutChoicesOfTheCloud(actual: ActualResource, desired: DesiredResource | undefined, kind: ResourceKind | undefined): ActualResource {
  if (!desired || kind?.clearable?.some((field) => field in actual.attributes && !(field in desired.attributes))) return actual;
  return { ...actual, attributes: Object.fromEntries(Object.entries(actual.attributes).filter(([field]) => field in desired.attributes)) };
}

/** What the cluster's own controllers made is in no plan, but on the bill. */
function madeByKubernetes(resources: readonly Costed[], context: EstimateContext): string[] {
  const { total, resources: priced } = estimateCost(resources, { ...context, unpriced: [] });
  const names = priced.map(resourceKey).join(', ');
  return total.desired > 0 ? [`made by the cluster itself, not in the total: ${names} (${dollars(total.desired)} a month)`] : [];
}

/** Whether the prices that are asked for exist: before anything is stored or looked up. Throws UNKNOWN_PROVIDER, UNKNOWN_PRICE_REGION. */
export async function requirePrices(operator: Operator, priceAs: string | undefined): Promise<void> {
  if (priceAs !== undefined) await namedMarket(operator, priceAs, '');
}

/** Where to look prices up. */
export async function markets(operator: Operator, context: ClusterContext, { priceAs }: PriceOptions, isFree: (own: Market) => boolean): Promise<Markets> {
  const own = { book: await priceBook(operator, context.module), region: context.region };
  if (priceAs !== undefined) return { own, comparison: await namedMarket(operator, priceAs, context.region) };
  if (!isFree(own)) return { own };
  const book = await priceBook(operator, await operator.providers.comparison());
  return { own, comparison: { book, region: priceRegion(book, undefined, context.region) } };
}

async function priced(operator: Operator, context: ClusterContext, options: PriceOptions, change: (market: Market) => CostChange): Promise<Omit<PlanCost, 'overBudget'>> {
  const { own, comparison } = await markets(operator, context, options, (market) => isFree(change(market).after));
  return { own: change(own), ...(comparison ? { comparison: change(comparison) } : {}) };
}

export function isFree(estimate: Estimate): boolean {
  return estimate.total.max === 0 && estimate.unpriced.length === 0;
}

/** A cloud that costs nothing is judged by the prices that stand beside it: so a budget can be rehearsed, too. */
function judged(context: ClusterContext, { budget }: PriceOptions, cost: Omit<PlanCost, 'overBudget'>): PlanCost {
  const budgets = [budget, budgetOfSpec(context.completed.cluster)].filter((limit) => limit !== undefined);
  return { ...cost, overBudget: exceeded(budgets, cost.comparison ?? cost.own) };
}

async function namedMarket(operator: Operator, priceAs: string, clusterRegion: string): Promise<Market> {
  const [name = '', wanted] = priceAs.split(':');
  const book = await priceBook(operator, await operator.providers.load(name));
  return { book, region: priceRegion(book, wanted === '' ? undefined : wanted, clusterRegion) };
}

/** Where it is asked for: fetches the prices of the cloud whose prices are shown, that is the one that is named, the cluster's, or the one that a free cloud is compared with. */
export async function refreshIfAsked(operator: Operator, context: CloudContext, { priceAs, refreshPrices: asked }: PriceOptions): Promise<void> {
  if (!asked) return;
  const [name, wanted] = priceAs?.split(':') ?? [];
  const module = name !== undefined ? await operator.providers.load(name) : context.module.refreshPrices ? context.module : await operator.providers.comparison();
  const { prices } = await module.catalog();
  await refreshPrices(operator, module, [priceRegion(prices, wanted || undefined, context.region)]);
}

/** The cluster as a whole, beside the resources of the provider's own kinds. */
function clusterPart({ name, completed }: ClusterContext, provider: Provider): { resources: Costed[]; kinds: CostKinds; unpriced: string[] } {
  const cost = () => clusterItems(completed.cluster.spec);
  return {
    resources: [{ kind: 'Cluster', name, attributes: {} }],
    kinds: new Map<string, { cost?: ResourceKind['cost'] }>([...provider.kinds, ['Cluster', { cost }]]),
    unpriced: unknownMachines(completed.instanceGroups),
  };
}
