import type { Pricing } from '@aws-sdk/client-pricing';
import type { PriceFigures, ProviderContext } from '../../../src/cloud/provider.ts';
import { timestamp } from '../../../src/lib/clock.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { toCloudError } from '../api/errors.ts';
import type { RefreshedPrices } from '../prices.ts';
import { readProduct } from './read-product.ts';

/** The Price List API of all regions is served from a few; this is one. */
const apiRegion = 'us-east-1';

interface Query {
  ServiceCode: string;
  filters: Readonly<Record<string, string>>;
}

const queries: readonly Query[] = [
  { ServiceCode: 'AmazonEC2', filters: { operatingSystem: 'Linux', tenancy: 'Shared', preInstalledSw: 'NA', capacitystatus: 'Used' } },
  { ServiceCode: 'AmazonEC2', filters: { productFamily: 'Storage' } },
  { ServiceCode: 'AmazonEC2', filters: { productFamily: 'System Operation' } },
  { ServiceCode: 'AmazonEC2', filters: { productFamily: 'Provisioned Throughput' } },
  { ServiceCode: 'AmazonEC2', filters: { productFamily: 'NAT Gateway' } },
  { ServiceCode: 'AWSELB', filters: { productFamily: 'Load Balancer-Network' } },
  { ServiceCode: 'AmazonVPC', filters: { group: 'VPCPublicIPv4Address' } },
];

/** Asks the Price List API (`pricing:GetProducts`). Throws CloudError, and UNKNOWN_PRICE_REGION for a region without machines. */
export async function refreshPrices({ clock, signal }: ProviderContext, regions: readonly string[]): Promise<PriceFigures> {
  const { Pricing } = await import('@aws-sdk/client-pricing');
  const client = new Pricing({ region: apiRegion, maxAttempts: 4 });
  const figures: RefreshedPrices = { instanceHour: {}, volumeGbMonth: {}, volumeIopsMonth: {}, volumeThroughputMonth: {}, unit: {}, usage: {} };
  try {
    for (const region of regions) {
      const found = await Promise.all(queries.map((query) => products(client, query, region, signal)));
      for (const text of found.flat()) note(figures, region, text);
      if (!figures.instanceHour[region]) throw noPrices(region);
    }
  } finally {
    client.destroy();
  }
  return { date: timestamp(clock).slice(0, 10), source: 'AWS Price List API', regions, figures };
}

/** All pages. */
async function products(client: Pricing, { ServiceCode, filters }: Query, region: string, signal: AbortSignal): Promise<string[]> {
  const Filters = Object.entries({ ...filters, regionCode: region }).map(([Field, Value]) => ({ Type: 'TERM_MATCH' as const, Field, Value }));
  const texts: string[] = [];
  let NextToken: string | undefined;
  do {
    const token = NextToken === undefined ? {} : { NextToken };
    const page = await client.getProducts({ ServiceCode, Filters, FormatVersion: 'aws_v1', MaxResults: 100, ...token }, { abortSignal: signal }).catch((error: unknown) => {
      throw toCloudError(error, 'pricing', 'GetProducts');
    });
    texts.push(...(page.PriceList ?? []).map(String));
    NextToken = page.NextToken;
  } while (NextToken);
  return texts;
}

function note(figures: RefreshedPrices, region: string, text: string): void {
  const found = readProduct(text);
  if (!found) return;
  const ofFigure: Record<string, Record<string, number>> = figures[found.figure];
  ofFigure[region] = { ...ofFigure[region], [found.type]: found.price };
}

function noPrices(region: string): KopsError {
  return new KopsError(`AWS has no prices of machines for region ${JSON.stringify(region)}`, {
    code: 'UNKNOWN_PRICE_REGION',
    exit: 'usage',
    object: region,
    expected: 'the code of a region, such as eu-west-1',
  });
}
