import type { Pod } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { messageOf } from '../../lib/errors.ts';
import type { KubeletContext } from './kubelet-context.ts';

const retryMs = 1_000;

/** Takes the object out of the API after its containers have ended; tries again until it is gone or the kubelet stops. */
export async function deletePod(context: KubeletContext, pod: Pod, stopped: () => boolean): Promise<void> {
  const { client, environment } = context;
  const { namespace, name, uid } = pod.metadata;
  while (!stopped()) {
    try {
      await client.delete(resourceTypes.pods, namespace, name, { gracePeriodSeconds: 0, ...(uid ? { preconditions: { uid } } : {}) });
      return;
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Conflict')) return;
      environment.log.warn('a pod was not deleted', { pod: `${namespace}/${name}`, error: messageOf(error) });
    }
    await environment.clock.sleep(retryMs);
  }
}
