import type { Provider } from '../cloud/provider.ts';
import { resourceKey } from '../cloud/resource.ts';
import { isKopsError } from '../lib/errors.ts';
import { applyPlan } from '../plan/apply-plan.ts';
import { type Plan, pendingChanges } from '../plan/plan.ts';
import type { Lock } from '../state/lock.ts';
import { recordApplied } from './applied-state.ts';
import { judgeSpecs, requireWithinBudget } from './budget.ts';
import { type ClusterContext, clusterContext, withProvider } from './cluster-context.ts';
import { ensureKeysets } from './ensure-keysets.ts';
import { type AccessOptions, exportKubeconfig } from './export-kubeconfig.ts';
import { hasContext } from './kubeconfig-file.ts';
import type { Operator } from './operator.ts';
import { type ClusterPlan, planCluster } from './plan-cluster.ts';
import { planScope, type ScopeOptions, type ScopeSubject } from './plan-scope.ts';
import { type PlanCost, type PriceOptions, pricePlan, refreshIfAsked } from './price-plan.ts';
import { requireSamePlan, type SavedPlan } from './saved-plan.ts';
import { readSpecs, withLock } from './stored-clusters.ts';

export interface UpdateOptions extends ScopeOptions, PriceOptions {
  /** Only this plan, with its own scope: refused (PLAN_STALE) when an update would now do something else. */
  saved?: SavedPlan;
  /** A preview of a cluster that was only just stored: no call of the cloud is made. */
  fresh?: boolean;
}

export interface ApplyOptions extends UpdateOptions {
  kubeconfig: boolean;
  /** Writes the kubeconfig also where nothing changed. */
  access?: AccessOptions;
}

export interface PlannedUpdate {
  plan: Plan;
  cost: PlanCost;
}

export interface AppliedUpdate extends PlannedUpdate {
  /** The cluster's API had no address before. */
  first: boolean;
  /** Where the way in was written; undefined when it was not asked for, there is none yet, or nothing changed and kubectl has it. */
  kubeconfig?: string;
}

/** What an update would change and cost. Changes nothing. Throws OverBudgetError for a spec that is too dear; `cost.overBudget` is for the caller to judge. */
export async function previewUpdate(operator: Operator, name: string, options: UpdateOptions = {}): Promise<PlannedUpdate> {
  const stored = await readSpecs(operator, name);
  const context = await clusterContext(operator, stored);
  return withProvider(operator, context, async (provider) => (await planAndPrice(operator, context, provider, options)).update);
}

/**
 * Plans under the cluster's lock and carries the plan out. `onPlanned` is told before anything changes.
 * Stopped or failed anywhere, the same call goes on from there.
 */
export async function applyUpdate(operator: Operator, name: string, options: ApplyOptions & { onPlanned?(update: PlannedUpdate): void }): Promise<AppliedUpdate> {
  return withLock(operator, name, 'update cluster', async (lock) => {
    const stored = await readSpecs(operator, name);
    const context = await clusterContext(operator, stored, { apply: true });
    await ensureKeysets(operator, context);
    return withProvider(operator, context, async (provider) => {
      const { update, planned } = await planAndPrice(operator, context, provider, options);
      options.onPlanned?.(update);
      requireWithinBudget(name, update.cost);
      const changes = pendingChanges(update.plan).length;
      const first = planned.actual.length === 0 || (await provider.apiEndpoint(name)) === undefined;
      await carryOut(operator, update.plan, provider, lock);
      if (changes > 0) await operator.store.files(name).putCompleted(context.completed.cluster);
      const known = changes === 0 && !options.access && (await hasContext(name, operator.environment));
      if (!options.kubeconfig || known) return { ...update, first };
      const exported = await ifApplied(exportKubeconfig(operator, name, { provider, ...options.access }));
      return { ...update, first, ...(exported ? { kubeconfig: exported.path } : {}) };
    });
  });
}

/** Undefined where nothing runs yet: an update of the network alone. */
async function ifApplied<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isKopsError(error, 'CLUSTER_NOT_APPLIED')) throw error;
    return undefined;
  }
}

/** Applies, and notes what is done even when the rest fails: a later look can tell our changes from those of others. */
async function carryOut(operator: Operator, plan: Plan, provider: Provider, lock: Lock): Promise<void> {
  const done = new Set<string>();
  try {
    await applyPlan(plan, {
      kinds: provider.kinds,
      environment: operator.environment,
      onEvent: (event) => {
        if (event.type === 'succeeded') done.add(resourceKey(event));
        operator.onEvent({ type: 'apply', event });
      },
      beforeStep: () => lock.check(),
    });
  } catch (error) {
    // The failure matters more than the note about it.
    await lock
      .check()
      .then(() => recordApplied(operator, plan, done))
      .catch(() => {});
    throw error;
  }
  await recordApplied(operator, plan, done);
}

async function planAndPrice(operator: Operator, context: ClusterContext, provider: Provider, options: UpdateOptions): Promise<{ update: PlannedUpdate; planned: ClusterPlan }> {
  const { saved } = options;
  await refreshIfAsked(operator, context, options);
  await judgeSpecs(operator, context, options);
  const scope = saved ? () => saved.scope : (subject: ScopeSubject) => planScope(options, subject);
  const planned = await planCluster(operator, context, provider, { scope, fresh: options.fresh ?? false });
  if (saved) requireSamePlan(saved, planned.plan);
  const cost = await pricePlan(operator, context, provider, planned, options);
  return { update: { plan: planned.plan, cost }, planned };
}
