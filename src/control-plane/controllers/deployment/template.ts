import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../../kube/objects.ts';
import { canonicalJson, deepEqual } from '../../../lib/json.ts';

export const hashLabel = 'pod-template-hash';

// Kubernetes' alphabet for generated names: no vowels, no look-alikes.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Equal templates give equal hashes, on every machine and in every version. `collisionCount` leads out of a clash of names. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(canonicalJson(template) + (collisionCount ?? ''))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

/** Whether a ReplicaSet was made from this very template. */
export function sameTemplate(replicaSet: ReplicaSet, deployment: Deployment): boolean {
  return deepEqual(withoutHash(replicaSet.spec.template), withoutHash(deployment.spec.template));
}

function withoutHash(template: PodTemplateSpec): unknown {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { spec: template.spec, metadata: { ...template.metadata, labels, creationTimestamp: undefined } };
}
