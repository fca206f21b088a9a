import { createKeyset, keysetNames } from '../pki/keyset.ts';
import { assignStable } from '../spec/assign.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { clusterContext, withProvider } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { createSpecs } from './stored-clusters.ts';

/** Checks a new cluster, fixes what must never move by itself, makes its key sets and stores it. Throws CLUSTER_EXISTS, SpecError. Resolves to what was stored. */
export async function storeNewCluster(operator: Operator, wished: UserSpecs, sshKeys: readonly string[] = []): Promise<UserSpecs> {
  const { store, environment } = operator;
  const { name } = wished.cluster.metadata;
  const context = await clusterContext(operator, wished);
  // A cloud that cannot be used is found out before anything is stored.
  await withProvider(operator, context, async () => {});
  const keysets = await Promise.all(Object.values(keysetNames).map((keyset) => createKeyset(keyset, environment)));
  environment.signal.throwIfAborted();
  const stored = await createSpecs(operator, assignStable(wished, context.completed), keysets);
  for (const key of sshKeys) await store.files(name).putSshKey(key);
  return stored;
}

/** The specs as they would be stored. Stores nothing. */
export async function assigned(operator: Operator, wished: UserSpecs): Promise<UserSpecs> {
  const { completed } = await clusterContext(operator, wished);
  return assignStable(wished, completed);
}
