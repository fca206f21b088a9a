import { nodeDocuments } from '../bootstrap/node-documents.ts';
import type { Provider } from '../cloud/provider.ts';
import type { ActualResource, DesiredResource } from '../cloud/resource.ts';
import { formatKeyset, type Keyset, keysetNames, trustBundle } from '../pki/keyset.ts';
import { buildPlan } from '../plan/build-plan.ts';
import type { Plan, PlanScope } from '../plan/plan.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import type { ScopeSubject } from './plan-scope.ts';

export interface ClusterPlan {
  plan: Plan;
  desired: DesiredResource[];
  actual: ActualResource[];
}

type Keysets = Readonly<Record<string, Keyset>>;

/** What must change for the cloud to be as the specs say. Changes nothing. */
export async function planCluster(
  operator: Operator,
  context: ClusterContext,
  provider: Provider,
  keysets: Keysets,
  chooseScope: (subject: ScopeSubject) => PlanScope = () => ({ prune: false }),
): Promise<ClusterPlan> {
  const { name: clusterName, completed, region } = context;
  const { kinds } = provider;
  const desired = desiredResources(context, provider, keysets);
  const actual = await provider.inventory(clusterName, operator.environment.signal);
  const scope = chooseScope({ clusterName, groups: completed.instanceGroups, actual, kinds });
  return { plan: buildPlan({ clusterName, provider: context.module.name, region, desired, actual, kinds, scope }), desired, actual };
}

/** What the cloud should hold. Pure. */
export function desiredResources({ completed, module }: ClusterContext, provider: Provider, keysets: Keysets): DesiredResource[] {
  const authority = keysets[keysetNames.certificateAuthority];
  const { documents, userData } = nodeDocuments({
    completed,
    provider: module.name,
    keysets: Object.fromEntries(Object.entries(keysets).map(([keyset, value]) => [keyset, formatKeyset(value)])),
    certificateAuthority: authority ? trustBundle(authority) : '',
    store: 'wal',
  });
  return provider.model({ completed, userData, documents });
}
