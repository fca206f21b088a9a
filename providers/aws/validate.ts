import type { CompletedCluster, Finding } from '../../src/spec/types.ts';

const imageForms = /^(ami-[0-9a-f]+|ssm:.+|[^/]+\/.+|[^/:]+)$/;
const tenancies = ['default', 'dedicated', 'host'];
const policyNames = ['lowest-price', 'diversified', 'capacity-optimized', 'capacity-optimized-prioritized', 'price-capacity-optimized'];

type Add = (path: string, message: string, hint?: string) => void;

/** AWS' own rules. Offline. */
export function validateAws({ cluster, instanceGroups }: CompletedCluster): Finding[] {
  const findings: Finding[] = [];
  const adder =
    (object: string): Add =>
    (path, message, hint) =>
      findings.push({ severity: 'error', object, path, message, ...(hint === undefined ? {} : { hint }) });
  const forCluster = adder(`Cluster/${cluster.metadata.name}`);
  if (cluster.spec.networkID !== undefined && !cluster.spec.networkID.startsWith('vpc-'))
    forCluster('spec.networkID', `${cluster.spec.networkID} is not the id of a VPC`, 'it begins with vpc-');
  const sharedSubnets = (cluster.spec.subnets ?? []).some((subnet) => subnet.id !== undefined);
  if (sharedSubnets && cluster.spec.networkID === undefined) forCluster('spec.networkID', 'is required for subnets that exist already', 'name the VPC they are in');
  for (const group of instanceGroups) validateGroup(group.spec, adder(`InstanceGroup/${group.metadata.name}`));
  return findings;
}

function validateGroup(spec: CompletedCluster['instanceGroups'][number]['spec'], add: Add): void {
  if (spec.image !== undefined && !imageForms.test(spec.image)) add('spec.image', `${spec.image} is not the name of an image`, 'ami-…, ssm:PARAMETER, NAME or OWNER/NAME');
  const tenancy = spec.tenancy as string | undefined;
  if (tenancy !== undefined && !tenancies.includes(tenancy)) add('spec.tenancy', `must be one of ${tenancies.join(', ')}, not ${tenancy}`);
  for (const [i, id] of ((spec.additionalSecurityGroups as string[] | undefined) ?? []).entries())
    if (!id.startsWith('sg-')) add(`spec.additionalSecurityGroups[${i}]`, `${JSON.stringify(id)} is not the id of a security group`, 'it begins with sg-');
  const policy = spec.mixedInstancesPolicy as { onDemandBase?: number; onDemandAboveBase?: number; spotAllocationStrategy?: string } | undefined;
  if (policy) validatePolicy(policy, spec.maxSize ?? Number.MAX_SAFE_INTEGER, add);
  validateMetadata(spec.instanceMetadata as { httpTokens?: string; httpPutResponseHopLimit?: number } | undefined, add);
}

function validatePolicy(policy: { onDemandBase?: number; onDemandAboveBase?: number; spotAllocationStrategy?: string }, maxSize: number, add: Add): void {
  const { onDemandBase = 0, onDemandAboveBase = 0, spotAllocationStrategy: strategy } = policy;
  if (onDemandBase < 0 || onDemandBase > maxSize) add('spec.mixedInstancesPolicy.onDemandBase', `must be between 0 and maxSize, not ${onDemandBase}`);
  if (onDemandAboveBase < 0 || onDemandAboveBase > 100) add('spec.mixedInstancesPolicy.onDemandAboveBase', `must be between 0 and 100, not ${onDemandAboveBase}`);
  if (strategy !== undefined && !policyNames.includes(strategy))
    add('spec.mixedInstancesPolicy.spotAllocationStrategy', `must be one of ${policyNames.join(', ')}, not ${strategy}`);
}

function validateMetadata(metadata: { httpTokens?: string; httpPutResponseHopLimit?: number } | undefined, add: Add): void {
  const { httpTokens, httpPutResponseHopLimit: hops } = metadata ?? {};
  if (httpTokens !== undefined && !['optional', 'required'].includes(httpTokens)) add('spec.instanceMetadata.httpTokens', `must be optional or required, not ${httpTokens}`);
  if (hops !== undefined && (hops < 1 || hops > 64)) add('spec.instanceMetadata.httpPutResponseHopLimit', `must be between 1 and 64, not ${hops}`);
}
