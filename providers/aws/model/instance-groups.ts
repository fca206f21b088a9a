import { isKarpenterGroup } from '../../../src/spec/complete-instance-group.ts';
import type { InstanceGroup, SubnetSpec } from '../../../src/spec/types.ts';
import { type AwsContext, findSubnet } from './context.ts';

/** Groups that have an Auto Scaling group and a launch template. Karpenter starts machines of its groups from what it reads in the cluster. */
export function scalingGroups({ groups }: AwsContext): InstanceGroup[] {
  return groups.filter((group) => !isKarpenterGroup(group));
}

export function hasApiServer({ spec }: InstanceGroup): boolean {
  return spec.role === 'Master' || spec.role === 'APIServer';
}

/** In the order in which the group names them. */
export function groupSubnets(context: AwsContext, group: InstanceGroup): SubnetSpec[] {
  return (group.spec.subnets ?? []).flatMap((name) => findSubnet(context, name) ?? []);
}
