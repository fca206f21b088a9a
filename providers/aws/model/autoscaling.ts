import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { parseDurationMs } from '../../../src/lib/text.ts';
import type { InstanceGroup } from '../../../src/spec/types.ts';
import type { AwsAttributes, Id } from '../attributes.ts';
import { clusterSpec, groupSpec, usesTerminationQueue, type WarmPoolSpec } from '../aws-spec.ts';
import { type AwsContext, resource, subnetId, usesApiLoadBalancer, usesNoDns } from './context.ts';
import { queueRetentionSeconds } from './events.ts';
import { groupTags } from './group-tags.ts';
import { groupSubnets, hasApiServer, scalingGroups } from './instance-groups.ts';
import { mixedInstances } from './mixed-instances.ts';
import { instanceGroupName, type TargetGroupUse, targetGroupName } from './names.ts';
import { warmPoolOf } from './warm-pool.ts';

const metrics = 'DesiredCapacity,InServiceInstances,MaxSize,MinSize,PendingInstances,StandbyInstances,TerminatingInstances,TotalInstances'.split(',').map((name) => `Group${name}`);
const warmPoolMetrics = [
  ...['GroupAndWarmPoolDesiredCapacity', 'GroupAndWarmPoolTotalCapacity'],
  ...'DesiredCapacity,MinSize,PendingCapacity,TerminatingCapacity,TotalCapacity,WarmedCapacity'.split(',').map((name) => `WarmPool${name}`),
];
const warmPoolHookSeconds = 600;

export function autoscalingGroups(context: AwsContext): DesiredResource[] {
  return scalingGroups(context).map((group) => autoscalingGroup(context, group));
}

function autoscalingGroup(context: AwsContext, group: InstanceGroup): DesiredResource {
  const spec = groupSpec(group);
  const name = instanceGroupName(group, context.name);
  const pool = warmPoolOf(context, group);
  const attributes: AwsAttributes['AutoscalingGroup'] = {
    autoScalingGroupName: name,
    launchTemplate: { id: ref('LaunchTemplate', name), version: ref('LaunchTemplate', name, 'latestVersion') },
    ...mixedInstances(spec),
    minSize: spec.minSize ?? 1,
    maxSize: spec.maxSize ?? 1,
    maxInstanceLifetime: (parseDurationMs(spec.maxInstanceLifetime ?? '0') ?? 0) / 1000,
    newInstancesProtectedFromScaleIn: spec.instanceProtection ?? false,
    capacityRebalance: spec.capacityRebalance,
    subnetIds: groupSubnets(context, group).map((subnet) => subnetId(context, subnet)),
    loadBalancerNames: externalLoadBalancers(group).sort(),
    targetGroupArns: targetGroups(context, group),
    suspendedProcesses: spec.suspendProcesses ?? [],
    enabledMetrics: (pool ? [...metrics, ...warmPoolMetrics] : metrics).toSorted(),
    metricsGranularity: '1Minute',
    warmPool: pool && warmPool(pool),
    tags: groupTags(context, group),
  };
  return resource('AutoscalingGroup', name, attributes, { instanceGroup: group.metadata.name });
}

function warmPool({ minSize = 0, maxSize }: WarmPoolSpec): AwsAttributes['AutoscalingGroup']['warmPool'] {
  return { minSize, ...(maxSize === undefined ? {} : { maxGroupPreparedCapacity: maxSize }) };
}

function externalLoadBalancers(group: InstanceGroup): string[] {
  return (groupSpec(group).externalLoadBalancers ?? []).flatMap(({ loadBalancerName }) => loadBalancerName ?? []);
}

/** Ours by what the group serves, and the user's. */
function targetGroups(context: AwsContext, group: InstanceGroup): Id[] {
  const own = targetGroupUses(context, group).map((use) => ref('TargetGroup', targetGroupName(use, context.name)));
  return [...own, ...(groupSpec(group).externalLoadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? [])];
}

function targetGroupUses(context: AwsContext, group: InstanceGroup): TargetGroupUse[] {
  if (group.spec.role === 'Bastion') return ['bastion'];
  if (!hasApiServer(group) || !usesApiLoadBalancer(context)) return [];
  return [
    'tcp',
    ...(usesNoDns(context) && group.spec.role === 'Master' ? nodeServices(context) : []),
    ...(context.spec.api?.loadBalancer?.sslCertificate ? (['tls'] as const) : []),
  ];
}

/** What nodes find at the load balancer when there are no names: who lets them join, and the network's own etcd. */
function nodeServices({ spec }: AwsContext): TargetGroupUse[] {
  const { cilium } = (spec.networking ?? {}) as { cilium?: { etcdManaged?: boolean } };
  return ['kops-controller', ...(cilium?.etcdManaged ? (['etcd-cilium'] as const) : [])];
}

/** An instance waits for what is to happen at its beginning and end: a warm pool's preparation, the drain of a node. */
export function lifecycleHooks(context: AwsContext): DesiredResource[] {
  return scalingGroups(context).flatMap((group) => [...warmPoolHook(context, group), ...terminationHook(context, group)]);
}

function warmPoolHook(context: AwsContext, group: InstanceGroup): DesiredResource[] {
  const pool = warmPoolOf(context, group);
  if (!pool?.enableLifecycleHook) return [];
  const heartbeatTimeout = pool.lifecycleHookTimeout || warmPoolHookSeconds;
  return [lifecycleHook(context, group, `kops-warmpool-${group.metadata.name}`, 'kops-warmpool', { lifecycleTransition: launching, defaultResult: 'ABANDON', heartbeatTimeout })];
}

function terminationHook(context: AwsContext, group: InstanceGroup): DesiredResource[] {
  if (!usesTerminationQueue(clusterSpec(context))) return [];
  const name = `${group.metadata.name}-NTHLifecycleHook`;
  return [lifecycleHook(context, group, name, name, { lifecycleTransition: terminating, defaultResult: 'CONTINUE', heartbeatTimeout: queueRetentionSeconds })];
}

const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING';
type Hook = Pick<AwsAttributes['AutoscalingLifecycleHook'], 'lifecycleTransition' | 'defaultResult' | 'heartbeatTimeout'>;

function lifecycleHook(context: AwsContext, group: InstanceGroup, name: string, lifecycleHookName: string, hook: Hook): DesiredResource {
  const autoScalingGroupName = ref('AutoscalingGroup', instanceGroupName(group, context.name));
  return resource('AutoscalingLifecycleHook', name, { autoScalingGroupName, lifecycleHookName, ...hook }, { instanceGroup: group.metadata.name });
}
