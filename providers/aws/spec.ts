import type { Facts, FactsRequest, ProviderSpec } from '../../src/cloud/provider.ts';
import type { Cluster, CompletedCluster, InstanceGroup, InstanceGroupRole } from '../../src/spec/types.ts';
import { clusterSpec, groupSpec } from './aws-spec.ts';
import { interruptionSettings } from './bootstrap/interruption-settings.ts';
import { workerRoles } from './bootstrap/worker-roles.ts';
import { defaultDnsType, nearestDnsZone, possibleDnsZones, usesDns } from './dns-zone.ts';
import { validateAws, validateAwsApply } from './validate.ts';

const zone = /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/;

const roleNames: Record<InstanceGroupRole, string> = { Master: 'control-plane', APIServer: 'control-plane', Node: 'node', Bastion: 'bastion' };

/** Families of machines with a graphics processor: p4d, g5, gr6. */
const gpuFamily = /^(p|g|gr)\d/;

/** What EC2, Auto Scaling, ELBv2, IAM, Route 53, SQS and EventBridge can be told. */
const actsOn = {
  cluster: [
    'DisableSubnetTags,additionalPolicies,assets.fileRepository,cloudControllerManager,containerd.useECRCredentialsForMirrors,egressProxy,dnsZone,externalPolicies,iam,networkID,nodePortAccess',
    'nodeTerminationHandler.deleteSQSMsgIfNodeNotFound,nodeTerminationHandler.enabled,nodeTerminationHandler.enableRebalanceDraining,nodeTerminationHandler.enableSQSTerminationDraining',
    'nodeTerminationHandler.excludeFromLoadBalancers,nodeTerminationHandler.managedASGTag,nodeTerminationHandler.podTerminationGracePeriod',
    'karpenter.enabled,kubeAPIServer.serviceAccountIssuer,serviceAccountIssuerDiscovery,warmPool',
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
  modelReferences,
  clusterDefaults,
  instanceGroupDefaults: (cluster, group, facts: Facts): Record<string, unknown> => ({
    ...machineTypeDefault(group, facts),
    ...publicAddressDefault(cluster, group),
    ...gpuDefaults(cluster, group),
  }),
  validate: validateAws,
  validateApply: validateAwsApply,
  workerIdentities: workerRoles,
  interruptions: interruptionSettings,
};

/** Only blocks that were left open are looked up: a stored cluster needs no call. */
function references({ spec }: Cluster): FactsRequest {
  const lists = {
    networkIds: spec.networkID !== undefined && spec.networkCIDR === undefined ? [spec.networkID] : [],
    subnetIds: (spec.subnets ?? []).flatMap((subnet) => (subnet.id !== undefined && subnet.cidr === undefined ? [subnet.id] : [])),
  };
  return asked(lists);
}

/** Everything that exists already and has an id, a gateway or a disk that resources of the cluster name. */
function modelReferences({ cluster, instanceGroups }: CompletedCluster): FactsRequest {
  const spec = clusterSpec(cluster);
  const subnets = spec.subnets ?? [];
  const lists = {
    networkIds: spec.networkID === undefined ? [] : [spec.networkID],
    subnetIds: subnets.flatMap(({ id }) => id ?? []),
    addresses: unique(subnets.flatMap((subnet) => (subnet.publicIP as string | undefined) ?? [])),
    natGatewayIds: unique(subnets.flatMap(({ egress }) => (egress?.startsWith('nat-') ? egress : []))),
    images: unique(instanceGroups.flatMap((group) => group.spec.image ?? [])),
    machineTypes: unique(instanceGroups.flatMap(machineTypesOf)),
    instanceProfiles: unique(instanceGroups.flatMap((group) => groupSpec(group).iam?.profile?.split('/').at(-1) ?? [])),
    hostedZones: usesDns(cluster) ? (spec.dnsZone === undefined ? possibleDnsZones(cluster.metadata.name) : [spec.dnsZone]) : [],
  };
  return { account: true, ...asked(lists) };
}

function machineTypesOf(group: InstanceGroup): string[] {
  return [...(group.spec.machineType?.split(',') ?? []), ...(groupSpec(group).mixedInstancesPolicy?.instances ?? [])];
}

function asked(lists: Readonly<Record<string, readonly string[]>>): FactsRequest {
  return Object.fromEntries(Object.entries(lists).filter(([, names]) => names.length > 0));
}

function clusterDefaults(cluster: Cluster, facts: Facts): Record<string, unknown> {
  const spec = clusterSpec(cluster);
  const shared = facts.networks?.[spec.networkID ?? '']?.cidrs[0];
  const subnets = (spec.subnets ?? []).map(({ id }, i) => [`spec.subnets[${i}].cidr`, id === undefined ? undefined : facts.subnets?.[id]?.cidr]);
  return {
    'spec.networkCIDR': shared ?? (spec.networkID === undefined ? '172.20.0.0/16' : undefined),
    ...Object.fromEntries(subnets),
    'spec.topology.dns.type': defaultDnsType(cluster.metadata.name),
    ...(usesDns(cluster) ? { 'spec.dnsZone': nearestDnsZone(cluster, facts) } : {}),
    // New clusters say what they want; one that was stored without it was made without it. kops leaves out lists that somebody emptied.
    'spec.iam.allowContainerRegistry': false,
    'spec.kubernetesApiAccess': [],
    'spec.sshAccess': [],
    ...terminationDefaults(spec.karpenter?.enabled === true),
  };
}

/** Karpenter looks after the end of its machines itself. */
function terminationDefaults(karpenter: boolean): Record<string, unknown> {
  const at = 'spec.nodeTerminationHandler';
  if (karpenter) return { [`${at}.enabled`]: false };
  return {
    [`${at}.enabled`]: true,
    [`${at}.enableSQSTerminationDraining`]: true,
    [`${at}.enableRebalanceDraining`]: false,
    [`${at}.managedASGTag`]: 'aws-node-termination-handler/managed',
  };
}

function machineTypeDefault({ spec }: InstanceGroup, facts: Facts): Record<string, unknown> {
  const type = facts.defaultMachineTypes?.[roleNames[spec.role]];
  return spec.manager === 'Karpenter' || type === undefined ? {} : { 'spec.machineType': type };
}

/** Utility subnets are open too. */
function publicAddressDefault({ spec }: Cluster, group: InstanceGroup): Record<string, unknown> {
  const first = spec.subnets?.find(({ name }) => name === group.spec.subnets?.[0]);
  return first ? { 'spec.associatePublicIp': first.type === 'Public' || first.type === 'Utility' } : {};
}

/** Machines with a graphics processor are for those who ask for it, where the cluster installs what it takes to use one. */
function gpuDefaults(cluster: Cluster, group: InstanceGroup): Record<string, unknown> {
  const spec = groupSpec(group);
  const wanted = clusterSpec(cluster).containerd?.nvidiaGPU?.enabled === true || spec.containerd?.nvidiaGPU?.enabled === true;
  if (!wanted || !gpuFamily.test(spec.machineType ?? '')) return {};
  const taints = spec.taints ?? [];
  const tainted = taints.some((taint) => taint.startsWith('nvidia.com/gpu'));
  return { 'spec.nodeLabels["kops.k8s.io/gpu"]': '1', ...(tainted ? {} : { [`spec.taints[${taints.length}]`]: 'nvidia.com/gpu:NoSchedule' }) };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
