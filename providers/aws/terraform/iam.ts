import { isRef } from '../../../src/cloud/resource.ts';
import type { AwsAttributes } from '../attributes.ts';
import { fnv1a } from '../model/names.ts';
import { form } from './form.ts';

export const iamForms = {
  IAMRole: form(
    'IAMRole',
    'aws_iam_role',
    (role, name) => ({
      assume_role_policy: { $file: { name: `aws_iam_role_${name}_policy`, content: role.assumeRolePolicy } },
      name: role.roleName,
      permissions_boundary: role.permissionsBoundary,
      tags: role.tags,
    }),
    { outputs: { id: 'name', arn: 'arn' } },
  ),
  IAMRolePolicy: form(
    'IAMRolePolicy',
    'aws_iam_role_policy',
    (policy, name) => ({
      name: policy.policyName,
      policy: { $file: { name: `aws_iam_role_policy_${name}_policy`, content: policy.policyDocument } },
      role: policy.roleName,
    }),
    { outputs: {} },
  ),
  IAMRolePolicyAttachment: form('IAMRolePolicyAttachment', 'aws_iam_role_policy_attachment', (attachment) => ({ policy_arn: attachment.policyArn, role: attachment.roleName }), {
    outputs: {},
    localName: (_name, attachment) => attachmentName(attachment),
  }),
  IAMInstanceProfile: form('IAMInstanceProfile', 'aws_iam_instance_profile', (profile) => ({ name: profile.instanceProfileName, role: profile.roleName, tags: profile.tags }), {
    outputs: { id: 'id', arn: 'arn' },
  }),
  IAMOIDCProvider: form(
    'IAMOIDCProvider',
    'aws_iam_openid_connect_provider',
    (provider) => ({ client_id_list: provider.clientIdList, tags: provider.tags, thumbprint_list: provider.thumbprintList, url: provider.url }),
    { outputs: { arn: 'arn' } },
  ),
};

const roleWords: Readonly<Record<string, string>> = { masters: 'master', apiservers: 'apiserver', nodes: 'node', bastions: 'bastion' };

/** kops' name: what the role is for, and a hash of the policy. Other roles are those of service accounts. */
function attachmentName({ roleName, policyArn }: AwsAttributes['IAMRolePolicyAttachment']): string {
  const role = isRef(roleName) ? roleName.$ref.name : roleName;
  const word = roleWords[role.split('.')[0] ?? ''];
  return `${word === undefined ? `external-${role}` : `${word}-policyoverride`}-${fnv1a(policyArn)}`;
}
