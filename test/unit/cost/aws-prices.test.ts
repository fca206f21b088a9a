import { describe, expect, it } from 'vitest';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { architectureOf, awsPrices, priceFacts } from '../../../providers/aws/prices.ts';

const { regions } = awsPrices;
const types = Object.keys(priceFacts.instances);

describe('the price book of aws', () => {
  it('knows 99 machine types in 8 regions, and of each price where it is from; what nobody knows is not known', () => {
    expect([types.length, regions.length]).toEqual([99, 8]);
    const [home = ''] = regions;
    for (const type of types) {
      expect(awsPrices.instanceHour(type, home), type).toBeGreaterThan(0);
      for (const [i, region] of regions.entries()) {
        const origin = priceFacts.familyOrigins[type.split('.')[0] ?? '']?.[i];
        const known = awsPrices.instanceHour(type, region) !== undefined;
        // A family whose price is from nowhere has none.
        if (origin === null || origin === undefined) expect(known, `${type} in ${region}`).toBe(false);
        else expect(Object.keys(priceFacts.origins), `${type} in ${region}`).toContain(origin);
      }
    }
    for (const { figures, date, source } of awsPrices.origins) expect([figures !== '', /^20\d\d/.test(date), source !== ''], figures).toEqual([true, true, true]);
  });

  it('knows larger machines of a family to be dearer, in every region', () => {
    for (const region of regions) {
      const large = types
        .filter((type) => type.endsWith('.large'))
        .map((type) => [awsPrices.instanceHour(type, region), awsPrices.instanceHour(type.replace('.large', '.xlarge'), region)] as const);
      for (const [small, twice] of large) if (small !== undefined && twice !== undefined) expect(twice).toBeGreaterThan(small);
    }
  });

  it('has a spot share below the price on demand, of the very type where one was seen', () => {
    expect(awsPrices.spotShare('m7a.large', 'us-east-1')).toEqual({ low: 0.0433 / 0.11592, high: 0.0561 / 0.11592 });
    expect(awsPrices.spotShare('t3.medium', 'us-east-2')).toEqual({ low: 0.3, high: 0.4 });
    expect(awsPrices.spotShare('t3.medium', 'eu-central-1')).toBeUndefined();
    for (const region of regions) for (const type of types) expect(awsPrices.spotShare(type, region)?.high ?? 0).toBeLessThan(1);
  });

  it('has reserved machines in one region, cheaper than on demand', () => {
    for (const type of types) expect(awsPrices.reservedHour(type, 'us-east-1') ?? 0, type).toBeLessThan(awsPrices.instanceHour(type, 'us-east-1')!);
    expect(awsPrices.reservedHour('t3.medium', 'eu-west-1')).toBeUndefined();
  });

  it('tells volumes that have nothing to buy from prices that are not known', () => {
    expect(awsPrices.volumeIopsMonth('gp2', 'us-east-1')).toEqual({ free: Number.POSITIVE_INFINITY, tiers: [] });
    expect(awsPrices.volumeIopsMonth('io2', 'us-east-1')?.tiers).toHaveLength(3);
    expect(awsPrices.volumeIopsMonth('io2', 'eu-west-1')).toBeUndefined();
    expect(awsPrices.volumeThroughputMonth('gp9', 'us-east-1')).toBeUndefined();
    expect(awsPrices.usage('internetGb', 'us-east-1')?.tiers.map((tier) => tier.upTo)).toEqual([10_240, 51_200, 153_600, undefined]);
    expect(awsPrices.usage('internetGb', 'eu-west-1')?.tiers).toEqual([{ upTo: 10_240, price: 0.09 }]);
  });

  it('has a counterpart with arm64 for every family with amd64, of the same size', () => {
    for (const type of types.filter((candidate) => architectureOf(candidate) === 'amd64')) {
      const other = awsCatalog.counterpart?.(type, 'arm64');
      expect(other, type).toBeDefined();
      expect([architectureOf(other ?? ''), other?.split('.')[1]]).toEqual(['arm64', type.split('.')[1]]);
    }
    expect([awsCatalog.counterpart?.('t4g.small', 'arm64'), awsCatalog.counterpart?.('m7g.large', 'amd64'), awsCatalog.counterpart?.('x9.large', 'arm64')]).toEqual([
      't4g.small',
      'm7i.large',
      undefined,
    ]);
  });
});
