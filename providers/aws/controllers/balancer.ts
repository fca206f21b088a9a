import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CloudError } from '../../../src/cloud/errors.ts';
import { toTagList } from '../api/tag-list.ts';
import { ifThere } from '../resources/adopt.ts';
import { tagsByArn } from '../resources/load-balancer-lists.ts';
import { findOrCreate } from './adopt.ts';
import type { BalancerWish } from './balancer-wish.ts';
import { isOwned } from './names.ts';
import type { BalancerScope } from './scope.ts';
import type { BalancerSubnets } from './subnets.ts';

/** The Service's load balancer; undefined when there is none. One of this name that is somebody else's is an error. */
export async function findBalancer({ aws, clusterName, service, name }: BalancerScope): Promise<LoadBalancer | undefined> {
  const elb = await aws.service('elbv2');
  const balancer = (await ifThere(elb.describeLoadBalancers({ Names: [name] })))?.LoadBalancers?.[0];
  const arn = balancer?.LoadBalancerArn;
  if (arn === undefined) return undefined;
  if (!isOwned(clusterName, service, (await tagsByArn(aws, [arn])).get(arn))) {
    throw new CloudError('invalid', 'DescribeLoadBalancers', `load balancer ${name} is there and belongs to somebody else: delete it`, { object: name });
  }
  return balancer;
}

/** What cannot be changed in place: the scheme, and addresses chosen by hand. */
export function needsReplacement(balancer: LoadBalancer, wish: BalancerWish, { mappings }: BalancerSubnets): boolean {
  if (balancer.Scheme !== wish.scheme) return true;
  const actual = new Map((balancer.AvailabilityZones ?? []).map((zone) => [zone.SubnetId, zone.LoadBalancerAddresses ?? []]));
  return mappings.some(({ SubnetId, AllocationId, PrivateIPv4Address }) => {
    const addresses = actual.get(SubnetId);
    if (!addresses) return false;
    return (
      (AllocationId !== undefined && !addresses.some((address) => address.AllocationId === AllocationId)) ||
      (PrivateIPv4Address !== undefined && !addresses.some((address) => address.PrivateIPv4Address === PrivateIPv4Address))
    );
  });
}

export async function ensureBalancer(
  scope: BalancerScope,
  wish: BalancerWish,
  subnets: BalancerSubnets,
  groupIds: readonly string[],
  there: LoadBalancer | undefined,
): Promise<LoadBalancer> {
  let isNew = false;
  const balancer =
    there ??
    (await findOrCreate(
      () => findBalancer(scope),
      () => {
        isNew = true;
        return create(scope, wish, subnets, groupIds);
      },
    ));
  const arn = balancer.LoadBalancerArn ?? '';
  if (!isNew) await change(scope, balancer, wish, subnets, groupIds);
  await syncAttributes(scope, arn, wish);
  return balancer;
}

async function create({ aws, name }: BalancerScope, wish: BalancerWish, { mappings }: BalancerSubnets, groupIds: readonly string[]): Promise<LoadBalancer | undefined> {
  const elb = await aws.once('elbv2');
  const made = await elb.createLoadBalancer({
    Name: name,
    Type: 'network',
    Scheme: wish.scheme,
    IpAddressType: wish.ipAddressType,
    SubnetMappings: mappings,
    SecurityGroups: [...groupIds],
    Tags: toTagList(wish.tags),
  });
  return made.LoadBalancers?.[0];
}

async function change(
  { aws, clusterName, service }: BalancerScope,
  balancer: LoadBalancer,
  wish: BalancerWish,
  { mappings }: BalancerSubnets,
  groupIds: readonly string[],
): Promise<void> {
  const LoadBalancerArn = balancer.LoadBalancerArn ?? '';
  const elb = await aws.service('elbv2');
  const actualSubnets = (balancer.AvailabilityZones ?? []).map((zone) => zone.SubnetId ?? '');
  if (
    !sameSet(
      actualSubnets,
      mappings.map(({ SubnetId }) => SubnetId),
    )
  )
    await elb.setSubnets({ LoadBalancerArn, SubnetMappings: mappings });
  if (balancer.IpAddressType !== undefined && balancer.IpAddressType !== wish.ipAddressType) await elb.setIpAddressType({ LoadBalancerArn, IpAddressType: wish.ipAddressType });
  if (!sameSet(balancer.SecurityGroups ?? [], groupIds)) await elb.setSecurityGroups({ LoadBalancerArn, SecurityGroups: [...groupIds] });
  const tags = (await tagsByArn(aws, [LoadBalancerArn])).get(LoadBalancerArn) ?? {};
  if (!isOwned(clusterName, service, tags)) return;
  const changed = Object.entries(wish.tags).filter(([key, value]) => tags[key] !== value);
  const gone = Object.keys(tags).filter((key) => !(key in wish.tags));
  if (changed.length > 0) await elb.addTags({ ResourceArns: [LoadBalancerArn], Tags: toTagList(Object.fromEntries(changed)) });
  if (gone.length > 0) await elb.removeTags({ ResourceArns: [LoadBalancerArn], TagKeys: gone });
}

async function syncAttributes({ aws }: BalancerScope, LoadBalancerArn: string, { attributes }: BalancerWish): Promise<void> {
  const elb = await aws.service('elbv2');
  const actual = new Map(((await elb.describeLoadBalancerAttributes({ LoadBalancerArn })).Attributes ?? []).map(({ Key, Value }) => [Key, Value]));
  const changed = Object.entries(attributes).filter(([key, value]) => (actual.get(key) ?? '') !== value);
  if (changed.length > 0) await elb.modifyLoadBalancerAttributes({ LoadBalancerArn, Attributes: changed.map(([Key, Value]) => ({ Key, Value })) });
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
