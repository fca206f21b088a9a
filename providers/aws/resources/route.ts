import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import { isCloudError } from '../../../src/cloud/errors.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { fromTagList } from '../api/tag-list.ts';
import type { AwsAttributes } from '../attributes.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, Resolved } from './aws-kind.ts';
import { ownedInstances, ownedRouteTables, ownedSubnets } from './ec2-lists.ts';
import type { Inventory } from './inventory.ts';
import { asWanted, found } from './ownership.ts';
import { routeName } from './untagged-names.ts';

type Attributes = Resolved<AwsAttributes['Route']>;

export const route: AwsKind<'Route'> = {
  kind: 'Route',
  list: async (inventory) => (await Promise.all((await ownedRouteTables(inventory)).map((table) => routesOf(inventory, table)))).flat(),

  create: async (aws, resource) => {
    const ec2 = await aws.service('ec2');
    try {
      await ec2.createRoute(request(resource.attributes));
    } catch (error) {
      if (!isCloudError(error, 'alreadyExists')) throw error;
      await ec2.replaceRoute(request(resource.attributes));
    }
    return asWanted(resource, routeId(resource.attributes));
  },

  update: async (aws, _actual, resource) => {
    await (await aws.service('ec2')).replaceRoute(request(resource.attributes));
    return asWanted(resource, routeId(resource.attributes));
  },

  delete: async (aws, actual) => {
    const { routeTableId, destinationCidrBlock, destinationIpv6CidrBlock } = actual.attributes as unknown as Attributes;
    const place = { RouteTableId: routeTableId, DestinationCidrBlock: destinationCidrBlock, DestinationIpv6CidrBlock: destinationIpv6CidrBlock };
    await ifThere((await aws.service('ec2')).deleteRoute(place));
  },

  effect: (changes) => (changes.some((field) => field === 'routeTableId' || field.startsWith('destination')) ? 'replace' : 'update'),
};

function request(attributes: Attributes) {
  return {
    RouteTableId: attributes.routeTableId,
    DestinationCidrBlock: attributes.destinationCidrBlock,
    DestinationIpv6CidrBlock: attributes.destinationIpv6CidrBlock,
    GatewayId: attributes.gatewayId,
    NatGatewayId: attributes.natGatewayId,
    EgressOnlyInternetGatewayId: attributes.egressOnlyInternetGatewayId,
    TransitGatewayId: attributes.transitGatewayId,
    VpcPeeringConnectionId: attributes.vpcPeeringConnectionId,
    InstanceId: attributes.instanceId,
    NetworkInterfaceId: attributes.networkInterfaceId,
  };
}

/** A route has no id of its own. */
function routeId({ routeTableId, destinationCidrBlock, destinationIpv6CidrBlock }: Attributes): string {
  return `${routeTableId}/${destinationCidrBlock ?? destinationIpv6CidrBlock}`;
}

/** Routes that somebody made: not those of the network itself, of endpoints, of other gateways that announce theirs. */
async function routesOf(inventory: Inventory, table: RouteTable): Promise<ActualResource[]> {
  const made = (table.Routes ?? []).filter(
    ({ GatewayId, Origin, DestinationPrefixListId }) => GatewayId !== 'local' && Origin !== 'EnableVgwRoutePropagation' && !DestinationPrefixListId,
  );
  const nodes = made.some(({ InstanceId }) => InstanceId !== undefined) ? new Set((await ownedInstances(inventory)).map(({ InstanceId }) => InstanceId)) : new Set();
  const named = { name: fromTagList(table.Tags).Name ?? '', cluster: inventory.clusterName, subnets: await subnetNames(inventory, table) };
  return made.map((item) => {
    const attributes = attributesOf(item, table.RouteTableId ?? '');
    const name = routeName(named, item.DestinationCidrBlock ?? item.DestinationIpv6CidrBlock ?? '');
    // Routes to nodes are those of their pods: the cluster's own route controller makes them.
    const manager = nodes.has(item.InstanceId) ? 'kubernetes' : 'kops';
    return found({ kind: 'Route', id: routeId(attributes), name, attributes: { ...attributes }, manager });
  });
}

async function subnetNames(inventory: Inventory, { Associations }: RouteTable): Promise<string[]> {
  const users = (await ownedSubnets(inventory)).filter((user) => Associations?.some(({ SubnetId }) => SubnetId === user.SubnetId));
  return users.flatMap(({ Tags }) => fromTagList(Tags).Name ?? []);
}

function attributesOf(item: Route, routeTableId: string): Attributes {
  return {
    routeTableId,
    destinationCidrBlock: item.DestinationCidrBlock,
    destinationIpv6CidrBlock: item.DestinationIpv6CidrBlock,
    gatewayId: item.GatewayId,
    natGatewayId: item.NatGatewayId,
    egressOnlyInternetGatewayId: item.EgressOnlyInternetGatewayId,
    transitGatewayId: item.TransitGatewayId,
    vpcPeeringConnectionId: item.VpcPeeringConnectionId,
    instanceId: item.InstanceId,
    // A route to an instance also names its interface.
    ...(item.InstanceId === undefined ? { networkInterfaceId: item.NetworkInterfaceId } : {}),
  };
}
