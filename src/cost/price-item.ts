import type { PriceBook, Tiers, UnitPrice } from '../cloud/catalog.ts';
import type { Count, PricedItem } from '../cloud/provider.ts';
import { type Amount, scaleAmount } from './amount.ts';
import { tieredCost } from './tiers.ts';
import { type Usage, usageKinds } from './usage-kinds.ts';

/** One figure on the bill. */
export interface CostComponent {
  /** `instances (on demand, t3.medium)` */
  name: string;
  /** What `price` is for: `hours`, `GB`. */
  unit: string;
  /** Units a month. Undefined: billed by use, and nobody said how much. */
  quantity?: Amount;
  /** USD a unit; of a price that falls with the quantity, the first. Undefined: not known. */
  price?: number;
  /** USD a month. Undefined: not in a total. */
  monthly?: Amount;
  usageBased: boolean;
  /** The same machines reserved for a year; where that price is known. USD a month. */
  reserved?: Amount;
  /** What a reader should know about the price. */
  note?: string;
}

export interface PriceContext {
  book: PriceBook;
  region: string;
  usage: Usage;
}

/** The figures of one item. Pure. */
export function priceItem(item: PricedItem, context: PriceContext): CostComponent[] {
  switch (item.item) {
    case 'instance':
      return [instance(item, context)];
    case 'volume':
      return volume(item, context);
    case 'loadBalancer':
      return [hourly(`${item.class} load balancer`, `${item.class}LoadBalancerHour`, item.count, context)];
    case 'natGateway':
      return [hourly('NAT gateway', 'natGatewayHour', item.count, context)];
    case 'publicIpv4':
      return [hourly('public IPv4 address', 'publicIpv4Hour', item.count, context)];
    case 'hostedZone':
      return [monthly('hosted zone', 'zones', 'hostedZoneMonth', item.count, context)];
    case 'encryptionKey':
      return [monthly('encryption key', 'keys', 'encryptionKeyMonth', item.count, context)];
    case 'metric':
      return [monthly('detailed monitoring', 'metrics', 'metricMonth', item.count, context)];
    case 'usage':
      return [used(item, context)];
  }
}

/** `2 × t3.medium`, `128 GB gp3`. */
export function describeItem(item: PricedItem): string {
  const count = item.count.desired;
  const times = count === 1 ? '' : `${count} × `;
  switch (item.item) {
    case 'instance':
      return `${count} × ${item.machineType}${item.purchase === 'spot' ? ' spot' : ''}${item.tenancy === 'dedicated' ? ' dedicated' : ''}`;
    case 'volume':
      return `${times}${item.sizeGb === undefined ? '' : `${item.sizeGb} GB `}${item.volumeType}${item.of === undefined ? '' : ` (${item.of})`}`;
    case 'loadBalancer':
      return `${times}${item.class} load balancer`;
    case 'natGateway':
      return `${times}NAT gateway`;
    case 'publicIpv4':
      return `${times}public IPv4 address`;
    case 'hostedZone':
      return `${times}hosted zone`;
    case 'encryptionKey':
      return `${times}encryption key`;
    case 'metric':
      return `${count} metrics`;
    case 'usage':
      return usageKinds[item.of].label;
  }
}

function instance(item: Extract<PricedItem, { item: 'instance' }>, context: PriceContext): CostComponent {
  const { machineType, purchase, tenancy, maxPrice = Number.POSITIVE_INFINITY } = item;
  const spot = purchase === 'spot';
  const name = `instances (${spot ? 'spot' : 'on demand'}, ${machineType}${tenancy === 'dedicated' ? ', dedicated' : ''})`;
  // The book has the prices of shared machines.
  const onDemand = tenancy === 'dedicated' ? undefined : context.book.instanceHour(machineType, context.region);
  const share = spot ? context.book.spotShare(machineType, context.region) : undefined;
  const hour = onDemand === undefined ? undefined : Math.min(maxPrice, onDemand * (share ? (share.low + share.high) / 2 : 1));
  const note = spot && onDemand !== undefined && onDemand > 0 ? spotNote(machineType, share) : undefined;
  const quantity = hours(item.count, context);
  const reserved = spot || hour === undefined ? undefined : context.book.reservedHour(machineType, context.region);
  return { ...component(name, 'hours', quantity, hour), ...(reserved ? { reserved: scaleAmount(quantity, reserved) } : {}), ...(note === undefined ? {} : { note }) };
}

