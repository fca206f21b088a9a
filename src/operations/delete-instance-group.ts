import type { Provider } from '../cloud/provider.ts';
import type { ActualResource } from '../cloud/resource.ts';
import { KopsError } from '../lib/errors.ts';
import { deleteAll } from '../plan/delete-all.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { openStoredCluster } from './cluster-context.ts';
import { requireGroup } from './edit-objects.ts';
import type { Operator } from './operator.ts';
import { withLock } from './stored-clusters.ts';

/**
 * Lists what an instance group owns in the cloud; with `apply` deletes it at once, without draining, then the group itself.
 * Throws INSTANCE_GROUP_NOT_FOUND, LAST_CONTROL_PLANE. Stopped anywhere, the same call goes on from there.
 */
export function deleteInstanceGroup(
  operator: Operator,
  cluster: string,
  name: string,
  options: { apply: boolean; onListed?(resources: readonly ActualResource[]): void },
): Promise<ActualResource[]> {
  const run = (beforeStep?: () => Promise<void>) =>
    openStoredCluster(operator, cluster, async (provider, user) => {
      requireDeletable(operator, user, name);
      const owned = await ownedBy(operator, provider, cluster, name);
      options.onListed?.(owned);
      if (!beforeStep) return owned;
      await deleteAll({
        inventory: () => ownedBy(operator, provider, cluster, name),
        kinds: provider.kinds,
        environment: operator.environment,
        onEvent: (event) => operator.onEvent({ type: 'apply', event }),
        beforeStep,
      });
      await beforeStep();
      await operator.store.deleteInstanceGroup(cluster, name);
      return owned;
    });
  return options.apply ? withLock(operator, cluster, 'delete instancegroup', (lock) => run(() => lock.check())) : run();
}

async function ownedBy(operator: Operator, provider: Provider, cluster: string, name: string): Promise<ActualResource[]> {
  return (await provider.inventory(cluster, operator.environment.signal)).filter((resource) => resource.owned && resource.instanceGroup === name);
}

/** kops' only guard; what else the cluster's spec says of the group is warned of. */
function requireDeletable(operator: Operator, user: UserSpecs, name: string): void {
  const group = requireGroup(user, name);
  if (group.spec.role !== 'Master') return;
  const cluster = user.cluster.metadata.name;
  if (user.instanceGroups.filter((other) => other.spec.role === 'Master').length === 1) {
    throw new KopsError(`cannot delete the only control plane instance group: ${name} of ${cluster}`, {
      code: 'LAST_CONTROL_PLANE',
      exit: 'conflict',
      object: name,
      suggestions: [`To delete everything: kops-ts delete cluster ${cluster} --yes`],
    });
  }
  const member = user.cluster.spec.etcdClusters?.some((etcd) => etcd.etcdMembers.some((one) => one.instanceGroup === name));
  if (member) operator.onEvent({ type: 'warning', message: `${name} has members of etcd clusters: take them out of the spec with kops-ts edit cluster ${cluster}` });
}
