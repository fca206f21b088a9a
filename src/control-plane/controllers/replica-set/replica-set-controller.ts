import type { InformerHandler } from '../../../kube/informer.ts';
import { controllerOf, keyOf, objectKey, type Pod, type ReplicaSet } from '../../../kube/objects.ts';
import { ownerIndex } from '../../../kube/owner-index.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { matchesLabels, selectorOf } from '../../../kube/selectors.ts';
import { deepEqual } from '../../../lib/json.ts';
import { claimOwned } from '../claim.ts';
import { type StartController, stopAll } from '../controller.ts';
import { Expectations } from '../expectations.ts';
import { isActive } from '../pods.ts';
import { manageReplicas } from './manage-replicas.ts';
import { replicaSetStatus } from './replica-set-status.ts';

/** Keeps as many pods as a ReplicaSet asks for. */
export const startReplicaSetController: StartController = (context) => {
  const { client, informers, environment } = context;
  const replicaSets = informers.for<ReplicaSet>(resourceTypes.replicaSets);
  const pods = informers.for<Pod>(resourceTypes.pods);
  const owned = ownerIndex(pods);
  const siblings = ownerIndex(replicaSets);
  const expectations = new Expectations(environment.clock);
  const recorder = context.recorder('replicaset-controller');
  const queue = context.queue('replicaset', reconcile, { concurrency: 10 });

  async function reconcile(key: string): Promise<void> {
    const replicaSet = replicaSets.get(key);
    if (!replicaSet) {
      expectations.forget(key);
      return;
    }
    const due = expectations.satisfied(key);
    const selector = selectorOf(replicaSet.spec.selector);
    const claimed = await claimOwned({ client, owner: replicaSet, ownerType: resourceTypes.replicaSets, type: resourceTypes.pods, index: owned, selector, adoptable: isActive });
    const active = claimed.filter(isActive);
    let failure: unknown;
    if (due && replicaSet.metadata.deletionTimestamp === undefined) {
      failure = await manageReplicas({ client, recorder, expectations, replicaSet, key, active, related: related(replicaSet), nowMs: environment.clock.now() });
    }
    const { status, againInMs } = replicaSetStatus(replicaSet, active, failure, environment.clock);
    if (!deepEqual(status, replicaSet.status)) await client.update(resourceTypes.replicaSets, { ...replicaSet, status }, { subresource: 'status' });
    if (againInMs !== undefined) queue.addAfter(key, againInMs);
    if (failure) throw failure;
  }

  /** Active pods of all ReplicaSets of the same controller: when scaling down, nodes with many of them give first. */
  function related(replicaSet: ReplicaSet): Pod[] {
    const controller = controllerOf(replicaSet);
    const family = controller ? siblings.ownedBy(controller.uid) : [replicaSet];
    return family.flatMap(({ metadata }) => owned.ownedBy(metadata.uid ?? '')).filter(isActive);
  }

  /** An orphan may belong to anybody who selects it. */
  function addSelecting(pod: Pod): void {
    for (const replicaSet of replicaSets.list()) {
      const same = replicaSet.metadata.namespace === pod.metadata.namespace;
      if (same && matchesLabels(selectorOf(replicaSet.spec.selector), pod.metadata.labels)) queue.add(objectKey(replicaSet));
    }
  }

  return stopAll([
    queue,
    replicaSets.handle({
      add: (replicaSet) => queue.add(objectKey(replicaSet)),
      update: (old, replicaSet) => {
        if (old.metadata.uid !== replicaSet.metadata.uid) expectations.forget(objectKey(old));
        queue.add(objectKey(replicaSet));
      },
      deleted: (replicaSet) => queue.add(objectKey(replicaSet)),
    }),
    pods.handle(podHandler(expectations, (key) => queue.add(key), addSelecting)),
  ]);
};

/** Notes what has come true and wakes the owners, or those who may become one. */
function podHandler(expectations: Expectations, enqueue: (key: string) => void, orphan: (pod: Pod) => void): InformerHandler<Pod> {
  const gone = (key: string, pod: Pod) => expectations.deleted(key, pod.metadata.uid ?? '');
  return {
    add: (pod) => {
      const key = ownerKey(pod);
      if (key === undefined) {
        if (!controllerOf(pod)) orphan(pod);
        return;
      }
      if (pod.metadata.deletionTimestamp === undefined) expectations.created(key);
      else gone(key, pod);
      enqueue(key);
    },
    update: (old, pod) => {
      const [before, key] = [ownerKey(old), ownerKey(pod)];
      if (before !== undefined && before !== key) enqueue(before);
      if (key === undefined) {
        if (!controllerOf(pod) && (before !== undefined || !deepEqual(old.metadata.labels, pod.metadata.labels))) orphan(pod);
        return;
      }
      if (pod.metadata.deletionTimestamp !== undefined) gone(key, pod);
      enqueue(key);
    },
    deleted: (pod) => {
      const key = ownerKey(pod);
      if (key === undefined) return;
      gone(key, pod);
      enqueue(key);
    },
  };
}

function ownerKey(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === 'ReplicaSet' ? keyOf(pod.metadata.namespace, owner.name) : undefined;
}
