import { describe, expect, it } from 'vitest';
import type { PricedItem, ResourceKind } from '../../../src/cloud/provider.ts';
import { type Costed, costDelta, estimateCost } from '../../../src/cost/estimate.ts';
import { costToJson, renderCost } from '../../../src/cost/render-cost.ts';
import { prices } from '../spec/test-provider.ts';

const unused = () => Promise.reject(new Error('not called'));
const kind = (name: string, cost: ResourceKind['cost']): [string, ResourceKind] => [
  name,
  { kind: name, rank: 0, create: unused, update: unused, delete: unused, effect: () => 'update', ...(cost ? { cost } : {}) },
];
const kinds = new Map([
  kind('InstanceGroup', ({ machineType, min, max }) => {
    const count = { min: Number(min), desired: Number(min), max: Number(max) };
    const items: PricedItem[] = [
      { item: 'instance', machineType: String(machineType), count },
      { item: 'volume', volumeType: 'gp3', sizeGb: 100, iops: 4000, throughputMbps: 125, count },
    ];
    return items;
  }),
  kind('LoadBalancer', () => [{ item: 'loadBalancer', class: 'network', count: { min: 1, desired: 1, max: 1 } }]),
  kind('Network', undefined),
]);
const group = (name: string, machineType: string, min: number, max: number): Costed => ({
  kind: 'InstanceGroup',
  name,
  instanceGroup: name,
  attributes: { machineType, min, max },
});
const before = estimateCost([group('nodes', 't2.medium', 1, 1)], kinds, prices, 'us-test-1');
const after = estimateCost(
  [group('nodes', 't2.medium', 2, 4), group('odd', 'x1.nobody', 1, 1), { kind: 'LoadBalancer', name: 'api', attributes: {} }, { kind: 'Network', name: 'net', attributes: {} }],
  kinds,
  prices,
  'us-test-1',
);

describe('cost', () => {
  it('adds instances, volumes beyond what is free, and what is shared', () => {
    // An instance 0.05; 100 GB at 0.08 and 1000 IOPS at 0.005 a month.
    const one = 0.05 + (100 * 0.08 + 1000 * 0.005) / 730;
    expect(before.total.desired).toBeCloseTo(one, 10);
    expect(after.groups.get('nodes')?.max).toBeCloseTo(4 * one, 10);
    expect(costDelta(before, after).desired).toBeCloseTo(one + (100 * 0.08 + 1000 * 0.005) / 730 + 0.0225, 10);
  });

  it('names what has no price and leaves it out', () => expect(after.unpriced).toEqual(['InstanceGroup/odd: 1 × x1.nobody']));

  it('is shown by group with its change', () => {
    expect(renderCost({ before, after })).toBe(
      [
        'COST (test us-test-1, 2026-01-01)   WHAT                            HOURLY    MONTHLY',
        'nodes                               2 × t2.medium, 2 × 100 GB gp3   $0.1356   $99.00 ($99.00 to $198.00)',
        'odd                                 100 GB gp3                      $0.0178   $13.00',
        'shared                              network load balancer           $0.0225   $16.43',
        'total                                                               $0.1759   $128.43 ($128.43 to $227.43)',
        '+$78.92 a month ($49.50 a month now, $128.43 a month then).',
        'No price is known for: InstanceGroup/odd: 1 × x1.nobody.',
        '',
      ].join('\n'),
    );
  });

  it('is the same as data', () => {
    expect(costToJson({ before, after })).toMatchObject({
      currency: 'USD',
      totalMonthlyCost: 128.43,
      maxMonthlyCost: 227.43,
      diffTotalMonthlyCost: 78.92,
      unpriced: ['InstanceGroup/odd: 1 × x1.nobody'],
    });
  });
});
