import { readFileSync } from 'node:fs';
import type { PriceBook, Tiers, UnitPrice, UsagePrice } from '../../src/cloud/catalog.ts';
import type { PriceFigures } from '../../src/cloud/provider.ts';

/** One price a region, in the order of `regions`; null: not known. */
type PerRegion = readonly (number | null)[];

interface TieredFile {
  free: number;
  tiers: readonly { upTo?: number; price: PerRegion }[];
}

interface PriceFile {
  currency: 'USD';
  date: string;
  hoursPerMonth: number;
  regions: string[];
  origins: Record<string, { date: string; source: string }>;
  /** Group of figures → names of its origins. */
  figures: Record<string, string[]>;
  /** Family → origin of its prices in each region. */
  familyOrigins: Record<string, (string | null)[]>;
  instances: Record<string, { vcpus: number; memoryGib: number; hour: PerRegion; reservedHour?: number }>;
  /** Seen between the zones of a region, in USD an hour; what is usual there, as shares of the price on demand. */
  spot: { hour: Record<string, Record<string, [number, number]>>; share: Record<string, Partial<Record<'amd64' | 'arm64', [number, number]>>> };
  volumeGbMonth: Record<string, PerRegion>;
  volumeIopsMonth: Record<string, TieredFile>;
  volumeThroughputMonth: Record<string, TieredFile>;
  unit: Record<UnitPrice, PerRegion>;
  usage: Record<UsagePrice, TieredFile>;
  managedControlPlane: { name: string; hour: number; extendedHour: number };
}

/** Newer figures by region; what is absent is as in the built-in book. */
export interface RefreshedPrices {
  /** region → machine type → USD an hour */
  instanceHour: Record<string, Record<string, number>>;
  volumeGbMonth: Record<string, Record<string, number>>;
  /** Beyond what is free; of volume types whose price has no tiers. */
  volumeIopsMonth: Record<string, Record<string, number>>;
  volumeThroughputMonth: Record<string, Record<string, number>>;
  unit: Record<string, Partial<Record<UnitPrice, number>>>;
  usage: Record<string, Partial<Record<UsagePrice, number>>>;
}

export const priceFacts = JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')) as PriceFile;

/** Graviton families carry a `g` after their generation: t4g, m7gd, c8gn; the first one, Macs and Grace (p6e-gb200) have names of their own. */
export function architectureOf(machineType: string): 'amd64' | 'arm64' {
  return /^([a-z]+\d+g|a1\.|mac2|p\d+e-gb)/.test(machineType) ? 'arm64' : 'amd64';
}

/** Reserved prices are known in the first region alone. */
const reservedRegion = priceFacts.regions[0];

/** The built-in, dated book of AWS' prices. */
export const awsPrices: PriceBook = {
  name: 'aws',
  currency: priceFacts.currency,
  date: priceFacts.date,
  source: 'built-in price book (public on-demand prices)',
  hoursPerMonth: priceFacts.hoursPerMonth,
  regions: priceFacts.regions,
  origins: Object.entries(priceFacts.figures).flatMap(([figures, names]) => names.flatMap((name) => ({ figures, ...(priceFacts.origins[name] ?? { date: '', source: name }) }))),
  instanceHour: (machineType, region) => at(priceFacts.instances[machineType]?.hour, region),
  spotShare: (machineType, region) => spotShare(machineType, region, at(priceFacts.instances[machineType]?.hour, region)),
  reservedHour: (machineType, region) => (region === reservedRegion ? priceFacts.instances[machineType]?.reservedHour : undefined),
  volumeGbMonth: (volumeType, region) => at(priceFacts.volumeGbMonth[volumeType], region),
  volumeIopsMonth: (volumeType, region) => extraAt(priceFacts.volumeIopsMonth, volumeType, region),
  volumeThroughputMonth: (volumeType, region) => extraAt(priceFacts.volumeThroughputMonth, volumeType, region),
  unit: (item, region) => at(priceFacts.unit[item], region),
  usage: (item, region) => tiersAt(priceFacts.usage[item], region),
  managedControlPlane: priceFacts.managedControlPlane,
};

/** The book with newer figures in place of the built-in ones, wherever there are any. */
export function withRefreshedPrices({ date, source, regions, figures }: PriceFigures): PriceBook {
  const newer = figures as RefreshedPrices;
  const instanceHour: PriceBook['instanceHour'] = (type, region) => newer.instanceHour[region]?.[type] ?? awsPrices.instanceHour(type, region);
  return {
    ...awsPrices,
    date,
    source,
    regions: [...new Set([...awsPrices.regions, ...regions])],
    origins: [{ figures: `instances, volumes, load balancers, NAT gateways and public IPv4 addresses of ${regions.join(', ')}`, date, source }, ...awsPrices.origins],
    instanceHour,
    spotShare: (type, region) => spotShare(type, region, instanceHour(type, region)),
    volumeGbMonth: (type, region) => newer.volumeGbMonth[region]?.[type] ?? awsPrices.volumeGbMonth(type, region),
    volumeIopsMonth: (type, region) => repriced(priceFacts.volumeIopsMonth[type], newer.volumeIopsMonth[region]?.[type]) ?? awsPrices.volumeIopsMonth(type, region),
    volumeThroughputMonth: (type, region) =>
      repriced(priceFacts.volumeThroughputMonth[type], newer.volumeThroughputMonth[region]?.[type]) ?? awsPrices.volumeThroughputMonth(type, region),
    unit: (item, region) => newer.unit[region]?.[item] ?? awsPrices.unit(item, region),
    usage: (item, region) => repriced(priceFacts.usage[item], newer.usage[region]?.[item]) ?? awsPrices.usage(item, region),
  };
}

function at(prices: PerRegion | undefined, region: string): number | undefined {
  return prices?.[priceFacts.regions.indexOf(region)] ?? undefined;
}

/** Known up to the first tier without a price. */
function tiersAt(entry: TieredFile | undefined, region: string): Tiers | undefined {
  const tiers: { upTo?: number; price: number }[] = [];
  for (const { upTo, price } of entry?.tiers ?? []) {
    const here = at(price, region);
    if (here === undefined) break;
    tiers.push({ ...(upTo === undefined ? {} : { upTo }), price: here });
  }
  return entry && tiers.length > 0 ? { free: entry.free, tiers } : undefined;
}

/** A volume type that is known, but not for this, has nothing of it to buy. */
function extraAt(entries: Record<string, TieredFile>, volumeType: string, region: string): Tiers | undefined {
  const entry = entries[volumeType];
  if (entry) return tiersAt(entry, region);
  return volumeType in priceFacts.volumeGbMonth ? { free: Number.POSITIVE_INFINITY, tiers: [] } : undefined;
}

function repriced(entry: TieredFile | undefined, price: number | undefined): Tiers | undefined {
  return price === undefined ? undefined : { free: entry?.free ?? 0, tiers: [{ price }] };
}

/** What was seen of this very type, else what is usual for its architecture in the region. */
function spotShare(machineType: string, region: string, onDemand: number | undefined): { low: number; high: number } | undefined {
  const seen = priceFacts.spot.hour[region]?.[machineType];
  if (seen && onDemand !== undefined) return { low: seen[0] / onDemand, high: seen[1] / onDemand };
  const usual = priceFacts.spot.share[region]?.[architectureOf(machineType)];
  return usual && { low: usual[0], high: usual[1] };
}
