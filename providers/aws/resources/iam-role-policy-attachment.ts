import type { ActualResource } from '../../../src/cloud/resource.ts';
import { allPages } from '../api/parallel.ts';
import { ifThere, soonThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { inEachRole } from './iam-roles.ts';

export const iamRolePolicyAttachment: AwsKind<'IAMRolePolicyAttachment'> = {
  kind: 'IAMRolePolicyAttachment',

  list: async (inventory) => {
    const iam = await inventory.aws.service('iam');
    return inEachRole(inventory, async (RoleName) => {
      const policies = await allPages(async (Marker) => {
        const page = await iam.listAttachedRolePolicies({ RoleName, ...(Marker === undefined ? {} : { Marker }) });
        return { items: page.AttachedPolicies, next: page.Marker };
      });
      return policies.flatMap(({ PolicyArn }) => (PolicyArn === undefined ? [] : [actualAttachment(RoleName, PolicyArn)]));
    });
  },

  // Attaching again changes nothing. A role that was just made may not be known everywhere; a policy that does not exist is the user's to correct.
  create: async (aws, { attributes: { roleName, policyArn } }) => {
    const iam = await aws.service('iam');
    await soonThere(iam.getRole({ RoleName: roleName }));
    await iam.attachRolePolicy({ RoleName: roleName, PolicyArn: policyArn });
    return actualAttachment(roleName, policyArn);
  },

  delete: async (aws, { attributes }) => {
    await ifThere((await aws.service('iam')).detachRolePolicy({ RoleName: String(attributes.roleName), PolicyArn: String(attributes.policyArn) }));
  },

  effect: () => 'replace',
};

function actualAttachment(roleName: string, policyArn: string): ActualResource {
  const name = `${roleName}:${policyArn}`;
  return { kind: 'IAMRolePolicyAttachment', name, id: name, attributes: { roleName, policyArn }, outputs: {}, owned: true };
}