function spotNote(machineType: string, share: { low: number; high: number } | undefined): string {
  if (!share) return `the spot price of ${machineType} is not known: counted at the price on demand, which it does not exceed`;
  const percent = (value: number) => `${Math.round(value * 100)}`;
  return `spot prices move: ${machineType} is counted at the middle of ${percent(share.low)} to ${percent(share.high)} % of the price on demand`;
}

function volume(item: Extract<PricedItem, { item: 'volume' }>, { book, region }: PriceContext): CostComponent[] {
  const { volumeType, sizeGb, iops = 0, throughputMbps = 0, count } = item;
  const of = item.of === undefined ? volumeType : `${volumeType}, ${item.of}`;
  const gbMonth = sizeGb === undefined ? undefined : book.volumeGbMonth(volumeType, region);
  const storage = component(`storage (${of})`, 'GB', scaleAmount(count, sizeGb ?? 0), gbMonth);
  // Without a price of the volume itself there is none of its parts.
  if (gbMonth === undefined) return [storage];
  return [
    storage,
    ...beyondFree(`IOPS (${of})`, 'IOPS', iops, count, book.volumeIopsMonth(volumeType, region)),
    ...beyondFree(`throughput (${of})`, 'MB/s', throughputMbps, count, book.volumeThroughputMonth(volumeType, region)),
  ];
}

/** Nothing for what comes with the volume. */
function beyondFree(name: string, unit: string, each: number, count: Count, tiers: Tiers | undefined): CostComponent[] {
  if (each <= (tiers?.free ?? 0)) return [];
  return [tiered(name, unit, each, count, tiers, false)];
}

function used({ of, count }: Extract<PricedItem, { item: 'usage' }>, { book, region, usage }: PriceContext): CostComponent {
  const { label, unit, quantity, units } = usageKinds[of];
  const each = usage[quantity];
  const tiers = book.usage(of, region);
  if (each === undefined) return { name: label, unit, ...(tiers?.tiers[0] ? { price: tiers.tiers[0].price } : {}), usageBased: true };
  return tiered(label, unit, each * (units === 'hours' ? book.hoursPerMonth : units), count, tiers, true);
}

function tiered(name: string, unit: string, each: number, count: Count, tiers: Tiers | undefined, usageBased: boolean): CostComponent {
  const cost = tiers && tieredCost(tiers, each);
  const price = tiers?.tiers[0]?.price;
  return {
    name,
    unit,
    quantity: scaleAmount(count, each),
    ...(price === undefined ? {} : { price }),
    ...(cost === undefined ? {} : { monthly: scaleAmount(count, cost) }),
    usageBased,
  };
}

function hourly(name: string, item: UnitPrice, count: Count, context: PriceContext): CostComponent {
  return component(name, 'hours', hours(count, context), context.book.unit(item, context.region));
}

function monthly(name: string, unit: string, item: UnitPrice, count: Count, { book, region }: PriceContext): CostComponent {
  return component(name, unit, count, book.unit(item, region));
}

function component(name: string, unit: string, quantity: Amount, price: number | undefined): CostComponent {
  return { name, unit, quantity, ...(price === undefined ? {} : { price, monthly: scaleAmount(quantity, price) }), usageBased: false };
}

function hours(count: Count, { book }: PriceContext): Amount {
  return scaleAmount(count, book.hoursPerMonth);
}
