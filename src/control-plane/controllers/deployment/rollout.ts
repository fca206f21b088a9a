import type { KubeClient } from '../../../kube/client.ts';
import type { EventRecorder } from '../../../kube/event-recorder.ts';
import type { Condition, Deployment, ReplicaSet } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { type Clock, parseTime, timestamp } from '../../../lib/clock.ts';
import { deepEqual } from '../../../lib/json.ts';
import { withCondition } from '../conditions.ts';
import { replicasOf } from './limits.ts';
import { scaleAnnotations } from './revision.ts';

/** One look at a Deployment: what was seen, what is being changed. */
export interface Rollout {
  client: KubeClient;
  recorder: EventRecorder;
  clock: Clock;
  deployment: Deployment;
  /** Conditions as they will be written with the status. */
  conditions: Condition[];
  collisionCount: number | undefined;
  /** The ReplicaSet with the Deployment's template, once it exists. */
  newest: ReplicaSet | undefined;
  /** The others, oldest first. */
  old: ReplicaSet[];
}

export function allReplicaSets({ newest, old }: Rollout): ReplicaSet[] {
  return newest ? [...old, newest] : old;
}

export function totalReplicas(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);
}

export function totalStatus(replicaSets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number {
  return replicaSets.reduce((sum, replicaSet) => sum + (replicaSet.status?.[field] ?? 0), 0);
}

export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const difference = parseTime(a.metadata.creationTimestamp ?? '') - parseTime(b.metadata.creationTimestamp ?? '');
  return difference || (a.metadata.name < b.metadata.name ? -1 : 1);
}

export function setCondition(rollout: Rollout, condition: Condition): void {
  rollout.conditions = withCondition(rollout.conditions, { ...condition, lastUpdateTime: timestamp(rollout.clock) }, rollout.clock);
}

/** True when something was changed. The event tells of the change, the rollout gets the new state. */
export async function scaleReplicaSet(rollout: Rollout, replicaSet: ReplicaSet, replicas: number): Promise<boolean> {
  const { client, recorder, deployment } = rollout;
  const annotations = { ...replicaSet.metadata.annotations, ...scaleAnnotations(deployment) };
  const before = replicasOf(replicaSet);
  if (before === replicas && deepEqual(annotations, replicaSet.metadata.annotations)) return false;
  const changed = { ...replicaSet, metadata: { ...replicaSet.metadata, annotations }, spec: { ...replicaSet.spec, replicas } };
  replace(rollout, await client.update<ReplicaSet>(resourceTypes.replicaSets, changed));
  if (before === replicas) return false;
  const direction = before < replicas ? 'up' : 'down';
  recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`);
  return true;
}

/** The server's answer takes the place of what was known. */
export function replace(rollout: Rollout, replicaSet: ReplicaSet): void {
  const uid = replicaSet.metadata.uid;
  if (rollout.newest?.metadata.uid === uid) rollout.newest = replicaSet;
  rollout.old = rollout.old.map((other) => (other.metadata.uid === uid ? replicaSet : other));
}
