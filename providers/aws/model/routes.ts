import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { SubnetSpec } from '../../../src/spec/types.ts';
import type { AwsAttributes, Id } from '../attributes.ts';
import { type AwsContext, hasExternalEgress, isIpv6Only, isSharedSubnet, resource, subnetId } from './context.ts';
import { type Egress, zoneEgress } from './egress.ts';
import { privateRouteTableName, publicRouteTableName, subnetName } from './names.ts';
import { egressOnlyInternetGatewayId, internetGatewayId } from './network.ts';
import { ownedTags, routeTableTag } from './tags.ts';

type Destination = Pick<AwsAttributes['Route'], 'destinationCidrBlock' | 'destinationIpv6CidrBlock'>;
type Target = Omit<AwsAttributes['Route'], 'routeTableId' | keyof Destination>;

const everywhere = '0.0.0.0/0';
const everywhereIpv6 = '::/0';
/** IPv4 addresses as hosts with IPv6 alone see them. */
const nat64 = '64:ff9b::/96';

/** Route tables for subnets of our own: one for all that are public, one in each zone for those that are not. Also the NAT gateways they lead to. */
export function routes(context: AwsContext): DesiredResource[] {
  const routed = context.subnets.filter((subnet) => !isSharedSubnet(subnet) && !hasExternalEgress(subnet));
  const zones = [...new Set(routed.filter((subnet) => needsZoneTable(context, subnet)).map((subnet) => subnet.zone ?? ''))];
  return [...publicTable(context), ...routed.map((subnet) => association(context, subnet)), ...zones.flatMap((zone) => zoneRoutes(context, zone, routed))];
}

function publicTable(context: AwsContext): DesiredResource[] {
  if (context.subnets.every(hasExternalEgress) || context.subnets.every(isSharedSubnet)) return [];
  const { name } = context;
  return [table(context, name, 'public'), ...internetRoutes(context, name, '')];
}

function internetRoutes(context: AwsContext, tableName: string, prefix: string): DesiredResource[] {
  const gatewayId = internetGatewayId(context);
  return [route(`${prefix}${everywhere}`, tableName, to(everywhere), { gatewayId }), route(`${prefix}${everywhereIpv6}`, tableName, to(everywhereIpv6), { gatewayId })];
}

function needsZoneTable(context: AwsContext, subnet: SubnetSpec): boolean {
  return isPrivate(subnet) || needsNat64(context, subnet);
}

function isPrivate({ type }: SubnetSpec): boolean {
  return type === 'Private' || type === 'DualStack';
}

/** Public, but its pods have IPv6 alone: the way to IPv4 is a NAT gateway. */
function needsNat64(context: AwsContext, { type, ipv6CIDR }: SubnetSpec): boolean {
  return isIpv6Only(context) && type === 'Public' && ipv6CIDR !== undefined;
}

function association(context: AwsContext, subnet: SubnetSpec): DesiredResource {
  const { name: cluster } = context;
  const zone = subnet.zone ?? '';
  const [prefix, tableName] = isPrivate(subnet)
    ? ['private-', privateRouteTableName(zone, cluster)]
    : needsNat64(context, subnet)
      ? ['public-', publicRouteTableName(zone, cluster)]
      : ['', cluster];
  return resource('RouteTableAssociation', `${prefix}${subnetName(subnet.name, cluster)}`, {
    routeTableId: ref('RouteTable', tableName),
    subnetId: subnetId(context, subnet),
  });
}

function zoneRoutes(context: AwsContext, zone: string, routed: readonly SubnetSpec[]): DesiredResource[] {
  const inZone = routed.filter((subnet) => subnet.zone === zone && needsZoneTable(context, subnet));
  const inside = inZone.filter(isPrivate);
  const egress = zoneEgress(context, zone, inZone, inside.length > 0 ? 'Utility' : 'Public');
  return [
    ...egress.resources,
    ...(inside.length > 0 ? privateRoutes(context, zone, inside, egress) : []),
    ...(inZone.length > inside.length ? publicZoneRoutes(context, zone, egress) : []),
  ];
}

function privateRoutes(context: AwsContext, zone: string, inside: readonly SubnetSpec[], egress: Egress): DesiredResource[] {
  const tableName = privateRouteTableName(zone, context.name);
  const prefix = `private-${zone}`;
  return [
    table(context, tableName, prefix),
    ...(egress.target ? [route(`${prefix}-${everywhere}`, tableName, to(everywhere), egress.target)] : []),
    ...(isIpv6Only(context) ? [...nat64Routes(prefix, tableName, egress), ipv6Route(context, prefix, tableName)] : []),
    ...inside.flatMap((subnet) => additionalRoutes(subnet, tableName)),
  ];
}

function publicZoneRoutes(context: AwsContext, zone: string, egress: Egress): DesiredResource[] {
  const tableName = publicRouteTableName(zone, context.name);
  const prefix = `public-${zone}`;
  return [table(context, tableName, prefix), ...internetRoutes(context, tableName, `${prefix}-`), ...nat64Routes(prefix, tableName, egress)];
}

/** Only NAT and transit gateways translate. */
function nat64Routes(prefix: string, tableName: string, { target }: Egress): DesiredResource[] {
  const translates = target?.natGatewayId !== undefined || target?.transitGatewayId !== undefined;
  return translates ? [route(`${prefix}-${nat64}`, tableName, to(nat64), target)] : [];
}

function ipv6Route(context: AwsContext, prefix: string, tableName: string): DesiredResource {
  return route(`${prefix}-${everywhereIpv6}`, tableName, to(everywhereIpv6), { egressOnlyInternetGatewayId: egressOnlyInternetGatewayId(context) });
}

function additionalRoutes(subnet: SubnetSpec, tableName: string): DesiredResource[] {
  const given = (subnet.additionalRoutes ?? []) as { cidr: string; target: string }[];
  return given.map(({ cidr, target }) => route(`${subnet.name}.${cidr}`, tableName, to(cidr), targetOf(target)));
}

/** What an id is shows in its prefix. */
const targetFields: Record<string, keyof Target> = {
  pcx: 'vpcPeeringConnectionId',
  i: 'instanceId',
  nat: 'natGatewayId',
  tgw: 'transitGatewayId',
  igw: 'gatewayId',
  eigw: 'egressOnlyInternetGatewayId',
};

function targetOf(id: string): Target {
  const field = targetFields[id.split('-')[0] ?? ''];
  return field === undefined ? {} : { [field]: id };
}

function to(cidr: string): Destination {
  return cidr.includes(':') ? { destinationIpv6CidrBlock: cidr } : { destinationCidrBlock: cidr };
}

function route(name: string, tableName: string, destination: Destination, target: Target): DesiredResource {
  return resource('Route', name, { routeTableId: ref('RouteTable', tableName) as Id, ...destination, ...target });
}

function table(context: AwsContext, name: string, role: string): DesiredResource {
  return resource('RouteTable', name, { vpcId: context.vpcId, tags: { ...ownedTags(context, name), [routeTableTag]: role } });
}
