import type { Deployment, ReplicaSet } from '../../../kube/objects.ts';
import { maxReplicas, replicasOf } from './limits.ts';

const prefix = 'deployment.kubernetes.io/';
export const revisionAnnotation = `${prefix}revision`;
const historyAnnotation = `${prefix}revision-history`;
export const desiredAnnotation = `${prefix}desired-replicas`;
export const maxAnnotation = `${prefix}max-replicas`;

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

export function revisionOf(object: Deployment | ReplicaSet | undefined): number {
  return Number(object?.metadata.annotations?.[revisionAnnotation] ?? 0);
}

/** The annotations of the newest ReplicaSet: the Deployment's own, the next revision, and what it was before when a rollback brings it back. */
export function newestAnnotations(deployment: Deployment, replicaSet: ReplicaSet | undefined, revision: number): Record<string, string> {
  const annotations = { ...replicaSet?.metadata.annotations };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!notCopied.has(name)) annotations[name] = value;
  const old = revisionOf(replicaSet);
  if (old < revision) {
    annotations[revisionAnnotation] = String(revision);
    if (old > 0) {
      const history = annotations[historyAnnotation];
      annotations[historyAnnotation] = history ? `${history},${old}` : String(old);
    }
  }
  if (!replicaSet) Object.assign(annotations, scaleAnnotations(deployment));
  return annotations;
}

/** What the ReplicaSet's share was computed from; a difference tells that the Deployment was scaled since. */
export function scaleAnnotations(deployment: Deployment): Record<string, string> {
  return { [desiredAnnotation]: String(replicasOf(deployment)), [maxAnnotation]: String(maxReplicas(deployment)) };
}
