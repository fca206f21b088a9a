import { describe, expect, it } from 'vitest';
import type { PricedItem } from '../../../src/cloud/provider.ts';
import { costDelta, estimateCost } from '../../../src/cost/estimate.ts';
import { tieredCost } from '../../../src/cost/tiers.ts';
import { prices } from '../spec/test-provider.ts';
import { balancer, group, kinds, network } from './resources.ts';

const context = { kinds, book: prices, region: 'us-test-1' };
const before = estimateCost([group('nodes', 't2.medium', 1, 1)], context);
const after = estimateCost([group('nodes', 't2.medium', 2, 4), group('odd', 'x1.nobody', 1, 1), balancer, network], context);
// An instance at 0.05 an hour; 100 GB at 0.08, 1000 IOPS beyond what is free at 0.005 a month.
const machine = 0.05 * 730 + 100 * 0.08 + 1000 * 0.005;

describe('an estimate', () => {
  it('adds instances, volumes beyond what is free, and what is shared', () => {
    expect(before.total.desired).toBeCloseTo(machine, 10);
    expect(after.groups.get('nodes')).toEqual({ min: 2 * machine, desired: 2 * machine, max: 4 * machine });
    expect(costDelta(before, after).desired).toBeCloseTo(machine + 13 + 0.0225 * 730, 10);
  });

  it('counts what is there now between the least and the greatest size', () => {
    expect(estimateCost([group('nodes', 't2.medium', 2, 4, { size: 3 })], context).total.desired).toBeCloseTo(3 * machine, 10);
  });

  it('names what has no price and leaves it out; what is free is counted', () => {
    expect(after.unpriced).toEqual(['InstanceGroup/odd: 1 × x1.nobody']);
    expect(after.freeCount).toBe(1);
  });

  it('says when the book has nothing of a whole region', () => {
    const elsewhere = { ...context, book: { ...prices, instanceHour: () => undefined }, region: 'us-test-9' };
    expect(estimateCost([group('nodes', 't2.medium', 1, 1)], elsewhere).notes).toEqual([
      'the price book has no region us-test-9; kops-ts prices update test --region us-test-9 asks for its prices',
    ]);
  });

  it('has what is billed by use in the total only when somebody says how much, by tiers', () => {
    expect(after.usage.desired).toBe(0);
    const used = estimateCost([balancer], { ...context, usage: { internetGb: 1100 } });
    expect(used.usage.desired).toBeCloseTo(900 * 0.1 + 100 * 0.05, 10);
    expect(used.total.desired).toBeCloseTo(0.0225 * 730 + 95, 10);
  });

  it('counts a spot machine at the middle of what was seen, and at the price on demand where nothing was', () => {
    const known = estimateCost([group('nodes', 'm3.medium', 1, 1, { attributes: { machineType: 'm3.medium', min: 1, max: 1, spot: true } })], context);
    expect(known.total.desired).toBeCloseTo(0.04 * 730 + 13, 10);
    expect(known.notes).toEqual(['spot prices move: m3.medium is counted at the middle of 30 to 50 % of the price on demand']);
    const unknown = estimateCost([group('nodes', 't2.medium', 1, 1, { attributes: { machineType: 't2.medium', min: 1, max: 1, spot: true } })], context);
    expect(unknown.total.desired).toBeCloseTo(machine, 10);
    expect(unknown.notes).toEqual(['the spot price of t2.medium is not known: counted at the price on demand, which it does not exceed']);
  });

  it('says what reserved machines would save, of those whose price is known', () => {
    expect(after.reserved?.desired).toBeCloseTo(after.total.desired - 2 * (0.05 - 0.03) * 730, 10);
    expect(estimateCost([balancer], context).reserved).toBeUndefined();
  });

  it('has a key once, however many resources use it', () => {
    const one = { min: 1, desired: 1, max: 1 };
    const items: PricedItem[] = [
      { item: 'hostedZone', count: one },
      { item: 'encryptionKey', id: 'k', count: one },
      { item: 'metric', count: { min: 7, desired: 14, max: 14 } },
    ];
    const record = (name: string) => ({ kind: 'DNSRecord', name, attributes: {} });
    const estimate = estimateCost([record('a'), record('b')], { ...context, kinds: new Map([['DNSRecord', { cost: () => items }]]) });
    expect(estimate.total.desired).toBeCloseTo(2 * 0.5 + 1 + 28 * 0.3, 10);
  });
});

describe('a price by tiers', () => {
  const tiers = {
    free: 100,
    tiers: [
      { upTo: 1000, price: 0.1 },
      { upTo: 5000, price: 0.05 },
    ],
  };
  it.each([
    [0, 0],
    [100, 0],
    [101, 0.1],
    [1000, 90],
    [3000, 190],
    [5000, 290],
    [5001, undefined],
  ])('%d cost %d; what is beyond the last known price is not known', (quantity, cost) => {
    const found = tieredCost(tiers, quantity);
    if (cost === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(cost, 10);
  });
});
