import type { IAM, Role } from '@aws-sdk/client-iam';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { canonicalPolicy } from '../api/policy-text.ts';
import { changeTags, fromTagList, toTagList } from '../api/tag-list.ts';
import { createOrAdopt, ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { type Blocker, blockerText, deleteBlocked } from './blockers.ts';
import { rolesOf } from './iam-roles.ts';

export const iamRole: AwsKind<'IAMRole'> = {
  kind: 'IAMRole',

  list: async (inventory) => (await rolesOf(inventory)).map(actualRole),

  create: (aws, resource, context) => {
    const { roleName, assumeRolePolicy, permissionsBoundary, tags } = resource.attributes;
    return createOrAdopt(iamRole, aws, resource, context, {
      make: async () => {
        const boundary = permissionsBoundary === undefined ? {} : { PermissionsBoundary: permissionsBoundary };
        await (await aws.once('iam')).createRole({ RoleName: roleName, AssumeRolePolicyDocument: assumeRolePolicy, Tags: toTagList(tags), ...boundary });
      },
      find: () => findRole(aws, roleName),
    });
  },

  update: async (aws, actual, { attributes }, changes) => {
    const iam = await aws.service('iam');
    const RoleName = actual.id;
    if (changes.includes('assumeRolePolicy')) await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: attributes.assumeRolePolicy });
    if (changes.includes('permissionsBoundary')) await changeBoundary(iam, RoleName, attributes.permissionsBoundary);
    await changeTags(actual.attributes.tags, attributes.tags, {
      set: (tags) => iam.tagRole({ RoleName, Tags: toTagList(tags) }),
      remove: (TagKeys) => iam.untagRole({ RoleName, TagKeys }),
    });
    return { ...actual, attributes: { ...attributes } };
  },

  delete: async (aws, actual, context) => {
    const iam = await aws.service('iam');
    const remove = () => ifThere(iam.deleteRole({ RoleName: actual.id }));
    await deleteBlocked(aws, context, actual, () => profilesWith(iam, actual.id), remove);
  },

  effect: (changes) => (changes.includes('roleName') ? 'replace' : 'update'),

  clearable: ['permissionsBoundary'],

  deleteAfter: (actual, all) => all.filter((other) => other.kind !== 'IAMRole' && other.kind.startsWith('IAM') && other.attributes.roleName === actual.id),
};

async function changeBoundary(iam: IAM, RoleName: string, boundary: string | undefined): Promise<void> {
  if (boundary === undefined) await ifThere(iam.deleteRolePermissionsBoundary({ RoleName }));
  else await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: boundary });
}

/** The cluster's own profile goes before its role. */
async function profilesWith(iam: IAM, RoleName: string): Promise<Blocker[]> {
  const { InstanceProfiles = [] } = await iam.listInstanceProfilesForRole({ RoleName });
  return InstanceProfiles.map(({ InstanceProfileName }) => ({ text: blockerText(InstanceProfileName, ['instance profile']), leaving: false }));
}

async function findRole(aws: AwsApi, RoleName: string): Promise<ActualResource | undefined> {
  const found = await ifThere((await aws.service('iam')).getRole({ RoleName }));
  return found?.Role && actualRole(found.Role);
}

function actualRole({ RoleName: name = '', Arn: arn, AssumeRolePolicyDocument, PermissionsBoundary, Tags: tags }: Role): ActualResource {
  const boundary = PermissionsBoundary?.PermissionsBoundaryArn;
  const assumeRolePolicy = canonicalPolicy(AssumeRolePolicyDocument ?? '');
  return {
    kind: 'IAMRole',
    name,
    id: name,
    attributes: { roleName: name, assumeRolePolicy, ...(boundary === undefined ? {} : { permissionsBoundary: boundary }), tags: fromTagList(tags) },
    outputs: { id: name, arn },
    owned: true,
  };
}
