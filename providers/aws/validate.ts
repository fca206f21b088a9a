import type { CompletedCluster, Finding } from '../../src/spec/types.ts';

const imageForms = /^(ami-[0-9a-f]+|ssm:.+|[^/]+\/.+|[^/:]+)$/;
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
  for (const [i, id] of ((spec.additionalSecurityGroups as string[] | undefined) ?? []).entries())
    if (!id.startsWith('sg-')) add(`spec.additionalSecurityGroups[${i}]`, `${JSON.stringify(id)} is not the id of a security group`, 'it begins with sg-');
  const base = (spec.mixedInstancesPolicy as { onDemandBase?: number } | undefined)?.onDemandBase ?? 0;
  if (spec.maxSize !== undefined && base > spec.maxSize) add('spec.mixedInstancesPolicy.onDemandBase', `${base} is more than maxSize ${spec.maxSize}`);
}
