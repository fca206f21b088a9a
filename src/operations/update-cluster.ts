import type { Provider } from '../cloud/provider.ts';
import { applyPlan } from '../plan/apply-plan.ts';
import { type Plan, pendingChanges } from '../plan/plan.ts';
import { type ClusterContext, clusterContext, withProvider } from './cluster-context.ts';
import { exportKubeconfig } from './export-kubeconfig.ts';
import { hasContext } from './kubeconfig-file.ts';
import type { Operator } from './operator.ts';
import { type ClusterPlan, planCluster } from './plan-cluster.ts';
import { type PlanCost, pricePlan } from './price-plan.ts';
import { readKeysets, readSpecs, withLock } from './stored-clusters.ts';

export interface UpdateOptions {
  /** `aws:us-east-1` */
  priceAs?: string;
}

export interface PlannedUpdate {
  plan: Plan;
  cost: PlanCost;
}

export interface AppliedUpdate extends PlannedUpdate {
  /** Nothing of the cluster existed before. */
  first: boolean;
  /** Where the way in was written; undefined when it was not asked for, or nothing changed and kubectl has it. */
  kubeconfig?: string;
}

/** What an update would change and cost. Changes nothing. */
export async function previewUpdate(operator: Operator, name: string, options: UpdateOptions = {}): Promise<PlannedUpdate> {
  const stored = await readSpecs(operator, name);
  const context = await clusterContext(operator, stored);
  return withProvider(operator, context, async (provider) => (await planAndPrice(operator, context, provider, options)).update);
}

/**
 * Plans under the cluster's lock and carries the plan out. `onPlanned` is told before anything changes.
 * Stopped or failed anywhere, the same call goes on from there.
 */
export async function applyUpdate(
  operator: Operator,
  name: string,
  options: UpdateOptions & { kubeconfig: boolean; onPlanned?(update: PlannedUpdate): void },
): Promise<AppliedUpdate> {
  return withLock(operator, name, 'update cluster', async (lock) => {
    const stored = await readSpecs(operator, name);
    const context = await clusterContext(operator, stored);
    return withProvider(operator, context, async (provider) => {
      const { update, planned } = await planAndPrice(operator, context, provider, options);
      options.onPlanned?.(update);
      const { environment } = operator;
      const changes = pendingChanges(update.plan).length;
      if (changes > 0) {
        await applyPlan(update.plan, {
          kinds: provider.kinds,
          environment,
          onEvent: (event) => operator.onEvent({ type: 'apply', event }),
          beforeStep: () => lock.check(),
        });
        await operator.store.files(name).putCompleted(context.completed.cluster);
      }
      const first = planned.actual.length === 0;
      if (!options.kubeconfig || (changes === 0 && (await hasContext(name, environment)))) return { ...update, first };
      const { path } = await exportKubeconfig(operator, name, { provider });
      return { ...update, first, kubeconfig: path };
    });
  });
}

async function planAndPrice(operator: Operator, context: ClusterContext, provider: Provider, options: UpdateOptions): Promise<{ update: PlannedUpdate; planned: ClusterPlan }> {
  const planned = await planCluster(operator, context, provider, await readKeysets(operator, context.name));
  const cost = await pricePlan(operator, context, provider, planned, options.priceAs);
  return { update: { plan: planned.plan, cost }, planned };
}
