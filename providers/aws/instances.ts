import type { AutoScalingGroup, Instance as GroupInstance } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import { CloudError } from '../../src/cloud/errors.ts';
import type { CloudGroup, CloudInstance, InstancesFacet } from '../../src/cloud/provider.ts';
import type { AwsApi } from './api/clients.ts';
import { fromTagList } from './api/tag-list.ts';
import { problemsOf } from './group-problems.ts';
import { describeGroups } from './resources/auto-scaling-groups.ts';
import { ownedInstances } from './resources/ec2-lists.ts';
import { Inventory } from './resources/inventory.ts';
import { instanceGroupTag } from './resources/ownership.ts';
import { type Template, templateOf, templatesOf } from './template-versions.ts';

/** Holds the name of the group that the instance was taken out of: kops' own tag, so that either tool goes on where the other stopped. */
const detachedTag = 'kops.k8s.io/detached-from-asg';

/** Groups and instances as a rolling update sees them. */
export function awsInstances(aws: AwsApi, signal: AbortSignal): InstancesFacet {
  const groups = async (clusterName: string): Promise<CloudGroup[]> => {
    const [described, instances] = await Promise.all([describeGroups(aws, clusterName), ownedInstances(new Inventory(aws, clusterName, signal))]);
    const living = described.filter((group) => group.Status === undefined);
    const [templates, problems] = await Promise.all([templatesOf(aws, living), problemsOf(aws, living)]);
    const told = living.map((group): CloudGroup => {
      const problem = problems.get(group.AutoScalingGroupName ?? '');
      return { ...cloudGroup(group, templates.get(group.AutoScalingGroupName ?? ''), instances), ...(problem === undefined ? {} : { problem }) };
    });
    return told.sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  /** Only the cluster's own instances are touched, whatever id is given. */
  const owner = async (clusterName: string, id: string, operation: string): Promise<{ group: string; detached: boolean }> => {
    for (const group of await groups(clusterName)) {
      const instance = group.instances.find((candidate) => candidate.id === id);
      if (instance) return { group: group.name, detached: instance.detached };
    }
    throw new CloudError('notFound', operation, `no instance group of ${clusterName} has an instance ${id}`, {
      object: id,
      suggestions: [`kops-ts get instances --name ${clusterName}`],
    });
  };

  return {
    groups,

    async terminate(clusterName, instanceId) {
      const { detached } = await owner(clusterName, instanceId, 'TerminateInstanceInAutoScalingGroup');
      if (detached) await (await aws.service('ec2')).terminateInstances({ InstanceIds: [instanceId] });
      else await (await aws.service('autoscaling')).terminateInstanceInAutoScalingGroup({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: false });
    },

    // The tag first: a surge that is stopped in between knows the instance again.
    async detach(clusterName, instanceId) {
      const { group, detached } = await owner(clusterName, instanceId, 'DetachInstances');
      if (detached) return;
      await (await aws.service('ec2')).createTags({ Resources: [instanceId], Tags: [{ Key: detachedTag, Value: group }] });
      const autoscaling = await aws.service('autoscaling');
      await autoscaling.detachInstances({ AutoScalingGroupName: group, InstanceIds: [instanceId], ShouldDecrementDesiredCapacity: false });
    },
  };
}

function cloudGroup(group: AutoScalingGroup, template: Template | undefined, instances: readonly Instance[]): CloudGroup {
  const name = group.AutoScalingGroupName ?? '';
  const byId = new Map(instances.map((instance) => [instance.InstanceId, instance]));
  const members = (group.Instances ?? []).map((member) => cloudInstance(member, byId.get(member.InstanceId), template));
  const memberIds = new Set(members.map(({ id }) => id));
  const detached = instances.filter((instance) => !memberIds.has(instance.InstanceId ?? '') && fromTagList(instance.Tags)[detachedTag] === name);
  return {
    name,
    instanceGroup: fromTagList(group.Tags)[instanceGroupTag] ?? name,
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    target: group.DesiredCapacity ?? 0,
    template: template ? `${template.id}:${template.version}` : '',
    instances: [...members, ...detached.map((instance) => ({ ...described(instance), needsUpdate: true, detached: true }))],
  };
}

function cloudInstance(member: GroupInstance, instance: Instance | undefined, template: Template | undefined): CloudInstance {
  const own = templateOf(member);
  const problem = member.HealthStatus === 'Unhealthy' ? 'its group holds it for unhealthy and replaces it' : undefined;
  const unseen = { id: member.InstanceId ?? '', state: 'pending' as const, machineType: member.InstanceType ?? '', zone: member.AvailabilityZone ?? '', launchedAt: '' };
  return {
    ...(instance ? described(instance) : unseen),
    needsUpdate: own?.id !== template?.id || own?.version !== template?.version,
    detached: false,
    ...(problem === undefined ? {} : { problem }),
  };
}

type Described = Omit<CloudInstance, 'needsUpdate' | 'detached'>;

function described(instance: Instance): Described {
  const { PrivateIpAddress: privateIp, PublicIpAddress: publicIp, PrivateDnsName: nodeName } = instance;
  return {
    id: instance.InstanceId ?? '',
    state: stateOf(instance.State?.Name),
    machineType: instance.InstanceType ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    launchedAt: instance.LaunchTime?.toISOString() ?? '',
    ...(privateIp ? { privateIp } : {}),
    ...(publicIp ? { publicIp } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(instance.StateReason?.Message && instance.State?.Name !== 'running' ? { problem: instance.StateReason.Message } : {}),
  };
}

function stateOf(name: string | undefined): CloudInstance['state'] {
  if (name === 'shutting-down') return 'terminating';
  return name === 'running' || name === 'stopping' || name === 'stopped' || name === 'terminated' ? name : 'pending';
}
