import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { InstanceGroup, InstanceGroupRole } from '../../../src/spec/types.ts';
import type { Id } from '../attributes.ts';
import { clusterSpec, groupSpec } from '../aws-spec.ts';
import { partition } from './arn.ts';
import { type AwsContext, resource } from './context.ts';
import { iamName } from './names.ts';
import { nodePolicy } from './node-policies.ts';
import { policyDocument, userPolicyDocument } from './policy-document.ts';
import { ownedTags } from './tags.ts';

const roles: readonly InstanceGroupRole[] = ['Master', 'APIServer', 'Node', 'Bastion'];

/** Words for roles in `additionalPolicies` and `externalPolicies`; `master` is the older one. */
const policyKeys: Record<InstanceGroupRole, readonly string[]> = { Master: ['control-plane', 'master'], APIServer: ['apiserver'], Node: ['node'], Bastion: ['bastion'] };

/** Who instances are, and what they may: a role, its policies and a profile for each role of instance groups that bring no profile of their own. */
export function instanceRoles(context: AwsContext): DesiredResource[] {
  const managed = new Set(context.groups.filter((group) => existingProfile(group) === undefined).map((group) => group.spec.role));
  return roles.filter((role) => managed.has(role)).flatMap((role) => instanceRole(context, role));
}

/** What a launch template names. */
export function instanceProfileName(context: AwsContext, group: InstanceGroup): Id {
  return existingProfile(group)?.split('/').at(-1) ?? ref('IAMInstanceProfile', iamName(group.spec.role, context.name));
}

function existingProfile(group: InstanceGroup): string | undefined {
  return groupSpec(group).iam?.profile;
}

function instanceRole(context: AwsContext, role: InstanceGroupRole): DesiredResource[] {
  const name = iamName(role, context.name);
  const tags = ownedTags(context, name);
  return [
    iamRole(context, name, tags, instanceTrust(context)),
    ...rolePolicy(name, name, policyOf(nodePolicy(context, role))),
    ...rolePolicy(name, `additional.${name}`, additionalPolicy(context, role)),
    ...policyAttachments(name, byRole(clusterSpec(context).externalPolicies, role) ?? []),
    resource('IAMInstanceProfile', name, { instanceProfileName: name, roleName: ref('IAMRole', name), tags }),
  ];
}

export function iamRole(context: AwsContext, name: string, tags: Readonly<Record<string, string>>, assumeRolePolicy: string): DesiredResource {
  return resource('IAMRole', name, { roleName: name, assumeRolePolicy, permissionsBoundary: clusterSpec(context).iam?.permissionsBoundary, tags });
}

/** Nothing where there is nothing to allow: AWS takes no empty policy. */
export function rolePolicy(role: string, name: string, document: string | undefined): DesiredResource[] {
  return document === undefined ? [] : [resource('IAMRolePolicy', name, { policyName: name, roleName: ref('IAMRole', role), policyDocument: document })];
}

/** Policies that exist already. */
export function policyAttachments(role: string, arns: readonly string[]): DesiredResource[] {
  return [...arns].sort().map((policyArn) => resource('IAMRolePolicyAttachment', `${role}:${policyArn}`, { roleName: ref('IAMRole', role), policyArn }));
}

export function policyOf(statements: Parameters<typeof policyDocument>[0]): string | undefined {
  return statements.length === 0 ? undefined : policyDocument(statements);
}

function instanceTrust(context: AwsContext): string {
  const service = partition(context) === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com';
  return policyDocument([{ effect: 'Allow', principal: { Service: service }, actions: ['sts:AssumeRole'] }]);
}

function additionalPolicy(context: AwsContext, role: InstanceGroupRole): string | undefined {
  const statements = byRole(clusterSpec(context).additionalPolicies, role);
  return statements ? userPolicyDocument(statements) : undefined;
}

function byRole<Value>(values: Readonly<Record<string, Value>> | undefined, role: InstanceGroupRole): Value | undefined {
  return policyKeys[role].map((key) => values?.[key]).find((value) => value !== undefined);
}
