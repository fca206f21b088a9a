import type { Role } from '@aws-sdk/client-iam';
import { allPages, inParallel } from '../api/parallel.ts';
import { fromTagList } from '../api/tag-list.ts';
import { belongsTo, ifThere } from './adopt.ts';
import type { Inventory } from './inventory.ts';
import { mayBeNameOf } from './names-of-cluster.ts';

export const iamNameLimit = 64;

/** What the cluster's roles may be called, and some others. */
export function roleNames(inventory: Inventory): Promise<string[]> {
  return inventory.once('iam role names', async () => {
    const iam = await inventory.aws.service('iam');
    const all = await allPages(async (Marker) => {
      const page = await iam.listRoles({ MaxItems: 1000, ...(Marker === undefined ? {} : { Marker }) });
      return { items: page.Roles, next: page.Marker };
    });
    return all.flatMap(({ RoleName = '' }) => (mayBeNameOf(inventory.clusterName, RoleName, iamNameLimit) ? [RoleName] : []));
  });
}

/** The cluster's roles, with tags: names narrow the account's down, tags decide. */
export function rolesOf(inventory: Inventory): Promise<Role[]> {
  return inventory.once('iam roles', async () => {
    const iam = await inventory.aws.service('iam');
    const roles = await inParallel(await roleNames(inventory), (RoleName) => ifThere(iam.getRole({ RoleName })));
    return roles.flatMap((found) => (found?.Role && belongsTo(fromTagList(found.Role.Tags), inventory.clusterName) ? [found.Role] : []));
  });
}

/** What `list` finds in each of the cluster's roles; asked while their tags are still being read. */
export async function inEachRole<Item>(inventory: Inventory, list: (roleName: string) => Promise<Item[]>): Promise<Item[]> {
  const asked = roleNames(inventory).then((names) => inParallel(names, async (name) => ({ name, items: (await ifThere(list(name))) ?? [] })));
  const [roles, found] = await Promise.all([rolesOf(inventory), asked]);
  const own = new Set(roles.map(({ RoleName }) => RoleName));
  return found.flatMap(({ name, items }) => (own.has(name) ? items : []));
}
