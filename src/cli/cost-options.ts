import { parseIncrease, parseMonthlyCost } from '../cost/budget.ts';
import { parseUsage, usageProfiles } from '../cost/usage.ts';
import type { Usage } from '../cost/usage-kinds.ts';
import { isKopsError, KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import type { PriceOptions } from '../operations/price-plan.ts';
import { readInput } from './read-input.ts';

export interface CostFlags {
  'price-as'?: string | undefined;
  usage?: string | undefined;
  'max-monthly-cost'?: string | undefined;
  'max-increase'?: string | undefined;
  'refresh-prices'?: boolean;
}

/** Flags about costs → options; reads the usage file where one is named. Throws INVALID_BUDGET, INVALID_USAGE, FILE_NOT_READABLE. */
export async function costOptions(flags: CostFlags): Promise<PriceOptions> {
  const { usage, 'price-as': priceAs, 'max-monthly-cost': monthly, 'max-increase': increase } = flags;
  const budget = {
    ...(monthly === undefined ? {} : { maxMonthlyCost: parseMonthlyCost(monthly, '--max-monthly-cost') }),
    ...(increase === undefined ? {} : { maxIncrease: parseIncrease(increase, '--max-increase') }),
  };
  return {
    ...(priceAs === undefined ? {} : { priceAs }),
    ...(usage === undefined ? {} : { usage: await readUsage(usage) }),
    ...(Object.keys(budget).length === 0 ? {} : { budget: { ...budget, source: 'flags' } }),
    ...(flags['refresh-prices'] ? { refreshPrices: true } : {}),
  };
}

async function readUsage(text: string): Promise<Usage> {
  const profile = Object.hasOwn(usageProfiles, text) ? usageProfiles[text] : undefined;
  if (profile) return profile;
  try {
    return parseUsage(await readInput(text), text);
  } catch (error) {
    if (!isKopsError(error, 'FILE_NOT_READABLE')) throw error;
    const near = nearest(text, Object.keys(usageProfiles));
    throw new KopsError(`--usage ${text} is neither ${Object.keys(usageProfiles).join(', ')} nor a file that can be read${near === undefined ? '' : `: did you mean ${near}?`}`, {
      code: error.code,
      exit: 'usage',
      object: text,
    });
  }
}
