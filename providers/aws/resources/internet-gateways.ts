import { isCloudError } from '../../../src/cloud/errors.ts';
import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { deleteBlocked } from './blockers.ts';
import { createOnce } from './create-once.ts';
import { ownedEgressOnlyGateways, ownedInternetGateways } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { interfacesWith } from './interface-blockers.ts';
import { asWanted, found } from './ownership.ts';

export const internetGateway: AwsKind<'InternetGateway'> = {
  kind: 'InternetGateway',
  list: async (inventory) =>
    (await ownedInternetGateways(inventory)).map(({ InternetGatewayId, Attachments, Tags }) =>
      found({ kind: 'InternetGateway', id: InternetGatewayId ?? '', attributes: { vpcId: Attachments?.[0]?.VpcId, tags: fromTagList(Tags) } }),
    ),

  create: async (aws, resource, context) => {
    const { vpcId, tags } = resource.attributes;
    const id = await createOnce(internetGateway, aws, resource, context, async (ec2) => {
      const { InternetGateway } = await ec2.createInternetGateway({ TagSpecifications: tagged('internet-gateway', tags) });
      return InternetGateway?.InternetGatewayId;
    });
    try {
      await (await aws.service('ec2')).attachInternetGateway({ InternetGatewayId: id, VpcId: vpcId });
    } catch (error) {
      if (!isCloudError(error, 'alreadyExists')) throw error;
    }
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id);
  },

  delete: async (aws, actual, context) => {
    const { vpcId } = actual.attributes;
    if (typeof vpcId === 'string') {
      const users = interfacesWith({ 'vpc-id': vpcId, 'association.public-ip': '*' });
      await deleteBlocked(aws, context, actual, users, (ec2) => ifThere(ec2.detachInternetGateway({ InternetGatewayId: actual.id, VpcId: vpcId })));
    }
    await ifThere((await aws.service('ec2')).deleteInternetGateway({ InternetGatewayId: actual.id }));
  },

  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
  /** A network lets its gateway go when nothing in it has a public address any more. One that is not attached is free. */
  deleteAfter: (actual, all) => (actual.attributes.vpcId === undefined ? [] : all.filter(({ kind }) => withPublicAddresses.has(kind))),
};

const withPublicAddresses = new Set(['NatGateway', 'NetworkLoadBalancer', 'AutoscalingGroup', 'Instance']);

export const egressOnlyInternetGateway: AwsKind<'EgressOnlyInternetGateway'> = {
  kind: 'EgressOnlyInternetGateway',
  list: async (inventory) =>
    (await ownedEgressOnlyGateways(inventory)).map(({ EgressOnlyInternetGatewayId, Attachments, Tags }) =>
      found({ kind: 'EgressOnlyInternetGateway', id: EgressOnlyInternetGatewayId ?? '', attributes: { vpcId: Attachments?.[0]?.VpcId, tags: fromTagList(Tags) } }),
    ),

  create: async (aws, resource, context) => {
    const { vpcId, tags } = resource.attributes;
    const id = await createOnce(egressOnlyInternetGateway, aws, resource, context, async (ec2, ClientToken) => {
      const request = { VpcId: vpcId, ClientToken, TagSpecifications: tagged('egress-only-internet-gateway', tags) };
      return (await ec2.createEgressOnlyInternetGateway(request)).EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId;
    });
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteEgressOnlyInternetGateway({ EgressOnlyInternetGatewayId: actual.id }));
  },
  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
};
