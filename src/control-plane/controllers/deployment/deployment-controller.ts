import { controllerOf, type Deployment, keyOf, objectKey, type Pod, type ReplicaSet } from '../../../kube/objects.ts';
import { ownerIndex } from '../../../kube/owner-index.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { matchesLabels, selectorOf } from '../../../kube/selectors.ts';
import { isStatus } from '../../../kube/status.ts';
import { deepEqual } from '../../../lib/json.ts';
import { claimOwned } from '../claim.ts';
import { conditionOf } from '../conditions.ts';
import { type ControllerContext, type StartController, stopAll } from '../controller.ts';
import { countStatus, isComplete, rolloutStatus, trimmed } from './deployment-status.ts';
import { isRollingUpdate, replicasOf } from './limits.ts';
import { ensureNewest } from './newest-replica-set.ts';
import { scale, wasScaled } from './proportional-scaling.ts';
import { recreate } from './recreate.ts';
import { revisionOf } from './revision.ts';
import { rollOut } from './rolling-update.ts';
import { byCreation, type Rollout, setCondition } from './rollout.ts';
import { sameTemplate } from './template.ts';

/** Moves a Deployment's pods to its template, within the limits of its strategy. */
export const startDeploymentController: StartController = (context) => {
  const { client, informers, environment } = context;
  const deployments = informers.for<Deployment>(resourceTypes.deployments);
  const replicaSets = informers.for<ReplicaSet>(resourceTypes.replicaSets);
  const pods = informers.for<Pod>(resourceTypes.pods);
  const owned = ownerIndex(replicaSets);
  const ownedPods = ownerIndex(pods);
  const recorder = context.recorder('deployment-controller');
  const queue = context.queue('deployment', reconcile);

  async function reconcile(key: string): Promise<void> {
    const deployment = deployments.get(key);
    if (!deployment) return;
    const selector = selectorOf(deployment.spec.selector);
    const claimed = await claimOwned({ client, owner: deployment, ownerType: resourceTypes.deployments, type: resourceTypes.replicaSets, index: owned, selector });
    const sorted = claimed.sort(byCreation);
    const newest = sorted.find((replicaSet) => sameTemplate(replicaSet, deployment));
    const rollout: Rollout = {
      client,
      recorder,
      clock: environment.clock,
      deployment,
      conditions: [...(deployment.status?.conditions ?? [])],
      collisionCount: deployment.status?.collisionCount,
      newest,
      old: sorted.filter((replicaSet) => replicaSet !== newest),
    };
    if (deployment.metadata.deletionTimestamp !== undefined) return writeStatus(context, rollout, trimmed(countStatus(rollout)));
    const checkInMs = await step(rollout);
    if (checkInMs !== undefined) queue.addAfter(key, checkInMs);
  }

  async function step(rollout: Rollout): Promise<number | undefined> {
    const { deployment } = rollout;
    notePause(rollout);
    if (deployment.spec.paused || wasScaled(rollout)) {
      await ensureNewest(rollout, false);
      await scale(rollout);
      if (deployment.spec.paused) await cleanUp(context, rollout);
      await writeStatus(context, rollout, trimmed(countStatus(rollout)));
      return undefined;
    }
    try {
      if (isRollingUpdate(deployment)) await rollOut(rollout);
      else await recreate(rollout, (uid) => ownedPods.ownedBy(uid));
    } catch (error) {
      // What went wrong stands in the conditions, a clash of names in the status: both have to get out.
      await writeStatus(context, rollout, rolloutStatus(rollout).status);
      throw error;
    }
    const { status, checkInMs } = rolloutStatus(rollout);
    await writeStatus(context, rollout, status);
    if (isComplete(deployment, { replicas: 0, updatedReplicas: 0, availableReplicas: 0, ...status })) await cleanUp(context, rollout);
    return checkInMs;
  }

  const replicaSetChanged = (replicaSet: ReplicaSet) => {
    const key = ownerKey(replicaSet, 'Deployment');
    if (key !== undefined) return queue.add(key);
    if (controllerOf(replicaSet)) return;
    for (const deployment of deployments.list()) {
      const same = deployment.metadata.namespace === replicaSet.metadata.namespace;
      if (same && matchesLabels(selectorOf(deployment.spec.selector), replicaSet.metadata.labels)) queue.add(objectKey(deployment));
    }
  };
  /** Recreate waits for the last old pod. */
  const podGone = (pod: Pod) => {
    const replicaSet = replicaSets.get(ownerKey(pod, 'ReplicaSet') ?? '');
    const deployment = replicaSet && deployments.get(ownerKey(replicaSet, 'Deployment') ?? '');
    if (deployment && !isRollingUpdate(deployment)) queue.add(objectKey(deployment));
  };
  const add = (deployment: Deployment) => queue.add(objectKey(deployment));
  return stopAll([
    queue,
    deployments.handle({ add, update: (_old, deployment) => add(deployment), deleted: add }),
    replicaSets.handle({ add: replicaSetChanged, update: (_old, replicaSet) => replicaSetChanged(replicaSet), deleted: replicaSetChanged }),
    pods.handle({ deleted: podGone, update: (old, pod) => old.status?.phase !== pod.status?.phase && podGone(pod) }),
  ]);
};

function ownerKey(object: Pod | ReplicaSet, kind: string): string | undefined {
  const owner = controllerOf(object);
  return owner?.kind === kind ? keyOf(object.metadata.namespace, owner.name) : undefined;
}

function notePause(rollout: Rollout): void {
  const { deployment } = rollout;
  if (deployment.spec.progressDeadlineSeconds === undefined) return;
  const reason = conditionOf(rollout.conditions, 'Progressing')?.reason;
  if (reason === 'ProgressDeadlineExceeded') return;
  if (deployment.spec.paused && reason !== 'DeploymentPaused') {
    setCondition(rollout, { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
  } else if (!deployment.spec.paused && reason === 'DeploymentPaused') {
    setCondition(rollout, { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' });
  }
}

async function writeStatus({ client }: ControllerContext, { deployment }: Rollout, status: NonNullable<Deployment['status']>): Promise<void> {
  if (deepEqual(status, deployment.status)) return;
  const { uid, name, namespace } = deployment.metadata;
  // A patch with the version we saw would clash with our own revision annotation; the counts replace what was there as a whole.
  const absent = Object.fromEntries(Object.keys(deployment.status ?? {}).map((field) => [field, null]));
  await client.patch(resourceTypes.deployments, namespace, name, { metadata: { uid }, status: { ...absent, ...status } }, 'application/merge-patch+json', {
    subresource: 'status',
  });
}

/** Old ReplicaSets beyond the history limit go, lowest revision first. */
async function cleanUp({ client }: ControllerContext, { deployment, old }: Rollout): Promise<void> {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const done = old
    .filter((replicaSet) => replicaSet.metadata.deletionTimestamp === undefined && replicasOf(replicaSet) === 0 && !replicaSet.status?.replicas)
    .filter(({ metadata, status }) => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0))
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const { metadata } of done.slice(0, Math.max(0, done.length - limit))) {
    try {
      await client.delete(resourceTypes.replicaSets, metadata.namespace, metadata.name, { preconditions: { uid: metadata.uid ?? '' } });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
