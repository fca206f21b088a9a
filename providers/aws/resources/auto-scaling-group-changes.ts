import type { AutoScaling, UpdateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { inBatches } from '../api/parallel.ts';
import { changeTags } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { ifThere } from './adopt.ts';
import { type GroupAttributes, policyFields, toTemplate } from './auto-scaling-group-data.ts';

/** One update of a group, with what was seen of it before. */
export interface GroupChange {
  autoscaling: AutoScaling;
  before: Partial<GroupAttributes>;
  wanted: GroupAttributes;
  changes: readonly string[];
}

/** Each is one call, or a few, made only when something of its own changed. */
export const groupChanges: readonly ((change: GroupChange) => Promise<void>)[] = [
  changeGroupTags,
  changeSettings,
  changeTargetGroups,
  changeLoadBalancers,
  changeProcesses,
  changeMetrics,
  changeWarmPool,
];

/** AWS takes ten at a time. */
const attachedAtOnce = 10;

/** New instances get the tags: they come first. */
async function changeGroupTags({ autoscaling, before, wanted }: GroupChange): Promise<void> {
  const { autoScalingGroupName: ResourceId } = wanted;
  await changeTags(before.tags, wanted.tags, {
    set: (tags) => autoscaling.createOrUpdateTags({ Tags: groupTags(ResourceId, tags) }),
    remove: (keys) => autoscaling.deleteTags({ Tags: keys.map((Key) => ({ Key, ResourceId, ResourceType: 'auto-scaling-group' })) }),
  });
}

export function groupTags(group: string, tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true, ResourceId: group, ResourceType: 'auto-scaling-group' }));
}

/** How many instances run is not ours to set: AWS itself keeps the number between the limits. */
async function changeSettings({ autoscaling, wanted, changes }: GroupChange): Promise<void> {
  const changed = (...fields: readonly string[]) => fields.some((field) => changes.includes(field));
  const request: Partial<UpdateAutoScalingGroupType> = {
    ...(changed('launchTemplate', ...policyFields) ? toTemplate(wanted) : {}),
    ...(changed('minSize', 'maxSize') ? { MinSize: wanted.minSize, MaxSize: wanted.maxSize } : {}),
    ...(changed('maxInstanceLifetime') ? { MaxInstanceLifetime: wanted.maxInstanceLifetime } : {}),
    ...(changed('newInstancesProtectedFromScaleIn') ? { NewInstancesProtectedFromScaleIn: wanted.newInstancesProtectedFromScaleIn } : {}),
    ...(changed('capacityRebalance') ? { CapacityRebalance: wanted.capacityRebalance ?? false } : {}),
    ...(changed('subnetIds') ? { VPCZoneIdentifier: wanted.subnetIds.join(',') } : {}),
  };
  if (Object.keys(request).length > 0) await autoscaling.updateAutoScalingGroup({ AutoScalingGroupName: wanted.autoScalingGroupName, ...request });
}

async function changeTargetGroups({ autoscaling, before, wanted, changes }: GroupChange): Promise<void> {
  if (!changes.includes('targetGroupArns')) return;
  const AutoScalingGroupName = wanted.autoScalingGroupName;
  const { added, removed } = difference(before.targetGroupArns, wanted.targetGroupArns);
  await inBatches(added, attachedAtOnce, async (TargetGroupARNs) => [await autoscaling.attachLoadBalancerTargetGroups({ AutoScalingGroupName, TargetGroupARNs })]);
  await inBatches(removed, attachedAtOnce, async (TargetGroupARNs) => [await ifThere(autoscaling.detachLoadBalancerTargetGroups({ AutoScalingGroupName, TargetGroupARNs }))]);
}

async function changeLoadBalancers({ autoscaling, before, wanted, changes }: GroupChange): Promise<void> {
  if (!changes.includes('loadBalancerNames')) return;
  const AutoScalingGroupName = wanted.autoScalingGroupName;
  const { added, removed } = difference(before.loadBalancerNames, wanted.loadBalancerNames);
  await inBatches(added, attachedAtOnce, async (LoadBalancerNames) => [await autoscaling.attachLoadBalancers({ AutoScalingGroupName, LoadBalancerNames })]);
  await inBatches(removed, attachedAtOnce, async (LoadBalancerNames) => [await ifThere(autoscaling.detachLoadBalancers({ AutoScalingGroupName, LoadBalancerNames }))]);
}

async function changeProcesses({ autoscaling, before, wanted, changes }: GroupChange): Promise<void> {
  if (!changes.includes('suspendedProcesses')) return;
  const AutoScalingGroupName = wanted.autoScalingGroupName;
  const { added, removed } = difference(before.suspendedProcesses, wanted.suspendedProcesses);
  // An empty list would stand for all processes.
  if (added.length > 0) await autoscaling.suspendProcesses({ AutoScalingGroupName, ScalingProcesses: added });
  if (removed.length > 0) await autoscaling.resumeProcesses({ AutoScalingGroupName, ScalingProcesses: removed });
}

async function changeMetrics({ autoscaling, before, wanted, changes }: GroupChange): Promise<void> {
  if (!changes.includes('enabledMetrics') && !changes.includes('metricsGranularity')) return;
  const AutoScalingGroupName = wanted.autoScalingGroupName;
  const { added, removed } = difference(before.enabledMetrics, wanted.enabledMetrics);
  if (added.length > 0) await autoscaling.enableMetricsCollection({ AutoScalingGroupName, Metrics: [...wanted.enabledMetrics], Granularity: wanted.metricsGranularity });
  if (removed.length > 0) await autoscaling.disableMetricsCollection({ AutoScalingGroupName, Metrics: removed });
}

/** Its instances go with it: they have never served. */
async function changeWarmPool({ autoscaling, wanted, changes }: GroupChange): Promise<void> {
  if (!changes.includes('warmPool')) return;
  const { autoScalingGroupName: AutoScalingGroupName, warmPool } = wanted;
  if (!warmPool) await ifThere(autoscaling.deleteWarmPool({ AutoScalingGroupName, ForceDelete: true }));
  // -1 takes an earlier limit back.
  else await autoscaling.putWarmPool({ AutoScalingGroupName, MinSize: warmPool.minSize, MaxGroupPreparedCapacity: warmPool.maxGroupPreparedCapacity ?? -1 });
}

function difference(before: readonly string[] = [], wanted: readonly string[]): { added: string[]; removed: string[] } {
  return { added: wanted.filter((item) => !before.includes(item)), removed: before.filter((item) => !wanted.includes(item)) };
}
