import type { SubnetSpec, SubnetType } from '../../../src/spec/types.ts';
import type { AwsAttributes } from '../attributes.ts';
import { type AwsContext, groupsOfRole, subnetId, subnetsOfType } from './context.ts';

export type BalancerType = 'Public' | 'Internal';
type Mapping = AwsAttributes['NetworkLoadBalancer']['subnetMappings'][number];

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

/** One subnet in each zone, in order of zones. Several fit: utility subnets before dual-stack ones, then where the control plane is, then by name. */
export function balancerSubnets(context: AwsContext, type: BalancerType): Mapping[] {
  const candidates = subnetsOfType(context, ...subnetTypesFor(type));
  const zones = [...new Set(candidates.map((subnet) => subnet.zone ?? ''))].sort();
  return zones.map((zone) => ({
    subnetId: subnetId(
      context,
      best(
        context,
        candidates.filter((subnet) => subnet.zone === zone),
      ),
    ),
  }));
}

function best(context: AwsContext, candidates: readonly SubnetSpec[]): SubnetSpec {
  const ofControlPlane = new Set(groupsOfRole(context, 'Master').flatMap((group) => group.spec.subnets ?? []));
  const score = ({ name, type }: SubnetSpec) => (ofControlPlane.has(name) ? 1 : 0) + (type === 'DualStack' ? 2 : 0) + (type === 'Utility' ? 3 : 0);
  const [first] = [...candidates].sort((a, b) => score(b) - score(a) || (a.name < b.name ? -1 : 1));
  return first as SubnetSpec;
}
