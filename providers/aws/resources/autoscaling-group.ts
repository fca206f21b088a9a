import type { AutoScaling, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { differingFields } from '../../../src/cloud/differences.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { plural } from '../../../src/lib/text.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages } from '../api/parallel.ts';
import { waitUntil } from '../api/wait-until.ts';
import { createOrAdopt, ifThere } from './adopt.ts';
import { groupChanges, groupTags } from './auto-scaling-group-changes.ts';
import { fromGroup, type GroupAttributes, policyFields, toTemplate } from './auto-scaling-group-data.ts';
import { groupsOf } from './auto-scaling-groups.ts';
import type { AwsKind } from './aws-kind.ts';
import { found, withInstanceGroup } from './ownership.ts';

export const autoscalingGroup: AwsKind<'AutoscalingGroup'> = {
  kind: 'AutoscalingGroup',

  list: async (inventory) => (await groupsOf(inventory)).map(actualGroup),

  // What the create call does not take is changed right after it; the same brings one that was adopted to what is wanted.
  create: async (aws, resource, context) => {
    const { attributes } = resource;
    const made = await createOrAdopt(autoscalingGroup, aws, resource, context, {
      make: () => createGroup(aws, attributes),
      find: () => findGroup(aws, attributes.autoScalingGroupName),
      // A server that does not refuse a second group of the name forgets the machines of the first.
      lookFirst: true,
    });
    const missing = differingFields(attributes, made, autoscalingGroup);
    return missing.length === 0 ? made : changeGroup(await aws.service('autoscaling'), made, attributes, missing);
  },

  update: async (aws, actual, { attributes }, changes) => changeGroup(await aws.service('autoscaling'), actual, attributes, changes),

  delete: async (aws, actual, context) => {
    const autoscaling = await aws.service('autoscaling');
    await ifThere(autoscaling.deleteAutoScalingGroup({ AutoScalingGroupName: actual.id, ForceDelete: true }));
    await untilGroupIsGone(aws, actual.id, context);
    await untilInstancesEnded(aws, actual.id, context);
  },

  effect: (changes) => (changes.includes('autoScalingGroupName') ? 'replace' : 'update'),

  unordered: ['subnetIds', 'loadBalancerNames', 'targetGroupArns', 'suspendedProcesses', 'enabledMetrics'],

  clearable: ['warmPool', 'overrideInstanceTypes', 'instanceRequirements'],
};

async function createGroup(aws: AwsApi, attributes: GroupAttributes): Promise<void> {
  const { autoScalingGroupName: name, maxInstanceLifetime, capacityRebalance, loadBalancerNames, targetGroupArns } = attributes;
  await (await aws.once('autoscaling')).createAutoScalingGroup({
    AutoScalingGroupName: name,
    ...toTemplate(attributes),
    MinSize: attributes.minSize,
    MaxSize: attributes.maxSize,
    NewInstancesProtectedFromScaleIn: attributes.newInstancesProtectedFromScaleIn,
    VPCZoneIdentifier: attributes.subnetIds.join(','),
    Tags: groupTags(name, attributes.tags),
    ...(maxInstanceLifetime > 0 ? { MaxInstanceLifetime: maxInstanceLifetime } : {}),
    ...(capacityRebalance === undefined ? {} : { CapacityRebalance: capacityRebalance }),
    ...(loadBalancerNames.length > 0 ? { LoadBalancerNames: [...loadBalancerNames] } : {}),
    ...(targetGroupArns.length > 0 ? { TargetGroupARNs: [...targetGroupArns] } : {}),
  });
}

async function changeGroup(autoscaling: AutoScaling, actual: ActualResource, wanted: GroupAttributes, changes: readonly string[]): Promise<ActualResource> {
  for (const change of groupChanges) await change({ autoscaling, before: actual.attributes, wanted, changes });
  // What the policy held and the model does not name any more is gone with it.
  const kept = Object.entries(actual.attributes).filter(([field]) => field !== 'warmPool' && !policyFields.includes(field as (typeof policyFields)[number]));
  return { ...actual, attributes: { ...Object.fromEntries(kept), ...wanted } };
}

async function findGroup(aws: AwsApi, name: string): Promise<ActualResource | undefined> {
  const group = await describeGroup(await aws.service('autoscaling'), name);
  if (group?.Status) throw new CloudError('dependency', 'CreateAutoScalingGroup', `the group ${name} of before is still there: ${group.Status}`, { object: name });
  return group && actualGroup(group);
}

async function describeGroup(autoscaling: AutoScaling, name: string): Promise<AutoScalingGroup | undefined> {
  return (await autoscaling.describeAutoScalingGroups({ AutoScalingGroupNames: [name] })).AutoScalingGroups?.[0];
}

async function untilGroupIsGone(aws: AwsApi, name: string, context: OperationContext): Promise<void> {
  const autoscaling = await aws.service('autoscaling');
  await waitUntil(aws, context, { operation: 'DeleteAutoScalingGroup', what: `group ${name} to be gone`, everyMs: 5_000 }, async (tell) => {
    const group = await describeGroup(autoscaling, name);
    tell(plural(group?.Instances?.length ?? 0, 'instance'));
    return group ? undefined : true;
  });
}

/** Their disks, network interfaces and security groups are free only then. Those of a warm pool are among them; a group that is gone does not list any. */
async function untilInstancesEnded(aws: AwsApi, group: string, context: OperationContext): Promise<void> {
  const ec2 = await aws.service('ec2');
  const living = {
    Filters: [
      { Name: 'tag:aws:autoscaling:groupName', Values: [group] },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'] },
    ],
  };
  await waitUntil(aws, context, { operation: 'TerminateInstances', what: 'its instances to end', everyMs: 5_000 }, async (tell) => {
    const reservations = await allPages(async (NextToken) => {
      const page = await ec2.describeInstances({ ...living, NextToken }, { abortSignal: context.signal });
      return { items: page.Reservations, next: page.NextToken };
    });
    const left = reservations.flatMap(({ Instances = [] }) => Instances).length;
    tell(plural(left, 'instance'));
    return left === 0 || undefined;
  });
}

function actualGroup(group: AutoScalingGroup): ActualResource {
  const name = group.AutoScalingGroupName ?? '';
  const actual = withInstanceGroup(found({ kind: 'AutoscalingGroup', id: name, name, attributes: { ...fromGroup(group) }, outputs: { arn: group.AutoScalingGroupARN } }));
  return group.DesiredCapacity === undefined ? actual : { ...actual, size: group.DesiredCapacity };
}
