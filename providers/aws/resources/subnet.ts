import type { ModifySubnetAttributeRequest, Subnet } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { fromTagList } from '../api/tag-list.ts';
import { waitUntil } from '../api/wait-until.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { deleteBlocked } from './blockers.ts';
import { createOnce } from './create-once.ts';
import { ownedSubnets } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { interfacesWith } from './interface-blockers.ts';
import { absoluteBlock } from './ipv6-blocks.ts';
import { asWanted, found, mentioning } from './ownership.ts';
import { ipv6Block } from './vpc.ts';

type Wanted = WantedResource<'Subnet'>;

export const subnet: AwsKind<'Subnet'> = {
  kind: 'Subnet',
  list: async (inventory) => (await ownedSubnets(inventory)).map(describe),

  create: async (aws, resource, context) => {
    const { vpcId, availabilityZone, cidrBlock, ipv6Native, tags } = resource.attributes;
    const ipv6CidrBlock = await ipv6Of(aws, resource, context);
    const id = await createOnce(subnet, aws, resource, context, async (ec2) => {
      const place = { VpcId: vpcId, AvailabilityZone: availabilityZone, CidrBlock: cidrBlock, Ipv6CidrBlock: ipv6CidrBlock, Ipv6Native: ipv6Native };
      const { Subnet: made } = await ec2.createSubnet({ ...place, TagSpecifications: tagged('subnet', tags) });
      return made?.SubnetId;
    });
    if (ipv6CidrBlock !== undefined) await untilIpv6Usable(aws, id, context);
    await setAttributes(aws, id, resource, Object.keys(settings));
    return asWanted(resource, id, { cidrBlock, availabilityZone });
  },

  update: async (aws, actual, resource, changes, context) => {
    if (changes.includes('ipv6CidrBlock')) await changeIpv6Block(aws, actual, resource, context);
    await setAttributes(aws, actual.id, resource, changes);
    if (changes.includes('tags')) await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id, { cidrBlock: resource.attributes.cidrBlock, availabilityZone: resource.attributes.availabilityZone });
  },

  delete: (aws, actual, context) => deleteBlocked(aws, context, actual, interfacesWith({ 'subnet-id': actual.id }), (ec2) => ifThere(ec2.deleteSubnet({ SubnetId: actual.id }))),

  effect: (changes) => (changes.some((field) => fixed.has(field)) ? 'replace' : 'update'),
  same: (field, wanted, attributes) => (field === 'ipv6CidrBlock' && typeof wanted === 'string' ? hasBlock(wanted, attributes.ipv6CidrBlock) : undefined),
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};

const fixed = new Set(['vpcId', 'availabilityZone', 'cidrBlock', 'ipv6Native']);

/** `/64#1f` stands for the block with that number in whatever the network was given: the last byte before the hosts' half. */
function hasBlock(wanted: string, found: unknown): boolean {
  const number = /^\/64#([0-9a-f]+)$/i.exec(wanted)?.[1];
  if (number === undefined) return wanted === found;
  return typeof found === 'string' && absoluteBlock(wanted, `${found.replace(/\/\d+$/, '')}/56`) === found;
}

type Setting = keyof typeof settings;

/** The API takes one attribute a call. */
const settings = {
  assignIpv6AddressOnCreation: (attributes) => ({ AssignIpv6AddressOnCreation: { Value: attributes.assignIpv6AddressOnCreation } }),
  enableDns64: (attributes) => ({ EnableDns64: { Value: attributes.enableDns64 } }),
  enableResourceNameDnsARecordOnLaunch: (attributes) => ({ EnableResourceNameDnsARecordOnLaunch: { Value: attributes.enableResourceNameDnsARecordOnLaunch } }),
  enableResourceNameDnsAAAARecordOnLaunch: (attributes) => ({ EnableResourceNameDnsAAAARecordOnLaunch: { Value: attributes.enableResourceNameDnsAAAARecordOnLaunch } }),
  privateDnsHostnameTypeOnLaunch: (attributes) => ({
    PrivateDnsHostnameTypeOnLaunch: attributes.privateDnsHostnameTypeOnLaunch as NonNullable<ModifySubnetAttributeRequest['PrivateDnsHostnameTypeOnLaunch']>,
  }),
} satisfies Record<string, (attributes: Wanted['attributes']) => Omit<ModifySubnetAttributeRequest, 'SubnetId'>>;

async function setAttributes(aws: AwsApi, SubnetId: string, { attributes }: Wanted, fields: readonly string[]): Promise<void> {
  const ec2 = await aws.service('ec2');
  for (const field of fields) {
    const setting = settings[field as Setting];
    if (setting && attributes[field as Setting] !== undefined) await ec2.modifySubnetAttribute({ SubnetId, ...setting(attributes) });
  }
}

