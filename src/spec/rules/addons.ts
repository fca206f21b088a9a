import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster } from '../types.ts';

type Fields = Record<string, unknown>;

const policyArn = /^arn:[^:]+:iam::[^:]*:policy\/.+$/;

/** Add-ons that need one another, and what they need of the cluster. */
export function checkAddons({ spec }: Cluster, findings: Findings): void {
  const enabled = (name: string) => getPath(spec, [name, 'enabled']) === true;
  const serviceAccounts = getPath(spec, ['iam', 'useServiceAccountExternalPermissions']) === true;
  for (const name of ['awsLoadBalancerController', 'snapshotController', 'podIdentityWebhook'])
    if (enabled(name) && !enabled('certManager')) findings.error(`spec.${name}`, 'needs cert-manager', 'set spec.certManager.enabled to true');
  if (enabled('metricsServer') && getPath(spec, ['metricsServer', 'insecure']) === false && !enabled('certManager'))
    findings.error('spec.metricsServer.insecure', 'a secure metrics server needs cert-manager', 'set spec.certManager.enabled to true');
  if (getPath(spec, ['networking', 'cilium', 'hubble', 'enabled']) === true && !enabled('certManager'))
    findings.error('spec.networking.cilium.hubble', 'needs cert-manager', 'set spec.certManager.enabled to true');
  if (enabled('karpenter') && !serviceAccounts)
    findings.error('spec.karpenter', 'needs permissions for service accounts', 'set spec.iam.useServiceAccountExternalPermissions to true');
  if (enabled('karpenter') && enabled('nodeTerminationHandler')) findings.error('spec.nodeTerminationHandler', 'cannot be used together with Karpenter');
  const nodeNames = getPath(spec, ['cloudConfig', 'useIPBasedNodeNames']);
  if (nodeNames === true && spec.nonMasqueradeCIDR?.includes(':')) findings.error('spec.cloudConfig.useIPBasedNodeNames', 'is not supported with IPv6', 'leave it out');
  if (((getPath(spec, ['certManager', 'hostedZoneIDs']) as unknown[] | undefined) ?? []).length > 0 && !serviceAccounts)
    findings.error('spec.certManager.hostedZoneIDs', 'needs permissions for service accounts', 'set spec.iam.useServiceAccountExternalPermissions to true');
}

/** Identity: permissions of service accounts, and where their issuer publishes its keys. */
export function checkPermissions({ spec }: Cluster, findings: Findings): void {
  checkServiceAccounts((getPath(spec, ['iam', 'serviceAccountExternalPermissions']) as Fields[] | undefined) ?? [], findings);
  checkDiscovery((spec.serviceAccountIssuerDiscovery ?? {}) as Fields, findings);
  for (const [role, text] of Object.entries((spec.additionalPolicies as Record<string, string> | undefined) ?? {})) checkPolicy(role, text, findings);
  for (const [role, arns] of Object.entries((spec.externalPolicies as Record<string, string[]> | undefined) ?? {})) {
    checkRole(role, `spec.externalPolicies.${role}`, findings);
    for (const [i, arn] of arns.entries())
      if (!policyArn.test(arn))
        findings.error(`spec.externalPolicies.${role}[${i}]`, `${JSON.stringify(arn)} is not the ARN of a policy`, 'for example arn:aws:iam::123456789012:policy/name');
  }
}

function checkServiceAccounts(permissions: readonly Fields[], findings: Findings): void {
  for (const [i, permission] of permissions.entries()) {
    const path = `spec.iam.serviceAccountExternalPermissions[${i}]`;
    for (const name of ['name', 'namespace']) if (!permission[name]) findings.error(`${path}.${name}`, 'is required');
    const { inlinePolicy, policyARNs } = (permission.aws ?? {}) as Fields;
    if ((inlinePolicy === undefined) === (policyARNs === undefined)) findings.error(`${path}.aws`, 'must have either inlinePolicy or policyARNs');
  }
}

function checkDiscovery(discovery: Fields, findings: Findings): void {
  const { discoveryStore, discoveryService, enableAWSOIDCProvider } = discovery;
  if (enableAWSOIDCProvider === true && discoveryStore === undefined)
    findings.error('spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider', 'needs a discoveryStore', 'name a public bucket: s3://my-oidc-bucket');
  if (discoveryStore !== undefined && discoveryService !== undefined)
    findings.error('spec.serviceAccountIssuerDiscovery.discoveryStore', 'cannot be used together with discoveryService');
  if (typeof discoveryStore === 'string' && !/^(s3|gs|azureblob|memfs|memory):\/\/[^/]+/.test(discoveryStore))
    findings.error(
      'spec.serviceAccountIssuerDiscovery.discoveryStore',
      `${JSON.stringify(discoveryStore)} is not a place that others can read`,
      'name a public bucket: s3://my-oidc-bucket',
    );
  const bucket = typeof discoveryStore === 'string' ? /^s3:\/\/([^/]+)/.exec(discoveryStore)?.[1] : undefined;
  if (bucket?.includes('.'))
    findings.error('spec.serviceAccountIssuerDiscovery.discoveryStore', `the name of bucket ${bucket} may not contain dots: its certificate would not match`);
}

function checkPolicy(role: string, text: string, findings: Findings): void {
  const path = `spec.additionalPolicies.${role}`;
  checkRole(role, path, findings);
  const statements = parseJson(text);
  if (!Array.isArray(statements)) findings.error(path, 'must be a JSON list of policy statements');
  else if (statements.some((statement: Fields) => !['Allow', 'Deny'].includes(String(statement?.Effect)))) findings.error(path, 'each statement needs an Effect of Allow or Deny');
}

function checkRole(role: string, path: string, findings: Findings): void {
  const roles = ['master', 'control-plane', 'apiserver', 'node', 'bastion'];
  if (!roles.includes(role)) findings.error(path, `${JSON.stringify(role)} is not a role`, `one of ${roles.join(', ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
