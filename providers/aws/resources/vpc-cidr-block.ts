import type { Vpc } from '@aws-sdk/client-ec2';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
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
    return asWanted(resource, id);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).disassociateVpcCidrBlock({ AssociationId: actual.id }));
  },
  effect: () => 'replace',
  /** Subnets may lie in it. */
  deleteAfter: (actual, all) => mentioning(String(actual.attributes.vpcId), all, ['Subnet']),
};

function additionalBlocks(vpc: Vpc, cluster: string) {
  const associations = vpc.CidrBlockAssociationSet ?? [];
  const additional = associations.filter(({ CidrBlock, CidrBlockState }) => CidrBlock !== vpc.CidrBlock && /^associat/.test(CidrBlockState?.State ?? ''));
  return additional.map(({ AssociationId, CidrBlock }) =>
    found({ kind: 'VPCCIDRBlock', id: AssociationId ?? '', name: `${CidrBlock}.${cluster}`, attributes: { vpcId: vpc.VpcId, cidrBlock: CidrBlock } }),
  );
}
