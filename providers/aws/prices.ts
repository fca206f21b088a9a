import { readFileSync } from 'node:fs';
import type { PriceBook } from '../../src/cloud/catalog.ts';

/** Lists have one price a region, in the order of `regions`; null: not known. */
interface PriceFile {
  currency: 'USD';
  date: string;
  hoursPerMonth: number;
  regions: string[];
  instances: Record<string, { vcpus: number; memoryGib: number; hour: PerRegion }>;
  volumeGbMonth: Record<string, PerRegion>;
  volumeIopsMonth: Record<string, { free: number; perIops: PerRegion }>;
  volumeThroughputMonth: Record<string, { freeMbps: number; perMbps: PerRegion }>;
  hour: Record<string, PerRegion>;
  month: Record<string, PerRegion>;
}

type PerRegion = (number | null)[];

export const priceFacts = JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')) as PriceFile;

/** The built-in, dated book of AWS' on-demand prices. */
export const awsPrices: PriceBook = {
  name: 'aws',
  currency: priceFacts.currency,
  date: priceFacts.date,
  source: 'built-in price book (public on-demand prices)',
  hoursPerMonth: priceFacts.hoursPerMonth,
  regions: priceFacts.regions,
  instanceHour: (machineType, region) => at(priceFacts.instances[machineType]?.hour, region),
  volumeGbMonth: (volumeType, region) => at(priceFacts.volumeGbMonth[volumeType], region),
  volumeIopsMonth: (volumeType, region) => {
    const entry = priceFacts.volumeIopsMonth[volumeType];
    const perIops = at(entry?.perIops, region);
    return entry && perIops !== undefined ? { free: entry.free, perIops } : undefined;
  },
  volumeThroughputMonth: (volumeType, region) => {
    const entry = priceFacts.volumeThroughputMonth[volumeType];
    const perMbps = at(entry?.perMbps, region);
    return entry && perMbps !== undefined ? { freeMbps: entry.freeMbps, perMbps } : undefined;
  },
  hour: (item, region) => at(priceFacts.hour[item], region),
  month: (item, region) => at(priceFacts.month[item], region),
};

function at(prices: PerRegion | undefined, region: string): number | undefined {
  return prices?.[priceFacts.regions.indexOf(region)] ?? undefined;
}
