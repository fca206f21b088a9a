import type { KubeClient } from '../../../kube/client.ts';
import type { EventRecorder } from '../../../kube/event-recorder.ts';
import { controllerReference, type Pod, type ReplicaSet } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { messageOf } from '../../../lib/errors.ts';
import { slowStart } from '../batches.ts';
import type { Expectations } from '../expectations.ts';
import { podsToDelete } from './rank-pods.ts';

/** So that one ReplicaSet does not keep everybody else waiting. */
const burst = 500;

export interface ManageReplicasOptions {
  client: KubeClient;
  recorder: EventRecorder;
  expectations: Expectations;
  replicaSet: ReplicaSet;
  key: string;
  active: readonly Pod[];
  related: readonly Pod[];
  nowMs: number;
}

/** Creates or deletes the pods that are missing or too many. Gives the failure, if there was one. */
export async function manageReplicas(options: ManageReplicasOptions): Promise<unknown> {
  const missing = (options.replicaSet.spec.replicas ?? 1) - options.active.length;
  if (missing > 0) return createPods(options, Math.min(missing, burst));
  if (missing < 0) return deletePods(options, Math.min(-missing, burst));
  return undefined;
}

async function createPods({ client, recorder, expectations, replicaSet, key }: ManageReplicasOptions, count: number): Promise<unknown> {
  expectations.expectCreations(key, count);
  const template = podOf(replicaSet);
  const { succeeded, error } = await slowStart(Array.from({ length: count }), async () => {
    const pod = await client.create<Pod>(resourceTypes.pods, template);
    recorder.event(replicaSet, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  });
  expectations.created(key, count - succeeded);
  // A namespace on its way out takes no pods, and that is no failure.
  if (error === undefined || isTerminating(error)) return undefined;
  recorder.event(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
  return error;
}

async function deletePods({ client, recorder, expectations, replicaSet, key, active, related, nowMs }: ManageReplicasOptions, count: number): Promise<unknown> {
  const chosen = podsToDelete(active, related, count, nowMs);
  expectations.expectDeletions(
    key,
    chosen.map(({ metadata }) => metadata.uid ?? ''),
  );
  const results = await Promise.allSettled(
    chosen.map(async (pod) => {
      try {
        await client.delete(resourceTypes.pods, pod.metadata.namespace, pod.metadata.name, { preconditions: { uid: pod.metadata.uid ?? '' } });
        recorder.event(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      } catch (error) {
        expectations.deleted(key, pod.metadata.uid ?? '');
        if (isStatus(error, 'NotFound', 'Conflict')) return;
        recorder.event(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
        throw error;
      }
    }),
  );
  return results.find((result) => result.status === 'rejected')?.reason;
}

function podOf({ metadata, spec, ...rest }: ReplicaSet): Pod {
  const { labels, annotations, finalizers } = spec.template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      // The server makes the name from generateName.
      name: '',
      generateName: `${metadata.name}-`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference({ metadata, spec, ...rest })],
    },
    spec: spec.template.spec,
  };
}

function isTerminating(error: unknown): boolean {
  return isStatus(error, 'Forbidden') && (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false);
}
