import { type DesiredResource, type ResourceId, ref } from '../../../src/cloud/resource.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import type { Id } from '../attributes.ts';
import { type AwsContext, hasExternalEgress, hasSharedNetwork, isIpv6Only, resource } from './context.ts';
import { ownedTags } from './tags.ts';

/** The VPC and its ways out. Of a network that exists nothing is made. */
export function network(context: AwsContext): DesiredResource[] {
  if (hasSharedNetwork(context)) return [];
  const { name, spec, vpcId } = context;
  const tags = ownedTags(context, name);
  return [
    resource('VPC', name, {
      cidrBlock: spec.networkCIDR ?? '',
      amazonProvidedIpv6CidrBlock: true,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags,
    }),
    ...additionalBlocks(context).map((cidrBlock) => resource('VPCCIDRBlock', blockName(cidrBlock, name), { vpcId, cidrBlock })),
    resource('DHCPOptions', name, { domainName: internalDomain(context.region), domainNameServers: 'AmazonProvidedDNS', tags }),
    resource('VPCDHCPOptionsAssociation', name, { vpcId, dhcpOptionsId: ref('DHCPOptions', name) }),
    ...(usesInternetGateway(context) ? [resource('InternetGateway', name, { vpcId, tags })] : []),
    ...(usesEgressOnlyInternetGateway(context) ? [resource('EgressOnlyInternetGateway', name, { vpcId, tags })] : []),
  ];
}

/** A subnet may lie in any of them: they come first. */
export function networkBlocks(context: AwsContext): ResourceId[] {
  return hasSharedNetwork(context) ? [] : additionalBlocks(context).map((cidrBlock) => ({ kind: 'VPCCIDRBlock', name: blockName(cidrBlock, context.name) }));
}

function additionalBlocks({ spec }: AwsContext): string[] {
  return (spec.additionalNetworkCIDRs as string[] | undefined) ?? [];
}

function blockName(cidrBlock: string, cluster: string): string {
  return `${cidrBlock}.${cluster}`;
}

/** What AWS itself calls instances in a region. */
function internalDomain(region: string): string {
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
}

function usesInternetGateway({ subnets }: AwsContext): boolean {
  return !subnets.every(hasExternalEgress);
}

/** NAT gateways and public load balancers fail in a network whose gateway is not attached yet; nothing in them refers to it. */
export function afterInternetGateway(context: AwsContext): Pick<DesiredResource, 'dependsOn'> {
  if (hasSharedNetwork(context) || !usesInternetGateway(context)) return {};
  return { dependsOn: [{ kind: 'InternetGateway', name: context.name }] };
}

/** Private subnets reach the IPv6 internet through it. */
export function usesEgressOnlyInternetGateway(context: AwsContext): boolean {
  const inside = context.subnets.filter(({ type }) => type === 'Private' || type === 'DualStack');
  return isIpv6Only(context) && !inside.every(hasExternalEgress);
}

export function internetGatewayId(context: AwsContext): Id {
  return hasSharedNetwork(context) ? gatewayOfNetwork(context, 'internetGatewayId', 'an internet gateway') : ref('InternetGateway', context.name);
}

export function egressOnlyInternetGatewayId(context: AwsContext): Id {
  if (!hasSharedNetwork(context)) return ref('EgressOnlyInternetGateway', context.name);
  return gatewayOfNetwork(context, 'egressOnlyInternetGatewayId', 'an egress-only internet gateway');
}

/** A preview that asks nobody knows only that there must be one. Throws when the network is known and has none. */
function gatewayOfNetwork({ spec, facts }: AwsContext, gateway: 'internetGatewayId' | 'egressOnlyInternetGatewayId', what: string): string {
  const id = spec.networkID ?? '';
  const network = facts.networks?.[id];
  if (!network) return `${what} of ${id}`;
  if (network[gateway] !== undefined) return network[gateway];
  throw new KopsError(`network ${id} lacks ${what}, which the cluster's subnets need`, {
    code: 'NO_GATEWAY',
    exit: 'invalid',
    object: id,
    suggestions: [`Attach ${what} to ${id} (a file of facts names it as ${gateway}).`, 'Or route the subnets yourself: egress: External.'],
  });
}
