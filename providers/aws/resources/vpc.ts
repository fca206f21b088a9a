import type { Vpc } from '@aws-sdk/client-ec2';
import type { AwsApi } from '../api/clients.ts';
import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { allOf, deleteBlocked } from './blockers.ts';
import { createOnce } from './create-once.ts';
import { ownedVpcs } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { interfacesWith } from './interface-blockers.ts';
import type { Inventory } from './inventory.ts';
import { thingsInVpc } from './network-blockers.ts';
import { asWanted, found, mentioning } from './ownership.ts';

export const vpc: AwsKind<'VPC'> = {
  kind: 'VPC',
  list: async (inventory) => {
    const described = (await ownedVpcs(inventory)).map((item) => ifThere(describe(inventory, item)));
    return (await Promise.all(described)).filter((item) => item !== undefined);
  },

  create: async (aws, resource, context) => {
    const { cidrBlock, amazonProvidedIpv6CidrBlock, tags } = resource.attributes;
    const id = await createOnce(vpc, aws, resource, context, async (ec2) => {
      const { Vpc } = await ec2.createVpc({ CidrBlock: cidrBlock, AmazonProvidedIpv6CidrBlock: amazonProvidedIpv6CidrBlock, TagSpecifications: tagged('vpc', tags) });
      return Vpc?.VpcId;
    });
    const ec2 = await aws.service('ec2');
    // One attribute a call: the API takes no more.
    await ec2.modifyVpcAttribute({ VpcId: id, EnableDnsSupport: { Value: resource.attributes.enableDnsSupport } });
    await ec2.modifyVpcAttribute({ VpcId: id, EnableDnsHostnames: { Value: resource.attributes.enableDnsHostnames } });
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource, changes) => {
    const ec2 = await aws.service('ec2');
    const { amazonProvidedIpv6CidrBlock, enableDnsSupport, enableDnsHostnames, tags } = resource.attributes;
    if (changes.includes('enableDnsSupport')) await ec2.modifyVpcAttribute({ VpcId: actual.id, EnableDnsSupport: { Value: enableDnsSupport } });
    if (changes.includes('enableDnsHostnames')) await ec2.modifyVpcAttribute({ VpcId: actual.id, EnableDnsHostnames: { Value: enableDnsHostnames } });
    if (changes.includes('amazonProvidedIpv6CidrBlock') && amazonProvidedIpv6CidrBlock) await giveIpv6Block(aws, actual.id);
    if (changes.includes('tags')) await updateTags(aws, actual, tags);
    return asWanted(resource, actual.id);
  },

  delete: (aws, actual, context) =>
    deleteBlocked(aws, context, actual, allOf(interfacesWith({ 'vpc-id': actual.id }), thingsInVpc(actual.id)), (ec2) => ifThere(ec2.deleteVpc({ VpcId: actual.id }))),

  // An IPv6 block is asked for in place; one that is there is not given back: subnets live in it.
  effect: (changes) => (changes.includes('cidrBlock') ? 'replace' : 'update'),
  same: (field, wanted, _actual) => (field === 'amazonProvidedIpv6CidrBlock' && wanted === false ? true : undefined),
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};

/** A network may have several blocks: after a lost answer a look says whether it has one. */
async function giveIpv6Block(aws: AwsApi, VpcId: string): Promise<void> {
  const { Vpcs: [there] = [] } = await (await aws.service('ec2')).describeVpcs({ VpcIds: [VpcId] });
  if (there && ipv6BlockIn(there, ['associated', 'associating']) !== undefined) return;
  await (await aws.once('ec2')).associateVpcCidrBlock({ VpcId, AmazonProvidedIpv6CidrBlock: true });
}

async function describe(inventory: Inventory, vpc: Vpc) {
  const ec2 = await inventory.aws.service('ec2');
  const options = { abortSignal: inventory.signal };
  const VpcId = vpc.VpcId ?? '';
  const [support, hostnames] = await Promise.all([
    ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsSupport' }, options),
    ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsHostnames' }, options),
  ]);
  const attributes = {
    cidrBlock: vpc.CidrBlock,
    amazonProvidedIpv6CidrBlock: ipv6BlockIn(vpc, ['associated', 'associating']) !== undefined,
    enableDnsSupport: support.EnableDnsSupport?.Value,
    enableDnsHostnames: hostnames.EnableDnsHostnames?.Value,
    tags: fromTagList(vpc.Tags),
  };
  return found({ kind: 'VPC', id: VpcId, attributes });
}

/** The IPv6 block that AWS gave the network. Until it is associated it is empty, and no subnet can lie in it. */
export function ipv6Block(vpc: Vpc | undefined): string | undefined {
  return ipv6BlockIn(vpc, ['associated']) || undefined;
}

function ipv6BlockIn(vpc: Vpc | undefined, states: readonly string[]): string | undefined {
  const association = vpc?.Ipv6CidrBlockAssociationSet?.find(({ Ipv6CidrBlockState }) => states.includes(Ipv6CidrBlockState?.State ?? ''));
  return association && (association.Ipv6CidrBlock ?? '');
}
