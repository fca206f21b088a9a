import type { KubeClient, ResourceType } from '../../../kube/client.ts';
import type { Condition, KubeObject, Namespace } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import { deepEqual } from '../../../lib/json.ts';
import { deletableResources } from '../all-resources.ts';
import { conditionOf } from '../conditions.ts';
import { type ControllerContext, type StartController, stopAll } from '../controller.ts';

const finalizer = 'kubernetes';
/** For what goes without an event that we see. */
const lookAgainMs = 15_000;

interface Remains {
  counts: Map<string, number>;
  finalizers: Map<string, number>;
  failures: string[];
}

/** Empties a namespace that is being deleted, then lets it go. */
export const startNamespaceController: StartController = (context) => {
  const { client, informers } = context;
  const namespaces = informers.for<Namespace>(resourceTypes.namespaces);
  const types = deletableResources().filter(({ namespaced }) => namespaced);
  // Pods last: what would make new ones is gone by then.
  types.sort((a, b) => Number(a.resource === 'pods') - Number(b.resource === 'pods'));
  const queue = context.queue('namespace', reconcile);

  async function reconcile(name: string): Promise<void> {
    const namespace = namespaces.get(name);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined || !namespace.spec?.finalizers?.includes(finalizer)) return;
    const remains = await empty(client, types, name);
    if (remains.counts.size === 0 && remains.failures.length === 0) return finalize(client, namespace);
    await writeConditions(context, namespace, remains);
    queue.addAfter(name, lookAgainMs);
  }

  const changed = (namespace: Namespace) => namespace.metadata.deletionTimestamp !== undefined && queue.add(namespace.metadata.name);
  const gone = ({ metadata }: KubeObject) => {
    const namespace = namespaces.get(metadata.namespace ?? '');
    if (namespace) changed(namespace);
  };
  return stopAll([
    queue,
    namespaces.handle({ add: changed, update: (_old, namespace) => changed(namespace) }),
    ...types.map((type) => informers.for(type).handle({ deleted: gone })),
  ]);
};

async function empty(client: KubeClient, types: readonly ResourceType[], namespace: string): Promise<Remains> {
  const remains: Remains = { counts: new Map(), finalizers: new Map(), failures: [] };
  for (const type of types) {
    try {
      const before = await client.list(type, { namespace });
      if (before.items.length === 0) continue;
      await client.deleteCollection(type, { namespace, propagationPolicy: 'Background' });
      const { items } = await client.list(type, { namespace });
      if (items.length > 0) remains.counts.set(`${type.resource}.${type.group}`, items.length);
      for (const { metadata } of items) for (const name of metadata.finalizers ?? []) remains.finalizers.set(name, (remains.finalizers.get(name) ?? 0) + 1);
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'MethodNotAllowed')) remains.failures.push(messageOf(error));
    }
  }
  return remains;
}

async function finalize(client: KubeClient, namespace: Namespace): Promise<void> {
  const finalizers = namespace.spec?.finalizers?.filter((other) => other !== finalizer) ?? [];
  try {
    await client.update(resourceTypes.namespaces, { ...namespace, spec: { ...namespace.spec, finalizers } }, { subresource: 'finalize' });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

async function writeConditions({ client, environment }: ControllerContext, namespace: Namespace, { counts, finalizers, failures }: Remains): Promise<void> {
  const list = (map: Map<string, number>, word: string) => [...map].map(([name, count]) => `${name} ${word} ${count} resource instances`).join(', ');
  const found: Condition[] = [
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    { type: 'NamespaceDeletionGroupVersionParsingFailure', status: 'False', reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    failures.length > 0
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
        }
      : { type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' },
    counts.size > 0
      ? { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${list(counts, 'has')}` }
      : { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${list(finalizers, 'in')}`,
        }
      : { type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
  ];
  const current = namespace.status?.conditions ?? [];
  const conditions = found.map((condition) => {
    const before = conditionOf(current, condition.type);
    const same = before?.status === condition.status && before.reason === condition.reason && before.message === condition.message;
    return same ? before : { lastTransitionTime: timestamp(environment.clock), ...condition };
  });
  if (deepEqual(conditions, current)) return;
  try {
    await client.update(resourceTypes.namespaces, { ...namespace, status: { ...namespace.status, conditions } }, { subresource: 'status' });
  } catch (error) {
    if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
  }
}
