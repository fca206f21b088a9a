import type { DesiredResource } from '../../../src/cloud/resource.ts';
import type { SubnetSpec } from '../../../src/spec/types.ts';
import type { AwsAttributes, Tags } from '../attributes.ts';
import { type AwsContext, isIpv6Only, isSharedSubnet, resource, subnetsOfType } from './context.ts';
import { subnetName } from './names.ts';
import { networkBlocks } from './network.ts';
import { ownedTags } from './tags.ts';

const publicLoadBalancers = 'kubernetes.io/role/elb';
const internalLoadBalancers = 'kubernetes.io/role/internal-elb';

/** Subnets of our own. Instances are named after their id (`i-…`), for as many families as the subnet has addresses of. */
export function subnets(context: AwsContext): DesiredResource[] {
  return context.subnets.filter((subnet) => !isSharedSubnet(subnet)).map((subnet) => subnetResource(context, subnet));
}

function subnetResource(context: AwsContext, subnet: SubnetSpec): DesiredResource {
  const name = subnetName(subnet.name, context.name);
  const attributes: AwsAttributes['Subnet'] = {
    vpcId: context.vpcId,
    availabilityZone: subnet.zone ?? '',
    ...(subnet.cidr === undefined ? { enableDns64: true, ipv6Native: true } : { cidrBlock: subnet.cidr, enableResourceNameDnsARecordOnLaunch: true }),
    ...(subnet.ipv6CIDR === undefined ? {} : { ipv6CidrBlock: subnet.ipv6CIDR, assignIpv6AddressOnCreation: true, enableResourceNameDnsAAAARecordOnLaunch: true }),
    privateDnsHostnameTypeOnLaunch: 'resource-name',
    tags: { ...ownedTags(context, name), ...(context.spec.DisableSubnetTags === true ? {} : roleTags(context, subnet)) },
  };
  const blocks = networkBlocks(context);
  return resource('Subnet', name, attributes, blocks.length > 0 ? { dependsOn: blocks } : {});
}

/** Tell load balancer controllers and Karpenter which subnets are for them. */
function roleTags(context: AwsContext, subnet: SubnetSpec): Tags {
  const karpenter = context.groups.filter((group) => group.spec.manager === 'Karpenter' && group.spec.subnets?.includes(subnet.name));
  return {
    SubnetType: subnet.type,
    ...loadBalancerTags(context, subnet),
    ...Object.fromEntries(karpenter.map((group) => [`kops.k8s.io/instance-group/${group.metadata.name}`, 'true'])),
  };
}

/** Internal ones belong into private subnets: the dual-stack one of a zone before the one without IPv4. Public ones do where nothing is private, but not with IPv6, whose addresses lead to an internet gateway. */
function loadBalancerTags(context: AwsContext, { type, zone }: SubnetSpec): Tags {
  if (type === 'Public' || type === 'Utility') {
    const nothingPrivate = subnetsOfType(context, 'Private', 'DualStack').length === 0;
    return { [publicLoadBalancers]: '1', ...(nothingPrivate && !isIpv6Only(context) ? { [internalLoadBalancers]: '1' } : {}) };
  }
  const hasDualStack = subnetsOfType(context, 'DualStack').some((other) => other.zone === zone);
  return type === 'Private' && hasDualStack ? {} : { [internalLoadBalancers]: '1' };
}
