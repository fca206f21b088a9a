import type { PriceBook } from '../cloud/catalog.ts';
import type { PricedItem } from '../cloud/provider.ts';

/** USD an hour at the smallest, the wanted and the largest size of what scales. */
export interface Amount {
  min: number;
  desired: number;
  max: number;
}

export const nothing: Amount = { min: 0, desired: 0, max: 0 };

export function addAmounts(a: Amount, b: Amount): Amount {
  return { min: a.min + b.min, desired: a.desired + b.desired, max: a.max + b.max };
}

export function subtractAmounts(a: Amount, b: Amount): Amount {
  return { min: a.min - b.min, desired: a.desired - b.desired, max: a.max - b.max };
}

/** USD an hour, or undefined when the book does not know the price. */
export function priceItem(item: PricedItem, prices: PriceBook, region: string): Amount | undefined {
  const unit = unitHour(item, prices, region);
  if (unit === undefined) return undefined;
  const { min, desired, max } = item.count;
  return { min: unit * min, desired: unit * desired, max: unit * max };
}

/** `2 × t3.medium`, `128 GB gp3`. */
export function describeItem(item: PricedItem): string {
  const count = item.count.desired;
  const times = count === 1 ? '' : `${count} × `;
  switch (item.item) {
    case 'instance':
      return `${count} × ${item.machineType}`;
    case 'volume':
      return `${times}${item.sizeGb} GB ${item.volumeType}`;
    case 'loadBalancer':
      return `${times}${item.class} load balancer`;
    case 'natGateway':
      return `${times}NAT gateway`;
    case 'publicIpv4':
      return `${times}public IPv4 address`;
    case 'hostedZone':
      return `${times}hosted zone`;
  }
}

function unitHour(item: PricedItem, prices: PriceBook, region: string): number | undefined {
  switch (item.item) {
    case 'instance':
      return prices.instanceHour(item.machineType, region);
    case 'volume':
      return perHour(volumeMonth(item, prices, region), prices);
    case 'loadBalancer':
      return prices.hour('networkLoadBalancer', region);
    case 'natGateway':
      return prices.hour('natGateway', region);
    case 'publicIpv4':
      return prices.hour('publicIpv4', region);
    case 'hostedZone':
      return perHour(prices.month('hostedZone', region), prices);
  }
}

function volumeMonth(item: Extract<PricedItem, { item: 'volume' }>, prices: PriceBook, region: string): number | undefined {
  const gb = prices.volumeGbMonth(item.volumeType, region);
  if (gb === undefined) return undefined;
  const iops = prices.volumeIopsMonth(item.volumeType, region);
  const throughput = prices.volumeThroughputMonth(item.volumeType, region);
  const extraIops = iops ? Math.max(0, (item.iops ?? 0) - iops.free) * iops.perIops : 0;
  const extraThroughput = throughput ? Math.max(0, (item.throughputMbps ?? 0) - throughput.freeMbps) * throughput.perMbps : 0;
  return gb * item.sizeGb + extraIops + extraThroughput;
}

function perHour(month: number | undefined, prices: PriceBook): number | undefined {
  return month === undefined ? undefined : month / prices.hoursPerMonth;
}
