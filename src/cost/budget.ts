import { KopsError } from '../lib/errors.ts';
import type { Cluster } from '../spec/types.ts';
import type { Estimate } from './estimate.ts';
import { dollars } from './views/money.ts';

/** Limits of what a cluster may cost. Where they come from is said in every reason. */
export interface Budget {
  /** USD a month. */
  maxMonthlyCost?: number;
  maxIncrease?: Increase;
  /** `--max-monthly-cost`, or the annotations of the Cluster. */
  source: 'flags' | 'spec';
}

/** `20%` of what runs, or USD a month. */
export type Increase = { percent: number } | { dollars: number };

export interface BudgetReason {
  limit: 'max-monthly-cost' | 'max-increase';
  source: Budget['source'];
  /** USD a month: what is allowed, and what it would be. */
  allowed: number;
  actual: number;
  message: string;
}

export const budgetAnnotations = { maxMonthlyCost: 'kops-ts.io/max-monthly-cost', maxIncrease: 'kops-ts.io/max-increase' } as const;

/** The budget in a cluster's annotations. Throws INVALID_BUDGET. */
export function budgetOfSpec({ metadata }: Cluster): Budget | undefined {
  const monthly = metadata.annotations?.[budgetAnnotations.maxMonthlyCost];
  const increase = metadata.annotations?.[budgetAnnotations.maxIncrease];
  if (monthly === undefined && increase === undefined) return undefined;
  const object = `Cluster/${metadata.name}`;
  return {
    ...(monthly === undefined ? {} : { maxMonthlyCost: parseMonthlyCost(monthly, `${object} metadata.annotations[${budgetAnnotations.maxMonthlyCost}]`) }),
    ...(increase === undefined ? {} : { maxIncrease: parseIncrease(increase, `${object} metadata.annotations[${budgetAnnotations.maxIncrease}]`) }),
    source: 'spec',
  };
}

/** `500`, `$500`, `99.50`. `where` names the flag or the field. Throws INVALID_BUDGET. */
export function parseMonthlyCost(text: string, where: string): number {
  const value = amountOf(text);
  if (value === undefined) throw invalid(where, text, 'USD a month: 500');
  return value;
}

/** `20%`, or an amount as above. Throws INVALID_BUDGET. */
export function parseIncrease(text: string, where: string): Increase {
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1];
  if (percent !== undefined) return { percent: Number(percent) };
  const value = amountOf(text);
  if (value === undefined) throw invalid(where, text, 'a share of what runs, or USD a month: 20% or 50');
  return { dollars: value };
}

function amountOf(text: string): number | undefined {
  const digits = /^\$?(\d+(?:\.\d+)?)$/.exec(text.trim())?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Everything a change would exceed, at the current size. An increase is judged only against something that runs. */
export function exceeded(budgets: readonly Budget[], { before, after }: { before?: Estimate; after: Estimate }): BudgetReason[] {
  const actual = after.total.desired;
  return budgets.flatMap(({ maxMonthlyCost, maxIncrease, source }): BudgetReason[] => {
    const reasons: BudgetReason[] = [];
    if (maxMonthlyCost !== undefined && above(actual, maxMonthlyCost)) {
      const message = `${dollars(actual)} a month is more than ${dollars(maxMonthlyCost)} (${named('max-monthly-cost', source)})`;
      reasons.push({ limit: 'max-monthly-cost', source, allowed: maxMonthlyCost, actual, message });
    }
    if (maxIncrease && before) {
      const now = before.total.desired;
      const allowed = now + ('percent' in maxIncrease ? (now * maxIncrease.percent) / 100 : maxIncrease.dollars);
      const limit = 'percent' in maxIncrease ? `${maxIncrease.percent}%` : dollars(maxIncrease.dollars);
      const message = `from ${dollars(now)} to ${dollars(actual)} a month is an increase of more than ${limit} (${named('max-increase', source)})`;
      if (above(actual, allowed)) reasons.push({ limit: 'max-increase', source, allowed, actual, message });
    }
    return reasons;
  });
}

/** Half a cent more is the same. */
function above(actual: number, allowed: number): boolean {
  return actual - allowed >= 0.005;
}

function named(limit: BudgetReason['limit'], source: Budget['source']): string {
  return source === 'flags' ? `--${limit}` : `annotation kops-ts.io/${limit}`;
}

function invalid(where: string, text: string, expected: string): KopsError {
  return new KopsError(`${where}: ${JSON.stringify(text)} is no amount`, { code: 'INVALID_BUDGET', exit: 'invalid', object: where, expected });
}
