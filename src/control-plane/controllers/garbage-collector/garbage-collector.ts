import type { KubeClient } from '../../../kube/client.ts';
import type { KubeObject, OwnerReference } from '../../../kube/objects.ts';
import { isStatus } from '../../../kube/status.ts';
import type { WorkQueue } from '../../../kube/work-queue.ts';
import { type StartController, stopAll } from '../controller.ts';
import { foregroundFinalizer, isDeletedInForeground, isOrphaning, type Owned, Ownership, orphanFinalizer } from './ownership.ts';

/** Deletes what its owners left behind, and carries out foreground and orphan deletion. Keys are uids. */
export const startGarbageCollector: StartController = (context) => {
  const collector = new GarbageCollector(context.client);
  const queue = context.queue('garbage-collector', (uid) => collector.reconcile(uid), { concurrency: 20 });
  const stop = collector.watch((changed, gone) => new Ownership(context.informers, changed, gone), queue);
  return stopAll([stop, queue]);
};

class GarbageCollector {
  private readonly client: KubeClient;
  private ownership: Ownership | undefined;
  /** uids the server said are not there (any more): a uid never comes back. */
  private readonly absent = new Set<string>();

  constructor(client: KubeClient) {
    this.client = client;
  }

  watch(connect: (changed: (owned: Owned) => void, gone: (owned: Owned) => void) => Ownership, queue: WorkQueue): () => void {
    const addOwners = ({ metadata }: KubeObject) => {
      for (const { uid } of metadata.ownerReferences ?? []) {
        const owner = this.ownership?.byUid(uid);
        if (owner && isDeletedInForeground(owner.object)) queue.add(uid);
      }
    };
    const ownership = connect(
      ({ object }) => {
        const unknown = object.metadata.ownerReferences?.some(({ uid }) => !this.ownership?.byUid(uid));
        if (unknown || isDeletedInForeground(object) || isOrphaning(object)) queue.add(object.metadata.uid ?? '');
        if (object.metadata.ownerReferences && object.metadata.deletionTimestamp !== undefined) addOwners(object);
      },
      ({ object }) => {
        const uid = object.metadata.uid ?? '';
        this.remember(uid);
        for (const dependent of this.ownership?.dependents(uid) ?? []) queue.add(dependent.object.metadata.uid ?? '');
        addOwners(object);
      },
    );
    this.ownership = ownership;
    return () => ownership.stop();
  }

  async reconcile(uid: string): Promise<void> {
    const owned = this.ownership?.byUid(uid);
    if (!owned) return;
    try {
      await this.collect(owned);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  private async collect(owned: Owned): Promise<void> {
    const { object } = owned;
    if (isOrphaning(object)) return this.orphanDependents(owned);
    if (isDeletedInForeground(object)) return this.deleteDependents(owned);
    if (object.metadata.deletionTimestamp !== undefined || !object.metadata.ownerReferences?.length) return;
    const { solid, dangling, waiting } = await this.classify(owned);
    if (solid.length > 0) {
      if (dangling.length + waiting.length > 0) await this.dropReferences(owned, [...dangling, ...waiting]);
    } else if (waiting.length > 0 && this.dependentsOf(object).length > 0) {
      await this.remove(owned, 'Foreground');
    } else {
      await this.remove(owned, policyOf(object));
    }
  }

  /** Owners that stay, that are gone, and that wait in the foreground for this one to go. */
  private async classify(owned: Owned): Promise<Record<'solid' | 'dangling' | 'waiting', OwnerReference[]>> {
    const found = { solid: [] as OwnerReference[], dangling: [] as OwnerReference[], waiting: [] as OwnerReference[] };
    for (const reference of owned.object.metadata.ownerReferences ?? []) {
      const owner = await this.ownerOf(owned, reference);
      if (owner === 'absent') found.dangling.push(reference);
      else if (owner !== 'unknown' && isDeletedInForeground(owner)) found.waiting.push(reference);
      else found.solid.push(reference);
    }
    return found;
  }

  /** A kind that is not served here may well exist elsewhere: its owner counts as there. */
  private async ownerOf({ object }: Owned, { apiVersion, kind, name, uid }: OwnerReference): Promise<KubeObject | 'absent' | 'unknown'> {
    const known = this.ownership?.byUid(uid);
    if (known) return known.object;
    if (this.absent.has(uid)) return 'absent';
    const type = this.ownership?.typeOf(apiVersion, kind);
    if (!type) return 'unknown';
    try {
      const owner = await this.client.get(type, type.namespaced ? object.metadata.namespace : undefined, name);
      if (owner.metadata.uid === uid) return owner;
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    this.remember(uid);
    return 'absent';
  }

  private remember(uid: string): void {
    if (this.absent.size > 10_000) this.absent.clear();
    this.absent.add(uid);
  }

  private dependentsOf({ metadata }: KubeObject): Owned[] {
    return this.ownership?.dependents(metadata.uid ?? '') ?? [];
  }

  /** In the foreground: first those that block, then the object itself. */
  private async deleteDependents(owned: Owned): Promise<void> {
    const uid = owned.object.metadata.uid;
    const dependents = this.dependentsOf(owned.object);
    const blocking = dependents.filter(({ object }) => object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion));
    if (blocking.length === 0) return this.dropFinalizer(owned, foregroundFinalizer);
    for (const dependent of dependents) if (dependent.object.metadata.deletionTimestamp === undefined) await this.collectQuietly(dependent);
  }

  private async collectQuietly(dependent: Owned): Promise<void> {
    try {
      await this.collect(dependent);
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  private async orphanDependents(owned: Owned): Promise<void> {
    const uid = owned.object.metadata.uid;
    for (const dependent of this.dependentsOf(owned.object)) {
      const references = dependent.object.metadata.ownerReferences?.filter((reference) => reference.uid === uid) ?? [];
      try {
        await this.dropReferences(dependent, references);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }
    await this.dropFinalizer(owned, orphanFinalizer);
  }

  private async dropReferences({ type, object }: Owned, references: readonly OwnerReference[]): Promise<void> {
    const { namespace, name, uid, resourceVersion, ownerReferences = [] } = object.metadata;
    const left = ownerReferences.filter((reference) => !references.includes(reference));
    const patch = { metadata: { uid, resourceVersion, ownerReferences: left.length > 0 ? left : null } };
    await this.client.patch(type, namespace, name, patch, 'application/merge-patch+json');
  }

  private async dropFinalizer({ type, object }: Owned, finalizer: string): Promise<void> {
    const { namespace, name, uid, resourceVersion, finalizers = [] } = object.metadata;
    const patch = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((other) => other !== finalizer) } };
    await this.client.patch(type, namespace, name, patch, 'application/merge-patch+json');
  }

  private async remove({ type, object }: Owned, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Promise<void> {
    const { namespace, name, uid = '', resourceVersion = '' } = object.metadata;
    // Somebody may just have given it another owner: only what we looked at is deleted.
    await this.client.delete(type, namespace, name, { propagationPolicy, preconditions: { uid, resourceVersion } });
  }
}

function policyOf({ metadata }: KubeObject): 'Background' | 'Foreground' | 'Orphan' {
  if (metadata.finalizers?.includes(orphanFinalizer)) return 'Orphan';
  return metadata.finalizers?.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}
