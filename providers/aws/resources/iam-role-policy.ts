import type { ActualResource } from '../../../src/cloud/resource.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { canonicalPolicy } from '../api/policy-text.ts';
import { ifThere, soonThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { inEachRole } from './iam-roles.ts';

export const iamRolePolicy: AwsKind<'IAMRolePolicy'> = {
  kind: 'IAMRolePolicy',

  list: async (inventory) => {
    const iam = await inventory.aws.service('iam');
    const names = await inEachRole(inventory, async (RoleName) => {
      const policies = await allPages(async (Marker) => {
        const page = await iam.listRolePolicies({ RoleName, ...(Marker === undefined ? {} : { Marker }) });
        return { items: page.PolicyNames, next: page.Marker };
      });
      return policies.map((PolicyName) => ({ RoleName, PolicyName }));
    });
    const found = await inParallel(names, (request) => ifThere(iam.getRolePolicy(request)));
    return found.flatMap((policy) => {
      if (!policy?.RoleName || !policy.PolicyName) return [];
      return [actualPolicy({ roleName: policy.RoleName, policyName: policy.PolicyName, policyDocument: canonicalPolicy(policy.PolicyDocument ?? '') })];
    });
  },

  // The same call creates and overwrites.
  create: async (aws, { attributes }) => {
    const { roleName, policyName, policyDocument } = attributes;
    await soonThere((await aws.service('iam')).putRolePolicy({ RoleName: roleName, PolicyName: policyName, PolicyDocument: policyDocument }));
    return actualPolicy(attributes);
  },

  update: (aws, _actual, resource, _changes, context) => iamRolePolicy.create(aws, resource, context),

  delete: async (aws, { attributes }) => {
    await ifThere((await aws.service('iam')).deleteRolePolicy({ RoleName: String(attributes.roleName), PolicyName: String(attributes.policyName) }));
  },

  effect: (changes) => (changes.every((field) => field === 'policyDocument') ? 'update' : 'replace'),
};

function actualPolicy(attributes: WantedResource<'IAMRolePolicy'>['attributes']): ActualResource {
  const { roleName, policyName } = attributes;
  // Policies that somebody else gave to several roles may have one name.
  const name = policyName.includes('.') ? policyName : `${policyName}.${roleName}`;
  return { kind: 'IAMRolePolicy', name, id: `${roleName}:${policyName}`, attributes: { ...attributes }, outputs: {}, owned: true };
}
