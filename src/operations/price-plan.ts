import type { PriceBook } from '../cloud/catalog.ts';
import type { Provider } from '../cloud/provider.ts';
import type { ActualResource } from '../cloud/resource.ts';
import { type Costed, estimateCost } from '../cost/estimate.ts';
import type { CostChange } from '../cost/render-cost.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';

/** What a plan costs where it runs, and what the same shape would cost elsewhere. */
export interface PlanCost {
  own: CostChange;
  comparison?: CostChange;
}

export interface PricedResources {
  /** What there will be. */
  desired: readonly Costed[];
  actual: readonly ActualResource[];
}

/** `priceAs`: `aws:us-east-1` or `aws`. Without it, a cloud that costs nothing is compared with the registry's own choice. */
export async function pricePlan(operator: Operator, context: ClusterContext, provider: Provider, resources: PricedResources, priceAs?: string): Promise<PlanCost> {
  const ours = resources.actual.filter((resource) => resource.owned && resource.manager !== 'kubernetes');
  const change = (prices: PriceBook, region: string): CostChange => {
    const after = estimateCost(resources.desired, provider.kinds, prices, region);
    return ours.length === 0 ? { after } : { before: estimateCost(ours, provider.kinds, prices, region), after };
  };
  const own = change(context.catalog.prices, context.region);
  const other = await comparisonBook(operator, own, priceAs);
  if (!other) return { own };
  return { own, comparison: change(other.book, priceRegion(other.book, other.region, context.region)) };
}

/** Whether the prices that are asked for exist: before anything is stored or looked up. Throws UNKNOWN_PROVIDER, UNKNOWN_PRICE_REGION. */
export async function requirePrices(operator: Operator, priceAs: string | undefined): Promise<void> {
  if (priceAs === undefined) return;
  const other = await namedBook(operator, priceAs);
  priceRegion(other.book, other.region, '');
}

async function comparisonBook(operator: Operator, own: CostChange, priceAs: string | undefined): Promise<{ book: PriceBook; region?: string } | undefined> {
  if (priceAs === undefined) return own.after.total.max === 0 ? { book: await operator.providers.comparison() } : undefined;
  return namedBook(operator, priceAs);
}

async function namedBook(operator: Operator, priceAs: string): Promise<{ book: PriceBook; region?: string }> {
  const [name = '', region] = priceAs.split(':');
  const module = await operator.providers.load(name);
  const { prices } = await module.catalog();
  return { book: prices, ...(region === undefined || region === '' ? {} : { region }) };
}

function priceRegion(book: PriceBook, wanted: string | undefined, clusterRegion: string): string {
  if (wanted === undefined) return book.regions.includes(clusterRegion) ? clusterRegion : (book.regions[0] ?? clusterRegion);
  if (book.regions.includes(wanted)) return wanted;
  const near = nearest(wanted, book.regions);
  throw new KopsError(`the ${book.name} price book has no region ${wanted}${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'UNKNOWN_PRICE_REGION',
    exit: 'usage',
    object: wanted,
    suggestions: [`It has ${book.regions.join(', ')}.`],
  });
}
