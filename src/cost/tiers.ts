import type { Tiers } from '../cloud/catalog.ts';

/** What a quantity costs; undefined beyond the last price that is known. */
export function tieredCost({ free, tiers }: Tiers, quantity: number): number | undefined {
  let cost = 0;
  let from = free;
  for (const { upTo = Number.POSITIVE_INFINITY, price } of tiers) {
    if (quantity <= from) return cost;
    cost += (Math.min(quantity, upTo) - from) * price;
    from = Math.max(from, upTo);
  }
  return quantity <= from ? cost : undefined;
}
