import type { Pod } from '../../../kube/objects.ts';
import { isEnded } from '../pods.ts';
import { replicasOf } from './limits.ts';
import { ensureNewest } from './newest-replica-set.ts';
import { scaleAllToZero } from './rolling-update.ts';
import { type Rollout, scaleReplicaSet } from './rollout.ts';

/** All old pods end before the first new one begins. */
export async function recreate(rollout: Rollout, podsOf: (replicaSetUid: string) => readonly Pod[]): Promise<void> {
  await ensureNewest(rollout, false);
  if (await scaleAllToZero(rollout, rollout.old)) return;
  const running = rollout.old.some(({ metadata }) => podsOf(metadata.uid ?? '').some((pod) => !isEnded(pod)));
  if (running) return;
  if (!rollout.newest) await ensureNewest(rollout, true);
  if (rollout.newest) await scaleReplicaSet(rollout, rollout.newest, replicasOf(rollout.deployment));
}
