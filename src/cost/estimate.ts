import type { PriceBook } from '../cloud/catalog.ts';
import type { ResourceKind } from '../cloud/provider.ts';
import { type Amount, addAmounts, describeItem, nothing, priceItem, subtractAmounts } from './price-item.ts';

/** Something that may cost: a desired resource, or one that exists. */
export interface Costed {
  kind: string;
  name: string;
  instanceGroup?: string;
  attributes: Readonly<Record<string, unknown>>;
}

export interface CostLine {
  kind: string;
  name: string;
  instanceGroup?: string;
  /** `2 × t3.medium` */
  item: string;
  /** USD an hour. */
  hourly: Amount;
}

export interface Estimate {
  currency: 'USD';
  prices: { name: string; region: string; date: string; source: string };
  hoursPerMonth: number;
  lines: CostLine[];
  /** By instance group; what belongs to none is under `''`. */
  groups: ReadonlyMap<string, Amount>;
  total: Amount;
  /** What the book has no price for: `InstanceGroup/nodes-1a: 1 × x9.large`. Not in the total. */
  unpriced: string[];
}

/** Prices everything that a plan makes, or that exists. Pure. */
export function estimateCost(resources: readonly Costed[], kinds: ReadonlyMap<string, ResourceKind>, prices: PriceBook, region: string): Estimate {
  const lines: CostLine[] = [];
  const unpriced: string[] = [];
  const groups = new Map<string, Amount>();
  let total = nothing;
  for (const resource of resources) {
    for (const item of kinds.get(resource.kind)?.cost?.(resource.attributes) ?? []) {
      const hourly = priceItem(item, prices, region);
      const { kind, name, instanceGroup } = resource;
      if (!hourly) {
        unpriced.push(`${kind}/${name}: ${describeItem(item)}`);
        continue;
      }
      lines.push({ kind, name, ...(instanceGroup === undefined ? {} : { instanceGroup }), item: describeItem(item), hourly });
      const group = instanceGroup ?? '';
      groups.set(group, addAmounts(groups.get(group) ?? nothing, hourly));
      total = addAmounts(total, hourly);
    }
  }
  const { name, date, source, hoursPerMonth } = prices;
  return { currency: 'USD', prices: { name, region, date, source }, hoursPerMonth, lines, groups, total, unpriced };
}

/** What a change costs more (or, negative, less) an hour. */
export function costDelta(before: Estimate, after: Estimate): Amount {
  return subtractAmounts(after.total, before.total);
}
