import type { Provider } from '../cloud/provider.ts';
import type { ActualResource } from '../cloud/resource.ts';
import { deleteAll } from '../plan/delete-all.ts';
import { cloudContext, withProvider } from './cluster-context.ts';
import { removeFromKubeconfigFiles } from './kubeconfig-file.ts';
import type { Operator } from './operator.ts';
import { withLock } from './stored-clusters.ts';

export interface DeleteOptions {
  /** Without it nothing is deleted: only listed. */
  apply: boolean;
  /** Forget the cluster, leave the cloud as it is. */
  unregister?: boolean;
  /** Told what will go before anything does. */
  onListed?(resources: readonly ActualResource[]): void;
}

/**
 * Lists what the cluster owns in the cloud; with `apply` deletes it, dependents first, looking again until nothing is left; then the state, then
 * the kubeconfig's context. Stopped or failed anywhere, the same call goes on from there.
 */
export async function deleteCluster(operator: Operator, name: string, options: DeleteOptions): Promise<ActualResource[]> {
  if (!options.apply) return options.unregister ? [] : withCloud(operator, name, (provider) => ownedResources(operator, name, provider));
  return withLock(operator, name, 'delete cluster', async (lock) => {
    const owned = options.unregister ? [] : await withCloud(operator, name, (provider) => deleteFromCloud(operator, name, provider, options, () => lock.check()));
    await lock.check();
    await operator.store.deleteCluster(name);
    for (const path of await removeFromKubeconfigFiles(name, operator.environment)) operator.onEvent({ type: 'step', message: `Context ${name} removed from ${path}` });
    return owned;
  });
}

async function deleteFromCloud(operator: Operator, name: string, provider: Provider, options: DeleteOptions, beforeStep: () => Promise<void>): Promise<ActualResource[]> {
  const owned = await ownedResources(operator, name, provider);
  options.onListed?.(owned);
  await deleteAll({
    inventory: () => provider.inventory(name, operator.environment.signal),
    kinds: provider.kinds,
    environment: operator.environment,
    onEvent: (event) => operator.onEvent({ type: 'apply', event }),
    beforeStep,
  });
  await provider.forget?.(name);
  return owned;
}

async function ownedResources(operator: Operator, name: string, provider: Provider): Promise<ActualResource[]> {
  return (await provider.inventory(name, operator.environment.signal)).filter((resource) => resource.owned);
}

/** The cluster's own object is all that is needed: broken instance groups do not keep a cluster alive. */
async function withCloud<T>(operator: Operator, name: string, use: (provider: Provider) => Promise<T>): Promise<T> {
  const { value } = await operator.store.getCluster(name);
  return withProvider(operator, await cloudContext(operator, value), use);
}
