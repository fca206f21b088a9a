import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { type AwsClusterSpec, clusterSpec, type ServiceAccountPermissions, usesServiceAccountRoles } from '../aws-spec.ts';
import { type AddonAccount, addonPolicy } from './addon-policies.ts';
import { iamArn } from './arn.ts';
import { type AwsContext, usesNoDns } from './context.ts';
import { iamRole, policyAttachments, policyOf, rolePolicy } from './iam.ts';
import { truncateName } from './names.ts';
import { serviceAccountIssuer } from './oidc.ts';
import { policyDocument, userPolicyDocument } from './policy-document.ts';
import { accountTags, ownedTags } from './tags.ts';

const namespace = 'kube-system';
const roleNameLimit = 64;

/** A role for each service account that may act on AWS by itself: those of add-ons, and those the user gives permissions to. */
export function serviceAccountRoles(context: AwsContext): DesiredResource[] {
  const spec = clusterSpec(context);
  return [
    ...addonAccounts(context).flatMap((name) => accountRole(context, { name, namespace }, policyOf(addonPolicy(context, name)))),
    ...(spec.iam?.serviceAccountExternalPermissions ?? []).flatMap((account) => externalRole(context, account)),
  ];
}

/** `dns-controller.kube-system.sa.demo.example.com`; a namespace may be a pattern. */
export function serviceAccountRoleName(account: { name: string; namespace: string }, cluster: string): string {
  return truncateName(withoutPattern(`${account.name}.${account.namespace}.sa.${cluster}`), roleNameLimit);
}

/** AWS takes no `*` in names and tags. */
function withoutPattern(text: string): string {
  return text.replaceAll('*', 'wildcard');
}

function externalRole(context: AwsContext, { aws, ...account }: ServiceAccountPermissions): DesiredResource[] {
  const document = aws?.inlinePolicy ? userPolicyDocument(aws.inlinePolicy) : undefined;
  return [...accountRole(context, account, document), ...policyAttachments(serviceAccountRoleName(account, context.name), aws?.policyARNs ?? [])];
}

function accountRole(context: AwsContext, account: { name: string; namespace: string }, document: string | undefined): DesiredResource[] {
  const name = serviceAccountRoleName(account, context.name);
  const tags = { ...ownedTags(context, name), [accountTags.name]: account.name, [accountTags.namespace]: withoutPattern(account.namespace) };
  return [iamRole(context, name, tags, trust(context, account)), ...rolePolicy(name, name, document)];
}

/** Whoever shows a token of the account that the cluster signed. */
function trust(context: AwsContext, account: { name: string; namespace: string }): string {
  const issuer = serviceAccountIssuer(context).replace('https://', '');
  const test = account.namespace.includes('*') ? 'StringLike' : 'StringEquals';
  return policyDocument([
    {
      effect: 'Allow',
      principal: { Federated: iamArn(context, `oidc-provider/${issuer}`) },
      actions: ['sts:AssumeRoleWithWebIdentity'],
      condition: { [test]: { [`${issuer}:sub`]: `system:serviceaccount:${account.namespace}:${account.name}` } },
    },
  ]);
}

/** Add-ons of this cluster that talk to AWS. */
function addonAccounts(context: AwsContext): AddonAccount[] {
  const spec = clusterSpec(context);
  const certManager = spec.certManager?.enabled === true && spec.certManager.managed !== false && (spec.certManager.hostedZoneIDs ?? []).length > 0;
  return [...(usesServiceAccountRoles(spec) ? ownAccounts(context, spec) : []), ...(certManager ? (['cert-manager'] as const) : [])];
}

function ownAccounts(context: AwsContext, spec: AwsClusterSpec): AddonAccount[] {
  const names = usesNoDns(context) ? 'none' : spec.externalDns ? spec.externalDns.provider : 'dns-controller';
  const present: Record<Exclude<AddonAccount, 'cert-manager'>, boolean> = {
    'dns-controller': names === 'dns-controller',
    'external-dns': names === 'external-dns',
    'cluster-autoscaler': spec.clusterAutoscaler?.enabled === true,
    'aws-node-termination-handler': spec.nodeTerminationHandler?.enabled === true,
    'aws-load-balancer-controller': spec.awsLoadBalancerController?.enabled === true,
    'kube-router': Boolean((spec.networking as { kuberouter?: object } | undefined)?.kuberouter),
    'aws-cloud-controller-manager': true,
    'ebs-csi-controller-sa': spec.cloudConfig?.awsEBSCSIDriver?.managed !== false,
    karpenter: spec.karpenter?.enabled === true,
  };
  return (Object.keys(present) as (keyof typeof present)[]).filter((name) => present[name]);
}
