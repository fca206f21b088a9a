import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  DetachInstancesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateTagsCommand, DescribeInstancesCommand, DescribeLaunchTemplatesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { awsInstances } from '../../../providers/aws/instances.ts';
import { cluster, mockedAws, ownTags, tagList, writes } from './aws-mocks.ts';

const name = `nodes.${cluster}`;
const template = (version: string) => ({ LaunchTemplateId: 'lt-1', Version: version });

interface Machine {
  id: string;
  version?: string;
  state?: string;
  detached?: boolean;
  health?: string;
}

/** A group of this template version with these machines. */
function scene(version: string, machines: readonly Machine[], mixed = false) {
  const mock = mockedAws();
  const members = machines.filter((machine) => !machine.detached);
  const Instances = members.map((machine) => ({ InstanceId: machine.id, LaunchTemplate: template(machine.version ?? '1'), HealthStatus: machine.health ?? 'Healthy' }));
  const policy = { MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification: template(version) } } };
  const group = {
    AutoScalingGroupName: name,
    ...(mixed ? policy : { LaunchTemplate: template(version) }),
    MinSize: 1,
    MaxSize: 4,
    DesiredCapacity: 2,
    Instances,
    Tags: tagList({ ...ownTags(name), 'kops.k8s.io/instancegroup': 'nodes' }),
  };
  mock.autoscaling.on(DescribeScalingActivitiesCommand).resolves({ Activities: [] });
  mock.autoscaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [group as never] });
  mock.ec2
    .on(DescribeLaunchTemplatesCommand)
    .resolves({ LaunchTemplates: [{ LaunchTemplateId: 'lt-1', LatestVersionNumber: 3, DefaultVersionNumber: 2, Tags: tagList(ownTags(name)) }] });
  const seen = machines.map(({ id, state = 'running', detached }) => ({
    InstanceId: id,
    InstanceType: 't3.medium' as const,
    State: { Name: state as 'running' },
    Placement: { AvailabilityZone: 'us-east-1a' },
    PrivateDnsName: `${id}.ec2.internal`,
    Tags: tagList({ ...ownTags(name), ...(detached ? { 'kops.k8s.io/detached-from-asg': name } : {}) }),
  }));
  mock.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: seen }] });
  return { ...mock, instances: awsInstances(mock.aws, mock.context.signal) };
}

describe('instances of a cluster', () => {
  it.each([
    ['1', false, { 'i-1': false, 'i-2': true, 'i-3': true }],
    ['$Default', false, { 'i-1': true, 'i-2': false, 'i-3': true }],
    ['$Latest', true, { 'i-1': true, 'i-2': true, 'i-3': false }],
  ])('need an update when they were not launched from version %s (mixed instances: %s)', async (version, mixed, expected) => {
    const machines = ['1', '2', '3'].map((own) => ({ id: `i-${own}`, version: own }));
    const [group] = await scene(version, machines, mixed).instances.groups(cluster);
    expect(Object.fromEntries(group?.instances.map(({ id, needsUpdate }) => [id, needsUpdate]) ?? [])).toEqual(expected);
  });

  it('are told with their group, those that were taken out of it too', async () => {
    const [group] = await scene('1', [{ id: 'i-1' }, { id: 'i-2', state: 'shutting-down', health: 'Unhealthy' }, { id: 'i-3', detached: true }]).instances.groups(cluster);
    expect(group).toMatchObject({ name, instanceGroup: 'nodes', min: 1, max: 4, target: 2, template: 'lt-1:1' });
    expect(group?.instances).toMatchObject([
      { id: 'i-1', state: 'running', machineType: 't3.medium', zone: 'us-east-1a', nodeName: 'i-1.ec2.internal', detached: false },
      { id: 'i-2', state: 'terminating', problem: expect.stringContaining('unhealthy') },
      { id: 'i-3', state: 'running', needsUpdate: true, detached: true },
    ]);
  });

  it.each([
    ['no capacity since', ['Failed', 'Successful'], 'InsufficientInstanceCapacity'],
    ['a failure that is over', ['InProgress', 'Successful', 'Failed'], undefined],
    ['nothing yet', [], undefined],
  ])('that are missing are explained: %s', async (_what, codes, problem) => {
    const { instances, autoscaling } = scene('1', [{ id: 'i-1' }]);
    autoscaling.on(DescribeScalingActivitiesCommand).resolves({ Activities: codes.map((StatusCode) => ({ StatusCode, StatusMessage: 'InsufficientInstanceCapacity' })) as never });
    expect((await instances.groups(cluster))[0]?.problem).toBe(problem);
  });

  it('are replaced by their group when they are terminated; a detached one just ends', async () => {
    const { instances, ec2, autoscaling } = scene('1', [{ id: 'i-1' }, { id: 'i-2', detached: true }]);
    await instances.terminate(cluster, 'i-1');
    expect(autoscaling.commandCalls(TerminateInstanceInAutoScalingGroupCommand)[0]?.args[0].input).toEqual({ InstanceId: 'i-1', ShouldDecrementDesiredCapacity: false });
    await instances.terminate(cluster, 'i-2');
    expect(ec2.commandCalls(TerminateInstancesCommand)[0]?.args[0].input).toEqual({ InstanceIds: ['i-2'] });
  });

  it('are marked before they leave their group, which starts others for them; once out they stay out', async () => {
    const { instances, ec2, autoscaling } = scene('1', [{ id: 'i-1' }, { id: 'i-2', detached: true }]);
    await instances.detach(cluster, 'i-1');
    expect(ec2.commandCalls(CreateTagsCommand)[0]?.args[0].input).toEqual({ Resources: ['i-1'], Tags: [{ Key: 'kops.k8s.io/detached-from-asg', Value: name }] });
    expect(autoscaling.commandCalls(DetachInstancesCommand)[0]?.args[0].input).toEqual({ AutoScalingGroupName: name, InstanceIds: ['i-1'], ShouldDecrementDesiredCapacity: false });
    const before = writes(ec2, autoscaling).length;
    await instances.detach(cluster, 'i-2');
    expect(writes(ec2, autoscaling)).toHaveLength(before);
  });

  it('are the only ones that are touched', async () => {
    const { instances, ec2, autoscaling } = scene('1', [{ id: 'i-1' }]);
    for (const touch of [instances.terminate, instances.detach]) await expect(touch(cluster, 'i-foreign')).rejects.toMatchObject({ class: 'notFound', object: 'i-foreign' });
    expect(writes(ec2, autoscaling)).toEqual([]);
  });
});