/** The block as AWS wants it. A network gets its IPv6 block some seconds after it was made. */
async function ipv6Of(aws: AwsApi, { attributes }: Wanted, context: OperationContext): Promise<string | undefined> {
  const { vpcId, ipv6CidrBlock } = attributes;
  if (ipv6CidrBlock?.startsWith('/') !== true) return ipv6CidrBlock;
  const ec2 = await aws.service('ec2');
  return waitUntil(aws, context, { operation: 'DescribeVpcs', what: `the IPv6 block of ${vpcId}`, everyMs: 2_000, limitMs: 120_000 }, async () => {
    const block = ipv6Block((await ec2.describeVpcs({ VpcIds: [vpcId] }, { abortSignal: context.signal })).Vpcs?.[0]);
    return block === undefined ? undefined : absoluteBlock(ipv6CidrBlock, block);
  });
}

/** A block that instances get addresses of stays: that is switched off for the time of the exchange. */
async function changeIpv6Block(aws: AwsApi, actual: ActualResource, resource: Wanted, context: OperationContext): Promise<void> {
  const SubnetId = actual.id;
  const ec2 = await aws.service('ec2');
  const there = (await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets?.[0]?.Ipv6CidrBlockAssociationSet ?? [];
  const wanted = await ipv6Of(aws, resource, context);
  const old = there.filter(({ Ipv6CidrBlock, Ipv6CidrBlockState }) => Ipv6CidrBlock !== wanted && isThere(Ipv6CidrBlockState?.State));
  if (old.length > 0 && actual.attributes.assignIpv6AddressOnCreation === true) await ec2.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: false } });
  for (const { AssociationId } of old) await ec2.disassociateSubnetCidrBlock({ AssociationId });
  if (wanted === undefined) return;
  // A second call for the same block is refused: after a lost answer the next attempt finds it there.
  const present = there.some(({ Ipv6CidrBlock, Ipv6CidrBlockState }) => Ipv6CidrBlock === wanted && isThere(Ipv6CidrBlockState?.State));
  if (!present) await (await aws.once('ec2')).associateSubnetCidrBlock({ SubnetId, Ipv6CidrBlock: wanted });
  await untilIpv6Usable(aws, SubnetId, context);
  await setAttributes(aws, SubnetId, resource, ['assignIpv6AddressOnCreation']);
}

/** A block is associated some seconds after AWS has said yes; settings that are about it are refused until then. */
async function untilIpv6Usable(aws: AwsApi, SubnetId: string, context: OperationContext): Promise<void> {
  const ec2 = await aws.service('ec2');
  await waitUntil(aws, context, { operation: 'AssociateSubnetCidrBlock', what: `the IPv6 block of ${SubnetId}`, everyMs: 1_000, limitMs: 120_000 }, async () => {
    const answer = await ifThere(ec2.describeSubnets({ SubnetIds: [SubnetId] }, { abortSignal: context.signal }));
    const states = answer?.Subnets?.[0]?.Ipv6CidrBlockAssociationSet?.map(({ Ipv6CidrBlockState: state }) => state) ?? [];
    const failed = states.find((state) => /^fail/.test(state?.State ?? ''));
    if (failed)
      throw new CloudError('invalid', 'AssociateSubnetCidrBlock', `the IPv6 block of ${SubnetId} is not associated: ${failed.StatusMessage ?? failed.State}`, { object: SubnetId });
    return (states.length > 0 && !states.some((state) => state?.State === 'associating')) || undefined;
  });
}

function isThere(state: string | undefined): boolean {
  return !/disassociat|fail/.test(state ?? '');
}

function describe(actual: Subnet) {
  const dns = actual.PrivateDnsNameOptionsOnLaunch;
  const attributes = {
    vpcId: actual.VpcId,
    availabilityZone: actual.AvailabilityZone,
    cidrBlock: actual.CidrBlock || undefined,
    ipv6CidrBlock: actual.Ipv6CidrBlockAssociationSet?.find(({ Ipv6CidrBlockState }) => isThere(Ipv6CidrBlockState?.State))?.Ipv6CidrBlock,
    assignIpv6AddressOnCreation: actual.AssignIpv6AddressOnCreation ?? false,
    enableDns64: actual.EnableDns64 ?? false,
    ipv6Native: actual.Ipv6Native ?? false,
    enableResourceNameDnsARecordOnLaunch: dns?.EnableResourceNameDnsARecord ?? false,
    enableResourceNameDnsAAAARecordOnLaunch: dns?.EnableResourceNameDnsAAAARecord ?? false,
    privateDnsHostnameTypeOnLaunch: dns?.HostnameType ?? 'ip-name',
    tags: fromTagList(actual.Tags),
  };
  return found({ kind: 'Subnet', id: actual.SubnetId ?? '', attributes, outputs: { cidrBlock: actual.CidrBlock, availabilityZone: actual.AvailabilityZone } });
}
