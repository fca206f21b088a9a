import {
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DeleteWarmPoolCommand,
  DescribeAutoScalingGroupsCommand,
  DisableMetricsCollectionCommand,
  PutWarmPoolCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { fromGroup, toTemplate } from '../../../providers/aws/resources/auto-scaling-group-data.ts';
import { autoscalingGroup } from '../../../providers/aws/resources/autoscaling-group.ts';
import type { WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { differingFields } from '../../../src/cloud/differences.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { awsFailure, cluster, mockedAws, ownTags, tagList, writes } from './aws-mocks.ts';

type Attributes = WantedResource<'AutoscalingGroup'>['attributes'];

const name = `nodes.${cluster}`;
const group: Attributes = {
  autoScalingGroupName: name,
  launchTemplate: { id: 'lt-1', version: '3' },
  minSize: 2,
  maxSize: 5,
  maxInstanceLifetime: 0,
  newInstancesProtectedFromScaleIn: false,
  subnetIds: ['subnet-1', 'subnet-2'],
  loadBalancerNames: [],
  targetGroupArns: [],
  suspendedProcesses: [],
  enabledMetrics: ['GroupMaxSize', 'GroupMinSize'],
  metricsGranularity: '1Minute',
  tags: ownTags(name),
};

/** The same as AWS tells it. */
function described(attributes: Attributes, more: object = {}): AutoScalingGroup {
  return {
    AutoScalingGroupName: name,
    ...toTemplate(attributes),
    MinSize: attributes.minSize,
    MaxSize: attributes.maxSize,
    DesiredCapacity: 4,
    VPCZoneIdentifier: [...attributes.subnetIds].reverse().join(','),
    EnabledMetrics: attributes.enabledMetrics.map((Metric) => ({ Metric, Granularity: '1Minute' })),
    Tags: tagList(attributes.tags),
    ...more,
  } as AutoScalingGroup;
}

const actualOf = (attributes: Attributes): ActualResource => ({ kind: 'AutoscalingGroup', name, id: name, attributes: { ...attributes }, outputs: { id: name }, owned: true });
const wish = (attributes: Attributes): WantedResource<'AutoscalingGroup'> => ({ kind: 'AutoscalingGroup', name, cluster, attributes });

async function change(before: Attributes, wanted: Partial<Attributes>) {
  const mock = mockedAws();
  const attributes = { ...before, ...wanted };
  const fields = differingFields(attributes, actualOf(before), autoscalingGroup);
  await autoscalingGroup.update?.(mock.aws, actualOf(before), wish(attributes), fields, mock.context);
  return mock;
}

describe('Auto Scaling group', () => {
  it('never says how many instances run: only the limits', async () => {
    const mock = await change(group, { minSize: 3, maxSize: 3 });
    expect(writes(mock.autoscaling)).toEqual(['UpdateAutoScalingGroup']);
    expect(mock.autoscaling.commandCalls(UpdateAutoScalingGroupCommand)[0]?.args[0].input).toEqual({ AutoScalingGroupName: name, MinSize: 3, MaxSize: 3 });
  });

  it.each([
    ['a new version of the template', { launchTemplate: { id: 'lt-1', version: '4' } }, { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '4' } }],
    ['a limited lifetime', { maxInstanceLifetime: 604_800 }, { MaxInstanceLifetime: 604_800 }],
    ['protection from scale-in', { newInstancesProtectedFromScaleIn: true }, { NewInstancesProtectedFromScaleIn: true }],
    ['rebalancing', { capacityRebalance: true }, { CapacityRebalance: true }],
    ['other subnets', { subnetIds: ['subnet-2', 'subnet-3'] }, { VPCZoneIdentifier: 'subnet-2,subnet-3' }],
  ] satisfies [string, Partial<Attributes>, object][])('changes %s in one call that speaks of nothing else', async (_what, wanted, request) => {
    const mock = await change(group, wanted);
    expect(writes(mock.autoscaling)).toEqual(['UpdateAutoScalingGroup']);
    expect(mock.autoscaling.commandCalls(UpdateAutoScalingGroupCommand)[0]?.args[0].input).toEqual({ AutoScalingGroupName: name, ...request });
  });

  it('sees no difference in the order in which AWS lists subnets', () => {
    expect(differingFields(group, { attributes: fromGroup(described(group)) }, autoscalingGroup)).toEqual([]);
  });

  it('turns off metrics that nobody wants any more', async () => {
    const mock = await change(group, { enabledMetrics: ['GroupMinSize'] });
    expect(mock.autoscaling.commandCalls(DisableMetricsCollectionCommand)[0]?.args[0].input).toEqual({ AutoScalingGroupName: name, Metrics: ['GroupMaxSize'] });
  });

  it('takes a warm pool away that is not in the spec any more, and its limit back', async () => {
    const pooled = { ...group, warmPool: { minSize: 1, maxGroupPreparedCapacity: 3 } };
    const without = mockedAws();
    await autoscalingGroup.update?.(without.aws, actualOf(pooled), wish(group), differingFields(group, actualOf(pooled), autoscalingGroup), without.context);
    expect(without.autoscaling.commandCalls(DeleteWarmPoolCommand)).toHaveLength(1);
    const unlimited = await change(pooled, { warmPool: { minSize: 1 } });
    expect(unlimited.autoscaling.commandCalls(PutWarmPoolCommand)[0]?.args[0].input).toMatchObject({ MinSize: 1, MaxGroupPreparedCapacity: -1 });
    expect(fromGroup(described(group, { WarmPoolConfiguration: { MinSize: 1, Status: 'PendingDelete' } })).warmPool).toBeUndefined();
  });

  it.each([
    [
      'types in order of preference',
      { overrideInstanceTypes: ['m5.large', 'm5a.large'], onDemandBaseCapacity: 1, spotAllocationStrategy: 'price-capacity-optimized', spotMaxPrice: '' },
    ],
    ['what a type must have', { overrideInstanceTypes: [], instanceRequirements: { vCpuCount: { min: 2, max: 8 }, memoryMiB: { min: 4096 } }, spotMaxPrice: '0.2' }],
    ['the template’s type with spot on top', { overrideInstanceTypes: [], onDemandPercentageAboveBaseCapacity: 20, spotInstancePools: 3, spotMaxPrice: '' }],
  ] satisfies [string, Partial<Attributes>][])('reads a policy of %s back as it wrote it', (_what, policy) => {
    const wanted = { ...group, ...policy };
    const answer = described(wanted);
    expect(answer).toHaveProperty('MixedInstancesPolicy');
    expect(differingFields(wanted, { attributes: fromGroup(answer) }, autoscalingGroup)).toEqual([]);
  });

  it('has burstable machines among those that are what a type must be', () => {
    const instanceRequirements = { vCpuCount: { min: 2 }, memoryMiB: { min: 4096 } };
    expect(toTemplate({ ...group, overrideInstanceTypes: [], instanceRequirements })).toMatchObject({
      MixedInstancesPolicy: {
        LaunchTemplate: { Overrides: [{ InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 4096 }, BurstablePerformance: 'included' } }] },
      },
    });
  });

  it('goes back from a policy to the template alone', async () => {
    const mixed = { ...group, overrideInstanceTypes: ['m5.large'], spotMaxPrice: '' };
    const fields = differingFields(group, { attributes: fromGroup(described(mixed)) }, autoscalingGroup);
    expect(fields).toEqual(['overrideInstanceTypes']);
    const mock = mockedAws();
    const made = await autoscalingGroup.update?.(mock.aws, actualOf(mixed), wish(group), fields, mock.context);
    expect(mock.autoscaling.commandCalls(UpdateAutoScalingGroupCommand)[0]?.args[0].input).toEqual({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
    });
    expect(made?.attributes).toEqual(group);
  });

  it('waits until the group and its instances are gone, and tells how many are left', async () => {
    const mock = mockedAws();
    const instances = (...ids: string[]) => ids.map((InstanceId) => ({ InstanceId }));
    mock.autoscaling
      .on(DescribeAutoScalingGroupsCommand)
      .resolvesOnce({ AutoScalingGroups: [{ ...described(group), Status: 'Delete in progress', Instances: instances('i-1') as never }] })
      .resolves({ AutoScalingGroups: [] });
    mock.ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: instances('i-2') }] })
      .resolves({ Reservations: [] });
    await autoscalingGroup.delete(mock.aws, actualOf(group), mock.context);
    expect(mock.autoscaling.commandCalls(DeleteAutoScalingGroupCommand)[0]?.args[0].input).toEqual({ AutoScalingGroupName: name, ForceDelete: true });
    expect(mock.told).toEqual([`waiting for group ${name} to be gone: 1 instance`, 'waiting for its instances to end: 1 instance']);
  });

  it('waits for the instances of a warm pool, and of a group that is gone already: neither lists them', async () => {
    const mock = mockedAws();
    mock.autoscaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [] });
    mock.autoscaling.on(DeleteAutoScalingGroupCommand).rejects(awsFailure('autoscaling', 'DeleteAutoScalingGroup', 'ValidationError', 'AutoScalingGroup name not found'));
    mock.ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-stopped' }] }], NextToken: 'more' })
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-running' }] }] })
      .resolves({ Reservations: [] });
    await autoscalingGroup.delete(mock.aws, actualOf(group), mock.context);
    expect(mock.told).toEqual(['waiting for its instances to end: 2 instances']);
    expect(mock.ec2.commandCalls(DescribeInstancesCommand)[0]?.args[0].input.Filters?.[0]).toEqual({ Name: 'tag:aws:autoscaling:groupName', Values: [name] });
  });

  it('waits for the group of before when it is still being deleted', async () => {
    const mock = mockedAws();
    mock.autoscaling.on(CreateAutoScalingGroupCommand).rejects(awsFailure('autoscaling', 'CreateAutoScalingGroup', 'AlreadyExists'));
    mock.autoscaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [{ ...described(group), Status: 'Delete in progress' }] });
    await expect(autoscalingGroup.create(mock.aws, wish(group), mock.context)).rejects.toMatchObject({ class: 'dependency', retryable: true });
  });

  it('tries again when the instance profile is too new for Auto Scaling to know it', async () => {
    const mock = mockedAws();
    mock.autoscaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [] });
    const message = 'You must use a valid fully-formed launch template. Value (nodes) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name';
    mock.autoscaling.on(CreateAutoScalingGroupCommand).rejects(awsFailure('autoscaling', 'CreateAutoScalingGroup', 'ValidationError', message));
    await expect(autoscalingGroup.create(mock.aws, wish(group), mock.context)).rejects.toMatchObject({ class: 'notYetVisible' });
  });
});
