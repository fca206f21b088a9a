import type { RouteTable } from '@aws-sdk/client-ec2';
import { isCloudError } from '../../../src/cloud/errors.ts';
import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedRouteTables, ownedSubnets } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { asWanted, found, mentioning } from './ownership.ts';
import { associationName } from './untagged-names.ts';

export const routeTable: AwsKind<'RouteTable'> = {
  kind: 'RouteTable',
  list: async (inventory) =>
    (await ownedRouteTables(inventory)).map(({ RouteTableId, VpcId, Tags }) =>
      found({ kind: 'RouteTable', id: RouteTableId ?? '', attributes: { vpcId: VpcId, tags: fromTagList(Tags) } }),
    ),

  create: async (aws, resource, context) => {
    const { vpcId, tags } = resource.attributes;
    const id = await createOnce(routeTable, aws, resource, context, async (ec2, ClientToken) => {
      const { RouteTable: made } = await ec2.createRouteTable({ VpcId: vpcId, ClientToken, TagSpecifications: tagged('route-table', tags) });
      return made?.RouteTableId;
    });
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteRouteTable({ RouteTableId: actual.id }));
  },

  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};

export const routeTableAssociation: AwsKind<'RouteTableAssociation'> = {
  kind: 'RouteTableAssociation',
  list: async (inventory) => {
    const [tables, subnets] = await Promise.all([ownedRouteTables(inventory), ownedSubnets(inventory)]);
    const names = new Map(subnets.map(({ SubnetId, Tags }) => [SubnetId, fromTagList(Tags).Name]));
    return tables.flatMap((table) => associations(table, names));
  },

  create: async (aws, resource) => {
    const { routeTableId, subnetId } = resource.attributes;
    const ec2 = await aws.service('ec2');
    try {
      const { AssociationId = '' } = await ec2.associateRouteTable({ RouteTableId: routeTableId, SubnetId: subnetId });
      return asWanted(resource, AssociationId);
    } catch (error) {
      if (!isCloudError(error, 'alreadyExists')) throw error;
    }
    // A subnet has one table: the one it has is exchanged for ours.
    const { RouteTables } = await ec2.describeRouteTables({ Filters: [{ Name: 'association.subnet-id', Values: [subnetId] }] });
    const present = RouteTables?.flatMap(({ Associations }) => Associations ?? []).find(({ SubnetId }) => SubnetId === subnetId);
    if (present?.RouteTableId === routeTableId) return asWanted(resource, present.RouteTableAssociationId ?? '');
    const { NewAssociationId = '' } = await ec2.replaceRouteTableAssociation({ AssociationId: present?.RouteTableAssociationId, RouteTableId: routeTableId });
    return asWanted(resource, NewAssociationId);
  },

  update: async (aws, actual, resource, _changes, context) => {
    const request = { AssociationId: actual.id, RouteTableId: resource.attributes.routeTableId };
    const replaced = await ifThere((await aws.service('ec2')).replaceRouteTableAssociation(request));
    // An exchange gives the association a new id: gone means that an earlier attempt had its effect.
    return replaced?.NewAssociationId === undefined ? routeTableAssociation.create(aws, resource, context) : asWanted(resource, replaced.NewAssociationId);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).disassociateRouteTable({ AssociationId: actual.id }));
  },

  effect: (changes) => (changes.includes('subnetId') ? 'replace' : 'update'),
};

function associations(table: RouteTable, subnetNames: ReadonlyMap<string | undefined, string | undefined>) {
  const tableName = fromTagList(table.Tags).Name ?? '';
  const present = (table.Associations ?? []).filter(({ SubnetId, AssociationState }) => SubnetId !== undefined && AssociationState?.State !== 'disassociated');
  return present.map(({ RouteTableAssociationId, SubnetId }) =>
    found({
      kind: 'RouteTableAssociation',
      id: RouteTableAssociationId ?? '',
      name: associationName(tableName, subnetNames.get(SubnetId) ?? SubnetId ?? ''),
      attributes: { routeTableId: table.RouteTableId, subnetId: SubnetId },
    }),
  );
}
