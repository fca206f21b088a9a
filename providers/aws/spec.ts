import type { Facts, FactsRequest, ProviderSpec } from '../../src/cloud/provider.ts';
import type { Cluster, InstanceGroup, InstanceGroupRole } from '../../src/spec/types.ts';
import { validateAws } from './validate.ts';

const zone = /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/;

const roleNames: Record<InstanceGroupRole, string> = { Master: 'control-plane', APIServer: 'control-plane', Node: 'node', Bastion: 'bastion' };

/** What EC2, Auto Scaling, ELBv2, IAM, Route 53, SQS and EventBridge can be told. */
const actsOn = {
  cluster: [
    'DisableSubnetTags,additionalPolicies,cloudControllerManager,dnsZone,externalPolicies,iam,karpenter,networkID,nodePortAccess,nodeTerminationHandler',
    'serviceAccountIssuerDiscovery,warmPool',
  ].flatMap((line) => line.split(',')),
  instanceGroup: [
    'additionalSecurityGroups,additionalUserData,capacityRebalance,compressUserData,cpuCredits,detailedInstanceMonitoring,externalLoadBalancers,iam',
    'instanceInterruptionBehavior,instanceMetadata,instanceProtection,manager,maxInstanceLifetime,maxPrice,mixedInstancesPolicy',
    'rootVolumeDeleteOnTermination,rootVolumeEncryptionKey,rootVolumeOptimization,securityGroupOverride,spotDurationInMinutes,suspendProcesses,tenancy,volumes,warmPool',
  ].flatMap((line) => line.split(',')),
};

export const awsSpec: ProviderSpec = {
  actsOn,
  ownsZone: (name) => zone.test(name),
  references,
  clusterDefaults,
  instanceGroupDefaults: (_cluster, group, facts: Facts): Record<string, unknown> => machineTypeDefault(group, facts),
  validate: validateAws,
};

/** Only blocks that were left open are looked up: a stored cluster needs no call. */
function references({ spec }: Cluster): FactsRequest {
  const subnetIds = (spec.subnets ?? []).flatMap((subnet) => (subnet.id !== undefined && subnet.cidr === undefined ? [subnet.id] : []));
  const networkIds = spec.networkID !== undefined && spec.networkCIDR === undefined ? [spec.networkID] : [];
  return { ...(networkIds.length > 0 ? { networkIds } : {}), ...(subnetIds.length > 0 ? { subnetIds } : {}) };
}

function clusterDefaults({ spec }: Cluster, facts: Facts): Record<string, unknown> {
  const shared = facts.networks?.[spec.networkID ?? '']?.cidrs[0];
  const subnets = (spec.subnets ?? []).map(({ id }, i) => [`spec.subnets[${i}].cidr`, id === undefined ? undefined : facts.subnets?.[id]?.cidr]);
  return { 'spec.networkCIDR': shared ?? (spec.networkID === undefined ? '172.20.0.0/16' : undefined), ...Object.fromEntries(subnets) };
}

function machineTypeDefault({ spec }: InstanceGroup, facts: Facts): Record<string, unknown> {
  const type = facts.defaultMachineTypes?.[roleNames[spec.role]];
  return spec.manager === 'Karpenter' || type === undefined ? {} : { 'spec.machineType': type };
}
