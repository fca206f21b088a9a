import { isAddon, type SpecObject } from '../spec/types.ts';
import { removeAddon } from './addons.ts';
import { deleteCluster } from './delete-cluster.ts';
import { deleteInstanceGroup } from './delete-instance-group.ts';
import type { Operator } from './operator.ts';
import { deleteSshPublicKeys, listSshPublicKeys } from './ssh-public-keys.ts';
import { byCluster } from './store-objects.ts';

export interface DeletedObject {
  object: SpecObject;
  /** Cloud resources that went with it, or would. */
  resources: number;
}

/** `delete -f`: what a file names, with its cloud resources. A cluster takes its groups, keys and addons along. Without `apply` nothing is deleted. */
export async function deleteObjects(operator: Operator, objects: readonly SpecObject[], options: { apply: boolean }): Promise<DeletedObject[]> {
  const deleted: DeletedObject[] = [];
  for (const [cluster, own] of byCluster(objects)) {
    const whole = own.filter((object) => !isAddon(object) && object.kind === 'Cluster');
    for (const object of whole.length > 0 ? whole : own) deleted.push({ object, resources: await deleteOne(operator, cluster, object, options) });
  }
  return deleted;
}

async function deleteOne(operator: Operator, cluster: string, object: SpecObject, options: { apply: boolean }): Promise<number> {
  if (isAddon(object)) {
    if (options.apply) await removeAddon(operator, cluster, object);
    return 0;
  }
  if (object.kind === 'Cluster') return (await deleteCluster(operator, cluster, options)).length;
  if (object.kind === 'InstanceGroup') return (await deleteInstanceGroup(operator, cluster, object.metadata.name, options)).length;
  const key = (await listSshPublicKeys(operator, cluster)).find((one) => one.publicKey === object.spec.publicKey.trim());
  if (key && options.apply) await deleteSshPublicKeys(operator, cluster, key.id);
  return 0;
}
