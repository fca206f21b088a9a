import type { Phase } from '../cloud/provider.ts';
import { parseSavedPlan } from '../operations/saved-plan.ts';
import type { UpdateOptions } from '../operations/update-cluster.ts';
import { type CostFlags, costOptions } from './cost-options.ts';
import { readInput } from './read-input.ts';

export interface UpdateFlags extends CostFlags {
  prune?: boolean;
  'instance-group'?: string[] | undefined;
  'instance-group-roles'?: string[] | undefined;
  'lifecycle-overrides'?: string[] | undefined;
  phase?: string | undefined;
  plan?: string | undefined;
}

/** Flags of `update cluster` → options; reads the plan file where one is named. Throws FILE_NOT_READABLE, INVALID_PLAN_FILE, INVALID_USAGE, INVALID_BUDGET. */
export async function updateOptions(flags: UpdateFlags): Promise<UpdateOptions> {
  const prices = await costOptions(flags);
  if (flags.plan !== undefined) return { ...prices, saved: parseSavedPlan(await readInput(flags.plan), flags.plan) };
  return {
    ...prices,
    prune: flags.prune ?? false,
    instanceGroups: flags['instance-group'] ?? [],
    instanceGroupRoles: flags['instance-group-roles'] ?? [],
    lifecycleOverrides: flags['lifecycle-overrides'] ?? [],
    ...(flags.phase === undefined ? {} : { phase: flags.phase as Phase }),
  };
}
