import type { KubeClient, ResourceType } from '../../kube/client.ts';
import { controllerReference, type KubeObject } from '../../kube/objects.ts';
import type { OwnerIndex } from '../../kube/owner-index.ts';
import { matchesLabels, type Selector } from '../../kube/selectors.ts';
import { isStatus } from '../../kube/status.ts';

export interface ClaimOptions<T extends KubeObject> {
  client: KubeClient;
  owner: KubeObject;
  ownerType: ResourceType;
  type: ResourceType;
  index: OwnerIndex<T>;
  selector: Selector;
  /** Which orphans are worth adopting. */
  adoptable?(object: T): boolean;
}

/**
 * What belongs to the owner: its own that match are kept, its own that match no longer are released, orphans that match are adopted.
 * Adoption asks the server first whether the owner still is the one we know.
 */
export async function claimOwned<T extends KubeObject>(options: ClaimOptions<T>): Promise<T[]> {
  const { owner, index, selector, adoptable = () => true } = options;
  const uid = owner.metadata.uid ?? '';
  const claimed: T[] = [];
  for (const object of index.ownedBy(uid)) {
    if (matchesLabels(selector, object.metadata.labels)) claimed.push(object);
    else if (owner.metadata.deletionTimestamp === undefined) await release(options, object);
  }
  if (owner.metadata.deletionTimestamp !== undefined) return claimed;
  const orphans = index
    .orphans(owner.metadata.namespace ?? '')
    .filter((object) => object.metadata.deletionTimestamp === undefined && matchesLabels(selector, object.metadata.labels) && adoptable(object));
  if (orphans.length === 0 || !(await stillThere(options))) return claimed;
  for (const orphan of orphans) {
    const adopted = await adopt(options, orphan);
    if (adopted) claimed.push(adopted);
  }
  return claimed;
}

async function stillThere<T extends KubeObject>({ client, owner, ownerType }: ClaimOptions<T>): Promise<boolean> {
  try {
    const current = await client.get(ownerType, owner.metadata.namespace, owner.metadata.name);
    return current.metadata.uid === owner.metadata.uid && current.metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}

async function adopt<T extends KubeObject>({ client, owner, type }: ClaimOptions<T>, object: T): Promise<T | undefined> {
  const patch = { metadata: { ownerReferences: [controllerReference(owner)], uid: object.metadata.uid } };
  try {
    return await client.patch<T>(type, object.metadata.namespace, object.metadata.name, patch, 'application/strategic-merge-patch+json');
  } catch (error) {
    if (isStatus(error, 'NotFound', 'Conflict')) return undefined;
    throw error;
  }
}

async function release<T extends KubeObject>({ client, owner, type }: ClaimOptions<T>, object: T): Promise<void> {
  const patch = { metadata: { ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }], uid: object.metadata.uid } };
  try {
    await client.patch(type, object.metadata.namespace, object.metadata.name, patch, 'application/strategic-merge-patch+json');
  } catch (error) {
    if (!isStatus(error, 'NotFound', 'Conflict', 'Invalid')) throw error;
  }
}
