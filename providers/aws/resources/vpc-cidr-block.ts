import type { Vpc } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { waitUntil } from '../api/wait-until.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedVpcs } from './ec2-lists.ts';
import { asWanted, found, mentioning } from './ownership.ts';

export const vpcCidrBlock: AwsKind<'VPCCIDRBlock'> = {
  kind: 'VPCCIDRBlock',
  list: async (inventory) => (await ownedVpcs(inventory)).flatMap((vpc) => additionalBlocks(vpc, inventory.clusterName)),

  create: async (aws, resource, context) => {
    const { vpcId, cidrBlock } = resource.attributes;
    const id = await createOnce(vpcCidrBlock, aws, resource, context, async (ec2) => {
      const { CidrBlockAssociation } = await ec2.associateVpcCidrBlock({ VpcId: vpcId, CidrBlock: cidrBlock });
      return CidrBlockAssociation?.AssociationId;
    });
    await untilUsable(aws, resource, context);
    return asWanted(resource, id);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).disassociateVpcCidrBlock({ AssociationId: actual.id }));
  },
  effect: () => 'replace',
  /** Subnets may lie in it. */
  deleteAfter: (actual, all) => mentioning(String(actual.attributes.vpcId), all, ['Subnet']),
};

/** Some seconds; no subnet can lie in it before. */
async function untilUsable(aws: AwsApi, { attributes: { vpcId, cidrBlock } }: WantedResource<'VPCCIDRBlock'>, context: OperationContext): Promise<void> {
  const ec2 = await aws.service('ec2');
  await waitUntil(aws, context, { operation: 'AssociateVpcCidrBlock', what: `${cidrBlock} to belong to ${vpcId}`, everyMs: 1_000, limitMs: 120_000 }, async () => {
    const { Vpcs: [vpc] = [] } = await ec2.describeVpcs({ VpcIds: [vpcId] }, { abortSignal: context.signal });
    const state = vpc?.CidrBlockAssociationSet?.find(
      ({ CidrBlock, CidrBlockState }) => CidrBlock === cidrBlock && !/^disassociat/.test(CidrBlockState?.State ?? ''),
    )?.CidrBlockState;
    if (/^fail/.test(state?.State ?? '')) {
      throw new CloudError('invalid', 'AssociateVpcCidrBlock', `${cidrBlock} cannot belong to ${vpcId}: ${state?.StatusMessage ?? 'AWS gives no reason'}`, { object: vpcId });
    }
    return state?.State === 'associated' || undefined;
  });
}

function additionalBlocks(vpc: Vpc, cluster: string) {
  const associations = vpc.CidrBlockAssociationSet ?? [];
  const additional = associations.filter(({ CidrBlock, CidrBlockState }) => CidrBlock !== vpc.CidrBlock && /^associat/.test(CidrBlockState?.State ?? ''));
  return additional.map(({ AssociationId, CidrBlock }) =>
    found({ kind: 'VPCCIDRBlock', id: AssociationId ?? '', name: `${CidrBlock}.${cluster}`, attributes: { vpcId: vpc.VpcId, cidrBlock: CidrBlock } }),
  );
}
