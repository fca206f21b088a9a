import type { ProviderModule } from '../cloud/provider.ts';
import { createKeyset, etcdKeysetNames, keysetNames } from '../pki/keyset.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { storeOf } from './plan-cluster.ts';

/** Key sets of a new cluster. On machines of its own it may have several members of etcd before it is made. */
export function newKeysetNames({ openInstance }: ProviderModule): string[] {
  return [...Object.values(keysetNames), ...(openInstance ? Object.values(etcdKeysetNames) : [])];
}

/** Makes key sets that the cluster needs and that were unknown when it was stored. */
export async function ensureKeysets(operator: Operator, { name, module, completed }: ClusterContext): Promise<void> {
  if (storeOf(completed, module).store !== 'etcd') return;
  const files = operator.store.files(name);
  const stored = await files.listKeysets();
  const missing = Object.values(etcdKeysetNames).filter((keyset) => !stored.includes(keyset));
  await Promise.all(missing.map(async (keyset) => files.putKeyset(await createKeyset(keyset, operator.environment), 'create')));
}
