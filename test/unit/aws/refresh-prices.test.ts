import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Filter, GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import aws from '../../../providers/aws/index.ts';
import { awsPrices } from '../../../providers/aws/prices.ts';
import type { Operator } from '../../../src/operations/operator.ts';
import { priceBook, refreshPrices } from '../../../src/operations/price-books.ts';
import { workbench } from '../operations/test-cloud.ts';
import { priceList } from './price-list.ts';

const region = 'eu-west-1';
const pricing = mockClient(PricingClient);
let home: string;
let operator: Operator;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'prices-'));
  operator = { ...workbench('/nowhere').operator, home };
});
afterEach(() => {
  pricing.reset();
  rmSync(home, { recursive: true });
});

/** Answers as the API does: what matches the filters, in pages of three. */
function serve(list: readonly string[]): void {
  pricing.on(GetProductsCommand).callsFake(({ ServiceCode, Filters = [], NextToken = '0' }: { ServiceCode: string; Filters?: Filter[]; NextToken?: string }) => {
    const matching = list.filter((text) => {
      const { product, serviceCode } = JSON.parse(text);
      const fields = { ...product.attributes, productFamily: product.productFamily };
      return serviceCode === ServiceCode && Filters.every(({ Field, Value }) => fields[Field ?? ''] === Value);
    });
    const from = Number(NextToken);
    return { FormatVersion: 'aws_v1', PriceList: matching.slice(from, from + 3), ...(matching.length > from + 3 ? { NextToken: String(from + 3) } : {}) };
  });
}

describe('fetching prices', () => {
  it('takes every price of the book from the list, and nothing that only lies beside it', async () => {
    serve(priceList);
    const { date, regions, figures } = await refreshPrices(operator, aws, [region]);
    expect({ date, regions, figures }).toEqual({
      date: '2026-01-01',
      regions: [region],
      figures: {
        instanceHour: { [region]: { 't3.medium': 0.05, 'm9i.large': 0.2 } },
        volumeGbMonth: { [region]: { gp3: 0.09, standard: 0.055 } },
        volumeIopsMonth: { [region]: { gp3: 0.006 } },
        volumeThroughputMonth: { [region]: { gp3: 0.045 } },
        unit: { [region]: { natGatewayHour: 0.049, networkLoadBalancerHour: 0.026, publicIpv4Hour: 0.006 } },
        usage: { [region]: { natGatewayGb: 0.047, loadBalancerCapacityUnitHour: 0.0063 } },
      },
    });
  });

  it('keeps them, and the book has them in place of the built-in ones from then on', async () => {
    serve(priceList);
    const figures = await refreshPrices(operator, aws, [region]);
    writeFileSync(join(home, 'prices/aws.json'), JSON.stringify({ ...figures, date: '2026-11-28' }));
    const book = await priceBook(operator, aws);
    expect(book).toMatchObject({ date: '2026-11-28', source: 'AWS Price List API' });
    expect([book.instanceHour('t3.medium', region), book.instanceHour('m9i.large', region), book.volumeGbMonth('gp3', region)]).toEqual([0.05, 0.2, 0.09]);
    expect([book.volumeIopsMonth('gp3', region), book.usage('natGatewayGb', region)]).toEqual([
      { free: 3000, tiers: [{ price: 0.006 }] },
      { free: 0, tiers: [{ price: 0.047 }] },
    ]);
    // What was not asked for stays.
    expect([book.instanceHour('t3.medium', 'us-east-1'), book.instanceHour('m5.large', region), book.usage('internetGb', region)]).toEqual([
      0.0416,
      0.107,
      awsPrices.usage('internetGb', region),
    ]);
  });

  it('does not let old prices stand in for newer built-in ones', async () => {
    serve(priceList);
    await refreshPrices(operator, aws, [region]);
    expect(JSON.parse(readFileSync(join(home, 'prices/aws.json'), 'utf8')).date < awsPrices.date).toBe(true);
    expect(await priceBook(operator, aws)).toBe(awsPrices);
  });

  it('says so when a region has none, access is denied, or what was kept is damaged', async () => {
    serve(priceList);
    await expect(refreshPrices(operator, aws, ['eu-wset-1'])).rejects.toMatchObject({ code: 'UNKNOWN_PRICE_REGION', exit: 'usage' });
    const denied = Object.assign(new Error('User: ann is not authorized to perform: pricing:GetProducts'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
    pricing.reset();
    pricing.on(GetProductsCommand).rejects(denied);
    await expect(refreshPrices(operator, aws, [region])).rejects.toMatchObject({ class: 'denied', object: 'pricing:GetProducts' });
    mkdirSync(join(home, 'prices'));
    writeFileSync(join(home, 'prices/aws.json'), '{"date":');
    await expect(priceBook(operator, aws)).rejects.toMatchObject({ code: 'PRICES_CORRUPT', exit: 'invalid' });
  });

  it('is refused for a cloud whose prices never change', async () => {
    const { refreshPrices: _, ...fixed } = aws;
    await expect(refreshPrices(operator, fixed)).rejects.toMatchObject({ code: 'PRICES_FIXED' });
  });
});
