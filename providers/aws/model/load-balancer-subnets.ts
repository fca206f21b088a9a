import type { SubnetSpec, SubnetType } from '../../../src/spec/types.ts';
import type { AwsAttributes } from '../attributes.ts';
import { type AwsContext, groupsOfRole, subnetId, subnetsOfType } from './context.ts';
import { subnetName } from './names.ts';

export type BalancerType = 'Public' | 'Internal';
type Balancer = AwsAttributes['NetworkLoadBalancer'];

/** A subnet that a load balancer stands in, with what is fixed of its addresses there. */
export interface Place {
  subnet: SubnetSpec;
  privateIPv4Address?: string;
  allocationId?: string;
}

export function apiBalancerType({ spec }: AwsContext): BalancerType {
  return spec.api?.loadBalancer?.type ?? 'Public';
}

export function bastionBalancerType({ spec }: AwsContext): BalancerType {
  const balancer = spec.topology?.bastion?.loadBalancer as { type?: BalancerType } | undefined;
  return balancer?.type ?? 'Public';
}

export function subnetTypesFor(type: BalancerType): SubnetType[] {
  return type === 'Public' ? ['Public', 'Utility'] : ['DualStack', 'Private'];
}

/** One subnet in each zone. Several fit: utility subnets before dual-stack ones, then where the control plane is, then by name. */
export function placesByZone(context: AwsContext, type: BalancerType): Place[] {
  const candidates = subnetsOfType(context, ...subnetTypesFor(type));
  const zones = [...new Set(candidates.map((subnet) => subnet.zone))];
  return zones.map((zone) => {
    const inZone = candidates.filter((subnet) => subnet.zone === zone);
    return { subnet: best(context, inZone) };
  });
}

/** In order of the subnets' full names. Both families only where every subnet has both. */
export function standingIn(context: AwsContext, places: readonly Place[]): Pick<Balancer, 'ipAddressType' | 'subnetMappings'> {
  const fullName = ({ subnet }: Place) => subnetName(subnet.name, context.name);
  const ordered = [...places].sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
  return {
    ipAddressType: places.every(({ subnet }) => subnet.ipv6CIDR !== undefined) ? 'dualstack' : 'ipv4',
    subnetMappings: ordered.map(({ subnet, ...addresses }) => ({ subnetId: subnetId(context, subnet), ...addresses })),
  };
}

function best(context: AwsContext, candidates: readonly SubnetSpec[]): SubnetSpec {
  const ofControlPlane = new Set(groupsOfRole(context, 'Master').flatMap((group) => group.spec.subnets ?? []));
  const score = ({ name, type }: SubnetSpec) => (ofControlPlane.has(name) ? 1 : 0) + (type === 'DualStack' ? 2 : 0) + (type === 'Utility' ? 3 : 0);
  const [first] = [...candidates].sort((a, b) => score(b) - score(a) || (a.name < b.name ? -1 : 1));
  return first as SubnetSpec;
}
