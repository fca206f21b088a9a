import type { AutoScalingGroup, InstancesDistribution, LaunchTemplateOverrides, LaunchTemplateSpecification, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import { fromTagList } from '../api/tag-list.ts';
import type { InstanceRequirements } from '../attributes.ts';
import type { WantedResource } from './aws-kind.ts';

export type GroupAttributes = WantedResource<'AutoscalingGroup'>['attributes'];

/** Attributes that are one policy in the API. */
export const policyFields = [
  'overrideInstanceTypes',
  'instanceRequirements',
  'onDemandAllocationStrategy',
  'onDemandBaseCapacity',
  'onDemandPercentageAboveBaseCapacity',
  'spotAllocationStrategy',
  'spotInstancePools',
  'spotMaxPrice',
] as const;

/** A group launches from a template, or from a policy that names the template. */
export function toTemplate(attributes: GroupAttributes): { LaunchTemplate: LaunchTemplateSpecification } | { MixedInstancesPolicy: MixedInstancesPolicy } {
  const { launchTemplate, overrideInstanceTypes, instanceRequirements } = attributes;
  const LaunchTemplateSpecification = { LaunchTemplateId: launchTemplate.id, Version: launchTemplate.version };
  if (overrideInstanceTypes === undefined && instanceRequirements === undefined) return { LaunchTemplate: LaunchTemplateSpecification };
  const byType: LaunchTemplateOverrides[] = (overrideInstanceTypes ?? []).map((InstanceType) => ({ InstanceType }));
  const Overrides = instanceRequirements ? [{ InstanceRequirements: toRequirements(instanceRequirements) }] : byType;
  return { MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification, Overrides }, InstancesDistribution: toDistribution(attributes) } };
}

/** AWS leaves burstable machines out where nothing is said of them; clusters often are of them. */
function toRequirements({ vCpuCount, memoryMiB, excludedInstanceTypes }: InstanceRequirements): LaunchTemplateOverrides['InstanceRequirements'] {
  return {
    VCpuCount: { Min: vCpuCount.min, Max: vCpuCount.max },
    MemoryMiB: { Min: memoryMiB.min, Max: memoryMiB.max },
    BurstablePerformance: 'included',
    ...(excludedInstanceTypes ? { ExcludedInstanceTypes: [...excludedInstanceTypes] } : {}),
  };
}

function toDistribution(attributes: GroupAttributes): InstancesDistribution {
  const distribution = {
    OnDemandAllocationStrategy: attributes.onDemandAllocationStrategy,
    OnDemandBaseCapacity: attributes.onDemandBaseCapacity,
    OnDemandPercentageAboveBaseCapacity: attributes.onDemandPercentageAboveBaseCapacity,
    SpotAllocationStrategy: attributes.spotAllocationStrategy,
    SpotInstancePools: attributes.spotInstancePools,
    SpotMaxPrice: attributes.spotMaxPrice,
  };
  return Object.fromEntries(Object.entries(distribution).filter(([, value]) => value !== undefined));
}

export type WarmPool = NonNullable<GroupAttributes['warmPool']>;

/** As the model writes it. What a group does not have is absent. */
export function fromGroup(group: AutoScalingGroup): Partial<GroupAttributes> {
  const policy = group.MixedInstancesPolicy;
  const template = policy?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate;
  const metrics = group.EnabledMetrics ?? [];
  const granularity = metrics[0]?.Granularity;
  const pool = warmPool(group);
  return {
    autoScalingGroupName: group.AutoScalingGroupName ?? '',
    ...(template ? { launchTemplate: { id: template.LaunchTemplateId ?? '', version: template.Version ?? '' } } : {}),
    ...(policy ? fromPolicy(policy) : {}),
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    maxInstanceLifetime: group.MaxInstanceLifetime ?? 0,
    newInstancesProtectedFromScaleIn: group.NewInstancesProtectedFromScaleIn ?? false,
    capacityRebalance: group.CapacityRebalance ?? false,
    subnetIds: (group.VPCZoneIdentifier ?? '').split(',').filter((id) => id !== ''),
    loadBalancerNames: [...(group.LoadBalancerNames ?? [])].sort(),
    targetGroupArns: [...(group.TargetGroupARNs ?? [])].sort(),
    suspendedProcesses: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []).sort(),
    enabledMetrics: metrics.flatMap(({ Metric }) => Metric ?? []).sort(),
    ...(granularity === undefined ? {} : { metricsGranularity: granularity }),
    ...(pool ? { warmPool: pool } : {}),
    tags: fromTagList(group.Tags),
  };
}

function fromPolicy({ LaunchTemplate, InstancesDistribution: distribution = {} }: MixedInstancesPolicy): Partial<GroupAttributes> {
  const overrides = LaunchTemplate?.Overrides ?? [];
  const requirements = overrides[0]?.InstanceRequirements;
  const values = {
    overrideInstanceTypes: overrides.flatMap(({ InstanceType }) => InstanceType ?? []),
    instanceRequirements: requirements && fromRequirements(requirements),
    onDemandAllocationStrategy: distribution.OnDemandAllocationStrategy,
    onDemandBaseCapacity: distribution.OnDemandBaseCapacity,
    onDemandPercentageAboveBaseCapacity: distribution.OnDemandPercentageAboveBaseCapacity,
    spotAllocationStrategy: distribution.SpotAllocationStrategy,
    spotInstancePools: distribution.SpotInstancePools,
    spotMaxPrice: distribution.SpotMaxPrice ?? '',
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function fromRequirements({ VCpuCount, MemoryMiB, ExcludedInstanceTypes = [] }: NonNullable<LaunchTemplateOverrides['InstanceRequirements']>): InstanceRequirements {
  const excluded = ExcludedInstanceTypes.length > 0 ? { excludedInstanceTypes: ExcludedInstanceTypes.toSorted() } : {};
  return { vCpuCount: range(VCpuCount), memoryMiB: range(MemoryMiB), ...excluded };
}

function range(amount: { Min?: number | undefined; Max?: number | undefined } | undefined): { min: number; max?: number } {
  return { min: amount?.Min ?? 0, ...(amount?.Max === undefined ? {} : { max: amount.Max }) };
}

/** A pool that is being deleted is none. -1 stands for the size of the group. */
function warmPool({ WarmPoolConfiguration: pool }: AutoScalingGroup): WarmPool | undefined {
  if (!pool || pool.Status === 'PendingDelete') return undefined;
  const { MinSize: minSize = 0, MaxGroupPreparedCapacity: prepared } = pool;
  return { minSize, ...(prepared === undefined || prepared < 0 ? {} : { maxGroupPreparedCapacity: prepared }) };
}
