import { controllerOf, controllerReference, type ReplicaSet } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { messageOf } from '../../../lib/errors.ts';
import { deepEqual } from '../../../lib/json.ts';
import { conditionOf } from '../conditions.ts';
import { replicasOf, rollingLimits } from './limits.ts';
import { newestAnnotations, revisionAnnotation, revisionOf } from './revision.ts';
import { allReplicaSets, type Rollout, replace, setCondition, totalReplicas } from './rollout.ts';
import { hashLabel, sameTemplate, templateHash } from './template.ts';

/** A clash of names: the status has to carry the new collision count before the next try. */
export class HashCollision extends Error {}

/** Brings the newest ReplicaSet up to date, or makes it (`create`), and numbers the Deployment after it. */
export async function ensureNewest(rollout: Rollout, create: boolean): Promise<void> {
  const revision = Math.max(0, ...rollout.old.map(revisionOf)) + 1;
  if (rollout.newest) await updateNewest(rollout, rollout.newest, revision);
  else if (create) await createNewest(rollout, revision);
  if (rollout.newest) await setRevision(rollout, rollout.newest);
}

async function updateNewest(rollout: Rollout, newest: ReplicaSet, revision: number): Promise<void> {
  const { client, deployment } = rollout;
  const annotations = newestAnnotations(deployment, newest, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (!deepEqual(annotations, newest.metadata.annotations) || (newest.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const changed = { ...newest, metadata: { ...newest.metadata, annotations }, spec: { ...newest.spec, minReadySeconds } };
    replace(rollout, await client.update<ReplicaSet>(resourceTypes.replicaSets, changed));
  }
  if (conditionOf(rollout.conditions, 'Progressing')) return;
  setCondition(rollout, { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set "${newest.metadata.name}"` });
}

async function createNewest(rollout: Rollout, revision: number): Promise<void> {
  const { client, deployment, recorder } = rollout;
  const replicaSet = replicaSetFor(rollout, revision);
  try {
    rollout.newest = await client.create<ReplicaSet>(resourceTypes.replicaSets, replicaSet);
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) {
      rollout.newest = await existing(rollout, replicaSet.metadata.name);
      return;
    }
    setCondition(rollout, {
      type: 'Progressing',
      status: 'False',
      reason: 'ReplicaSetCreateError',
      message: `Failed to create new replica set "${replicaSet.metadata.name}": ${messageOf(error)}`,
    });
    throw error;
  }
  const replicas = replicasOf(replicaSet);
  if (replicas > 0) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${replicaSet.metadata.name} from 0 to ${replicas}`);
  setCondition(rollout, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set "${replicaSet.metadata.name}"` });
}

/** Made by us a moment ago and not yet seen, or a clash. */
async function existing(rollout: Rollout, name: string): Promise<ReplicaSet> {
  const { client, deployment } = rollout;
  const found = await client.get<ReplicaSet>(resourceTypes.replicaSets, deployment.metadata.namespace, name);
  if (controllerOf(found)?.uid === deployment.metadata.uid && sameTemplate(found, deployment)) return found;
  rollout.collisionCount = (rollout.collisionCount ?? 0) + 1;
  throw new HashCollision(`the name ${name} is taken by another ReplicaSet`);
}

function replicaSetFor(rollout: Rollout, revision: number): ReplicaSet {
  const { deployment, collisionCount } = rollout;
  const { name, namespace } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, collisionCount);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: newestAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newestReplicas(rollout),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
      ...(minReadySeconds ? { minReadySeconds } : {}),
    },
  };
}

/** How many pods the newest ReplicaSet may have now: all, or what the surge leaves room for. */
export function newestReplicas(rollout: Rollout): number {
  const { deployment, newest } = rollout;
  const wanted = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return wanted;
  const current = newest ? replicasOf(newest) : 0;
  const room = wanted + rollingLimits(deployment).maxSurge - totalReplicas(allReplicaSets(rollout));
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

async function setRevision({ client, deployment }: Rollout, newest: ReplicaSet): Promise<void> {
  const revision = newest.metadata.annotations?.[revisionAnnotation];
  if (revision === undefined || deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
  const { namespace, name, uid } = deployment.metadata;
  await client.patch(resourceTypes.deployments, namespace, name, { metadata: { uid, annotations: { [revisionAnnotation]: revision } } }, 'application/merge-patch+json');
}
