import type { Role } from '@aws-sdk/client-iam';
import { allPages, inParallel } from '../api/parallel.ts';
import { fromTagList } from '../api/tag-list.ts';
import { belongsTo, ifThere } from './adopt.ts';
import type { Inventory } from './inventory.ts';
import { mayBeNameOf } from './names-of-cluster.ts';

export const iamNameLimit = 64;

/** The cluster's roles, with tags: names narrow the account's down, tags decide. */
export function rolesOf(inventory: Inventory): Promise<Role[]> {
  return inventory.once('iam roles', async () => {
    const iam = await inventory.aws.service('iam');
    const all = await allPages(async (Marker) => {
      const page = await iam.listRoles({ MaxItems: 1000, ...(Marker === undefined ? {} : { Marker }) });
      return { items: page.Roles, next: page.Marker };
    });
    const names = all.flatMap(({ RoleName = '' }) => (mayBeNameOf(inventory.clusterName, RoleName, iamNameLimit) ? [RoleName] : []));
    const roles = await inParallel(names, (RoleName) => ifThere(iam.getRole({ RoleName })));
    return roles.flatMap((found) => (found?.Role && belongsTo(fromTagList(found.Role.Tags), inventory.clusterName) ? [found.Role] : []));
  });
}
