import { fromTagList } from '../api/tag-list.ts';
import { waitUntil } from '../api/wait-until.ts';
import { ifThere } from './adopt.ts';
import type { StrayKind } from './aws-kind.ts';
import { ownedIdleInterfaces, ownedInstances } from './ec2-lists.ts';
import { found, mentioning } from './ownership.ts';

/** Instances in no Auto Scaling group: detached by a rolling update, or launched by something in the cluster (Karpenter). */
export const instance: StrayKind = {
  kind: 'Instance',
  list: async (inventory) => {
    const stray = (await ownedInstances(inventory)).filter(({ Tags }) => !Tags?.some(({ Key }) => Key === 'aws:autoscaling:groupName'));
    return stray.map(({ InstanceId = '', InstanceType, SubnetId, VpcId, SecurityGroups, Tags }) => {
      const attributes = { instanceType: InstanceType, subnetId: SubnetId, vpcId: VpcId, securityGroupIds: SecurityGroups?.map(({ GroupId }) => GroupId), tags: fromTagList(Tags) };
      return found({ kind: 'Instance', id: InstanceId, name: InstanceId, attributes, manager: 'kubernetes' });
    });
  },

  delete: async (aws, actual, context) => {
    const ec2 = await aws.service('ec2');
    await ifThere(ec2.terminateInstances({ InstanceIds: [actual.id] }));
    await waitUntil(aws, context, { operation: 'TerminateInstances', what: `instance ${actual.id} to end`, everyMs: 5_000 }, async (tell) => {
      const answer = await ifThere(ec2.describeInstances({ InstanceIds: [actual.id] }, { abortSignal: context.signal }));
      const state = answer?.Reservations?.[0]?.Instances?.[0]?.State?.Name;
      tell(state ?? '');
      return state === undefined || state === 'terminated' || undefined;
    });
  },
};

/** Network interfaces that a network plugin made and nothing uses any more. */
export const networkInterface: StrayKind = {
  kind: 'NetworkInterface',
  list: async (inventory) =>
    (await ownedIdleInterfaces(inventory)).map(({ NetworkInterfaceId = '', SubnetId, VpcId, Groups, TagSet }) => {
      const attributes = { subnetId: SubnetId, vpcId: VpcId, securityGroupIds: Groups?.map(({ GroupId }) => GroupId), tags: fromTagList(TagSet) };
      return found({ kind: 'NetworkInterface', id: NetworkInterfaceId, name: NetworkInterfaceId, attributes, manager: 'kubernetes' });
    }),
  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteNetworkInterface({ NetworkInterfaceId: actual.id }));
  },
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};
