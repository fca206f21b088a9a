import type { KopsObject } from '../spec/types.ts';
import { deleteCluster } from './delete-cluster.ts';
import { deleteInstanceGroup } from './delete-instance-group.ts';
import { clusterNameOf } from './edit-objects.ts';
import type { Operator } from './operator.ts';
import { deleteSshPublicKeys, listSshPublicKeys } from './ssh-public-keys.ts';

export interface DeletedObject {
  object: KopsObject;
  /** Cloud resources that went with it, or would. */
  resources: number;
}

/** `delete -f`: what a file names, with its cloud resources. A cluster takes its groups and keys along. Without `apply` nothing is deleted. */
export async function deleteObjects(operator: Operator, objects: readonly KopsObject[], options: { apply: boolean }): Promise<DeletedObject[]> {
  const clusters = new Set(objects.flatMap((object) => (object.kind === 'Cluster' ? [object.metadata.name] : [])));
  const own = objects.filter((object) => object.kind === 'Cluster' || !clusters.has(clusterNameOf(object)));
  const deleted: DeletedObject[] = [];
  for (const object of own) deleted.push({ object, resources: await deleteOne(operator, object, options) });
  return deleted;
}

async function deleteOne(operator: Operator, object: KopsObject, options: { apply: boolean }): Promise<number> {
  const { name } = object.metadata;
  if (object.kind === 'Cluster') return (await deleteCluster(operator, name, options)).length;
  const cluster = clusterNameOf(object);
  if (object.kind === 'InstanceGroup') return (await deleteInstanceGroup(operator, cluster, name, options)).length;
  const key = (await listSshPublicKeys(operator, cluster)).find((one) => one.publicKey === object.spec.publicKey.trim());
  if (key && options.apply) await deleteSshPublicKeys(operator, cluster, key.id);
  return 0;
}
