import { describe, expect, it } from 'vitest';
import { budgetOfSpec, exceeded, parseIncrease, parseMonthlyCost } from '../../../src/cost/budget.ts';
import { estimateCost } from '../../../src/cost/estimate.ts';
import type { Cluster } from '../../../src/spec/types.ts';
import { prices } from '../spec/test-provider.ts';
import { group, kinds } from './resources.ts';

// 49.50 a machine and month.
const of = (machines: number) => estimateCost([group('nodes', 't2.medium', machines, machines)], { kinds, book: prices, region: 'us-test-1' });
const limits = (budget: object, before: number | undefined, after: number) =>
  exceeded([{ ...budget, source: 'flags' }], { ...(before === undefined ? {} : { before: of(before) }), after: of(after) }).map((reason) => reason.limit);

describe('a budget', () => {
  it.each([
    ['below', { maxMonthlyCost: 100 }, undefined, 2, []],
    ['exactly', { maxMonthlyCost: 99 }, undefined, 2, []],
    ['above', { maxMonthlyCost: 98.99 }, undefined, 2, ['max-monthly-cost']],
    ['a half more is allowed', { maxIncrease: { percent: 50 } }, 2, 3, []],
    ['a half more is not', { maxIncrease: { percent: 49 } }, 2, 3, ['max-increase']],
    ['so many dollars more are', { maxIncrease: { dollars: 49.5 } }, 2, 3, []],
    ['so many dollars more are not', { maxIncrease: { dollars: 49 } }, 2, 3, ['max-increase']],
    ['less is never an increase', { maxIncrease: { percent: 0 } }, 3, 2, []],
    ['nothing ran before', { maxIncrease: { percent: 0 } }, undefined, 3, []],
    ['both', { maxMonthlyCost: 1, maxIncrease: { percent: 1 } }, 1, 3, ['max-monthly-cost', 'max-increase']],
  ])('%s', (_what, budget, before, after, expected) => expect(limits(budget, before, after)).toEqual(expected));

  it('says what is allowed, what it would be, and whose limit it is', () => {
    const budgets = [
      { maxMonthlyCost: 50, source: 'flags' as const },
      { maxMonthlyCost: 60, maxIncrease: { percent: 20 }, source: 'spec' as const },
    ];
    expect(exceeded(budgets, { before: of(1), after: of(2) }).map((reason) => reason.message)).toEqual([
      '$99.00 a month is more than $50.00 (--max-monthly-cost)',
      '$99.00 a month is more than $60.00 (annotation kops-ts.io/max-monthly-cost)',
      'from $49.50 to $99.00 a month is an increase of more than 20% (annotation kops-ts.io/max-increase)',
    ]);
  });

  it('is read from flags and annotations, and refused when it is no amount', () => {
    expect([parseMonthlyCost('$99.50', ''), parseIncrease('20%', ''), parseIncrease('7.5 %', ''), parseIncrease('50', '')]).toEqual([
      99.5,
      { percent: 20 },
      { percent: 7.5 },
      { dollars: 50 },
    ]);
    const cluster = (annotations?: Record<string, string>) => ({ metadata: { name: 'demo', ...(annotations ? { annotations } : {}) } }) as Cluster;
    expect(budgetOfSpec(cluster())).toBeUndefined();
    expect(budgetOfSpec(cluster({ 'kops-ts.io/max-monthly-cost': '500', 'kops-ts.io/max-increase': '20%' }))).toEqual({
      maxMonthlyCost: 500,
      maxIncrease: { percent: 20 },
      source: 'spec',
    });
    for (const text of ['-1', 'cheap', '1e3', '']) expect(() => parseMonthlyCost(text, '--max-monthly-cost')).toThrow(`--max-monthly-cost: ${JSON.stringify(text)} is no amount`);
    expect(() => budgetOfSpec(cluster({ 'kops-ts.io/max-increase': 'a lot' }))).toThrow('Cluster/demo metadata.annotations[kops-ts.io/max-increase]: "a lot" is no amount');
  });
});
