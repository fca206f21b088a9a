import type { PermissionRole, PermissionsRequest } from '../../src/cloud/provider.ts';
import { isRef } from '../../src/cloud/resource.ts';
import { KopsError } from '../../src/lib/errors.ts';
import { partition } from './model/arn.ts';
import { iamName } from './model/names.ts';
import { operatorPolicy } from './permissions/operator-policy.ts';
import { type PolicyDocument, splitPolicy } from './permissions/split-policy.ts';

const instanceRoles = { 'control-plane': 'Master', node: 'Node' } as const;

/** An IAM policy document: for whoever works on the cluster, or what the model gives to instances of a role. */
export function awsPermissions(role: PermissionRole, request: PermissionsRequest): object | object[] {
  const policy = policyOf(role, request);
  return request.split ? splitPolicy(policy) : policy;
}

function policyOf(role: PermissionRole, request: PermissionsRequest): PolicyDocument {
  const { clusterName, desired, region, facts } = request;
  const place = { region, account: facts.account?.id ?? '*', partition: partition({ facts, region }) };
  if (role === 'operator') return operatorPolicy({ ...request, place });
  const name = iamName(instanceRoles[role], clusterName);
  const documents = desired.flatMap(({ kind, attributes }) => {
    const { roleName, policyDocument } = attributes;
    return kind === 'IAMRolePolicy' && isRef(roleName) && roleName.$ref.name === name ? [JSON.parse(String(policyDocument)) as PolicyDocument] : [];
  });
  const [first] = documents;
  if (first) return { ...first, Statement: documents.flatMap(({ Statement }) => Statement) };
  throw new KopsError(`instances of role ${role} of cluster ${clusterName} have no policy made by kops-ts`, {
    code: 'NO_POLICY',
    exit: 'notFound',
    object: role,
    suggestions: ['Their instance profile is named in the spec (iam.profile), or they need no leave for anything.'],
  });
}
