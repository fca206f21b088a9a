import type { ElasticLoadBalancingV2, LoadBalancer, SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { inParallel } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import { waitUntil } from '../api/wait-until.ts';
import { createOrAdopt, ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { changeElbTags, loadBalancersOf, settingsOf, type Tagged, toSettings, withTags } from './load-balancer-lists.ts';
import { found, mentioning } from './ownership.ts';

type BalancerAttributes = WantedResource<'NetworkLoadBalancer'>['attributes'];

export const networkLoadBalancer: AwsKind<'NetworkLoadBalancer'> = {
  kind: 'NetworkLoadBalancer',

  list: async (inventory) => {
    const elb = await inventory.aws.service('elbv2');
    const balancers = await inParallel(await loadBalancersOf(inventory), (balancer) => ifThere(describe(elb, balancer)));
    return balancers.filter((balancer) => balancer !== undefined);
  },

  create: (aws, resource, context) => {
    const { attributes } = resource;
    return createOrAdopt(networkLoadBalancer, aws, resource, context, {
      make: async () => {
        const { LoadBalancers: [made] = [] } = await (await aws.once('elbv2')).createLoadBalancer({
          Name: attributes.loadBalancerName,
          Type: 'network',
          Scheme: attributes.scheme,
          SubnetMappings: mappings(attributes),
          SecurityGroups: [...attributes.securityGroupIds],
          Tags: toTagList(attributes.tags),
          ...(attributes.ipAddressType === undefined ? {} : { IpAddressType: attributes.ipAddressType as 'ipv4' }),
        });
        const elb = await aws.service('elbv2');
        if (made) await elb.modifyLoadBalancerAttributes({ LoadBalancerArn: made.LoadBalancerArn, Attributes: settings(attributes) });
      },
      find: () => findBalancer(aws, attributes.loadBalancerName),
      lookFirst: true,
    });
  },

  update: async (aws, actual, { attributes }, changes) => {
    const elb = await aws.service('elbv2');
    const LoadBalancerArn = actual.id;
    if (changes.includes('securityGroupIds')) await changeSecurityGroups(elb, actual, attributes);
    if (changes.includes('ipAddressType')) await elb.setIpAddressType({ LoadBalancerArn, IpAddressType: attributes.ipAddressType as 'ipv4' });
    if (changes.includes('subnetMappings')) await elb.setSubnets({ LoadBalancerArn, SubnetMappings: mappings(attributes) });
    if (changes.includes('crossZone') || changes.includes('accessLog')) await elb.modifyLoadBalancerAttributes({ LoadBalancerArn, Attributes: settings(attributes) });
    await changeElbTags(elb, actual, attributes.tags);
    return { ...actual, attributes: { ...actual.attributes, ...attributes } };
  },

  // Its listeners go with it. What it leaves in the subnets goes a little later, by itself.
  delete: async (aws, actual, context) => {
    const elb = await aws.service('elbv2');
    await ifThere(elb.deleteLoadBalancer({ LoadBalancerArn: actual.id }));
    const wait = { operation: 'DeleteLoadBalancer', what: `load balancer ${actual.name} to be gone` };
    await waitUntil(aws, context, wait, async () => ((await ifThere(elb.describeLoadBalancers({ LoadBalancerArns: [actual.id] }))) ? undefined : true));
  },

  effect: (changes) => (changes.some((field) => field === 'loadBalancerName' || field === 'scheme') ? 'replace' : 'update'),

  unordered: ['subnetMappings', 'securityGroupIds'],

  clearable: ['accessLog'],

  deleteAfter: (actual, all) => mentioning(actual.id, all, ['NetworkLoadBalancerListener']),
};

function mappings({ subnetMappings }: BalancerAttributes): SubnetMapping[] {
  return subnetMappings.map(({ subnetId, privateIPv4Address, allocationId }) => ({ SubnetId: subnetId, PrivateIPv4Address: privateIPv4Address, AllocationId: allocationId }));
}

function settings({ crossZone, accessLog }: BalancerAttributes): { Key: string; Value: string }[] {
  const logs: Record<string, string | boolean> =
    accessLog === undefined
      ? { 'access_logs.s3.enabled': false }
      : { 'access_logs.s3.enabled': true, 'access_logs.s3.bucket': accessLog.bucket, 'access_logs.s3.prefix': accessLog.bucketPrefix ?? '' };
  return toSettings({ 'load_balancing.cross_zone.enabled': crossZone, ...logs });
}

/** One that was made without any takes none later, and those that have some keep at least one. */
async function changeSecurityGroups(elb: ElasticLoadBalancingV2, actual: ActualResource, { securityGroupIds }: BalancerAttributes): Promise<void> {
  const before = actual.attributes.securityGroupIds as readonly string[];
  if ((before.length === 0) !== (securityGroupIds.length === 0)) {
    throw new CloudError(
      'invalid',
      'SetSecurityGroups',
      `the load balancer ${actual.name} was made ${before.length === 0 ? 'without' : 'with'} security groups, which AWS cannot change`,
      {
        object: actual.id,
        suggestions: [`Delete it, the next update makes it anew: aws elbv2 delete-load-balancer --load-balancer-arn ${actual.id}`],
      },
    );
  }
  await elb.setSecurityGroups({ LoadBalancerArn: actual.id, SecurityGroups: [...securityGroupIds] });
}

async function findBalancer(aws: AwsApi, name: string): Promise<ActualResource | undefined> {
  const elb = await aws.service('elbv2');
  const page = await ifThere(elb.describeLoadBalancers({ Names: [name] }));
  const [balancer] = await withTags(aws, page?.LoadBalancers ?? [], (item) => item.LoadBalancerArn);
  return balancer && ifThere(describe(elb, balancer));
}

async function describe(elb: ElasticLoadBalancingV2, { item, tags }: Tagged<LoadBalancer>): Promise<ActualResource> {
  const { LoadBalancerArn: arn = '', LoadBalancerName: loadBalancerName = '' } = item;
  const { Attributes } = await elb.describeLoadBalancerAttributes({ LoadBalancerArn: arn });
  const values = settingsOf(Attributes);
  const bucketPrefix = values['access_logs.s3.prefix'];
  const logged = values['access_logs.s3.enabled'] === 'true';
  return found({
    kind: 'NetworkLoadBalancer',
    id: arn,
    name: tags.Name ?? loadBalancerName,
    attributes: {
      loadBalancerName,
      scheme: item.Scheme,
      ipAddressType: item.IpAddressType,
      crossZone: values['load_balancing.cross_zone.enabled'] === 'true',
      subnetMappings: actualMappings(item),
      securityGroupIds: item.SecurityGroups ?? [],
      accessLog: logged ? { bucket: values['access_logs.s3.bucket'], ...(bucketPrefix ? { bucketPrefix } : {}) } : undefined,
      tags,
    },
    // As Route 53 writes it in aliases.
    outputs: { arn, dnsName: item.DNSName?.toLowerCase(), hostedZoneId: item.CanonicalHostedZoneId },
  });
}

function actualMappings({ AvailabilityZones = [] }: LoadBalancer): BalancerAttributes['subnetMappings'] {
  return AvailabilityZones.map(({ SubnetId: subnetId = '', LoadBalancerAddresses: [address] = [] }) => ({
    subnetId,
    ...(address?.PrivateIPv4Address ? { privateIPv4Address: address.PrivateIPv4Address } : {}),
    ...(address?.AllocationId ? { allocationId: address.AllocationId } : {}),
  }));
}
