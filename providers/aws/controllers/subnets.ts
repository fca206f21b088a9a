import type { Subnet } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import { cidrContainsIp, parseCidr, parseIp } from '../../../src/lib/cidr.ts';
import type { AwsApi } from '../api/clients.ts';
import { ownershipTag } from '../model/tags.ts';
import type { BalancerWish } from './balancer-wish.ts';

export interface BalancerSubnets {
  vpcId: string;
  mappings: { SubnetId: string; AllocationId?: string; PrivateIPv4Address?: string }[];
}

/** Those the Service names, else one of the cluster's in each zone, by their role: `kubernetes.io/role/elb`, `…/internal-elb`. */
export async function balancerSubnets(aws: AwsApi, clusterName: string, wish: BalancerWish): Promise<BalancerSubnets> {
  const subnets = wish.subnets ? await namedSubnets(aws, clusterName, wish.subnets) : await discoveredSubnets(aws, clusterName, wish);
  const chosen = addressed(wish, subnets);
  return { vpcId: subnets[0]?.VpcId ?? '', mappings: chosen };
}

async function describe(aws: AwsApi, name: string, values: string[]): Promise<Subnet[]> {
  const ec2 = await aws.service('ec2');
  return (await ec2.describeSubnets({ Filters: [{ Name: name, Values: values }] })).Subnets ?? [];
}

async function namedSubnets(aws: AwsApi, clusterName: string, words: readonly string[]): Promise<Subnet[]> {
  const ids = words.filter((word) => word.startsWith('subnet-'));
  const names = words.filter((word) => !word.startsWith('subnet-'));
  const [byId, ofCluster] = await Promise.all([
    ids.length > 0 ? describe(aws, 'subnet-id', ids) : [],
    names.length > 0 ? describe(aws, 'tag-key', [ownershipTag(clusterName)]) : [],
  ]);
  const found = words.map((word) => [...byId, ...ofCluster].find((subnet) => subnet.SubnetId === word || tag(subnet, 'Name') === word));
  const missing = words.filter((_word, at) => found[at] === undefined);
  if (missing.length > 0) throw refusal(`there is no subnet ${missing.join(', ')}`);
  const subnets = found.flatMap((subnet) => subnet ?? []);
  const zones = subnets.map((subnet) => subnet.AvailabilityZone);
  if (new Set(zones).size < zones.length) throw refusal(`a load balancer takes one subnet a zone: ${words.join(', ')} are in ${zones.join(', ')}`);
  return subnets;
}

async function discoveredSubnets(aws: AwsApi, clusterName: string, wish: BalancerWish): Promise<Subnet[]> {
  const role = wish.scheme === 'internal' ? 'kubernetes.io/role/internal-elb' : 'kubernetes.io/role/elb';
  const candidates = (await describe(aws, 'tag-key', [ownershipTag(clusterName)])).filter((subnet) => ['', '1'].includes(tag(subnet, role) ?? '-'));
  const byZone = new Map<string, Subnet>();
  for (const subnet of candidates.sort((a, b) => ((a.SubnetId ?? '') < (b.SubnetId ?? '') ? -1 : 1))) {
    const zone = subnet.AvailabilityZone ?? '';
    if (!byZone.has(zone)) byZone.set(zone, subnet);
  }
  if (byZone.size === 0) throw refusal(`no subnet of cluster ${clusterName} has the tag ${role}: tag some, or name them in service.beta.kubernetes.io/aws-load-balancer-subnets`);
  return [...byZone.keys()].sort().flatMap((zone) => byZone.get(zone) ?? []);
}

/** Elastic addresses go to the subnets in order, private ones to the subnet that has them. */
function addressed(wish: BalancerWish, subnets: readonly Subnet[]): BalancerSubnets['mappings'] {
  const { eipAllocations, privateIpv4Addresses } = wish;
  if (eipAllocations && eipAllocations.length !== subnets.length) throw refusal(`${eipAllocations.length} elastic addresses for ${subnets.length} subnets: one is needed for each`);
  return subnets.map((subnet, at) => {
    const SubnetId = subnet.SubnetId ?? '';
    if (eipAllocations) return { SubnetId, AllocationId: eipAllocations[at] ?? '' };
    if (!privateIpv4Addresses) return { SubnetId };
    const address = privateIpv4Addresses.find((ip) => contains(subnet, ip));
    if (address === undefined) throw refusal(`none of ${privateIpv4Addresses.join(', ')} lies in subnet ${SubnetId} (${subnet.CidrBlock}): one is needed for each`);
    return { SubnetId, PrivateIPv4Address: address };
  });
}

function contains(subnet: Subnet, ip: string): boolean {
  const block = parseCidr(subnet.CidrBlock ?? '');
  const address = parseIp(ip);
  return block !== undefined && address !== undefined && cidrContainsIp(block, address);
}

function tag(subnet: Subnet, key: string): string | undefined {
  return subnet.Tags?.find((each) => each.Key === key)?.Value;
}

function refusal(message: string): CloudError {
  return new CloudError('invalid', 'ensureLoadBalancer', message);
}
