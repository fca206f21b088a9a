import { nodeDocuments } from '../bootstrap/node-documents.ts';
import type { Provider } from '../cloud/provider.ts';
import type { ActualResource, DesiredResource } from '../cloud/resource.ts';
import { formatKeyset, type Keyset, keysetNames, trustBundle } from '../pki/keyset.ts';
import { buildPlan } from '../plan/build-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';

export interface ClusterPlan {
  plan: Plan;
  desired: DesiredResource[];
  actual: ActualResource[];
}

/** What must change for the cloud to be as the specs say. Changes nothing. */
export async function planCluster(operator: Operator, context: ClusterContext, provider: Provider, keysets: Readonly<Record<string, Keyset>>): Promise<ClusterPlan> {
  const { name, completed, region } = context;
  const authority = keysets[keysetNames.certificateAuthority];
  const { documents, userData } = nodeDocuments({
    completed,
    provider: context.module.name,
    keysets: Object.fromEntries(Object.entries(keysets).map(([keyset, value]) => [keyset, formatKeyset(value)])),
    certificateAuthority: authority ? trustBundle(authority) : '',
    store: 'wal',
  });
  const desired = provider.model({ completed, userData, documents });
  const actual = await provider.inventory(name, operator.environment.signal);
  return { plan: buildPlan({ clusterName: name, provider: context.module.name, region, desired, actual, kinds: provider.kinds }), desired, actual };
}
