import { form } from './form.ts';

export const routeForms = {
  RouteTable: form('RouteTable', 'aws_route_table', ({ vpcId, tags }) => ({ vpc_id: vpcId, tags })),
  Route: form(
    'Route',
    'aws_route',
    (route) => ({
      destination_cidr_block: route.destinationCidrBlock,
      destination_ipv6_cidr_block: route.destinationIpv6CidrBlock,
      egress_only_gateway_id: route.egressOnlyInternetGatewayId,
      gateway_id: route.gatewayId,
      nat_gateway_id: route.natGatewayId,
      network_interface_id: route.instanceId === undefined ? route.networkInterfaceId : { $expression: `data.aws_instance.${route.instanceId}.network_interface_id` },
      route_table_id: route.routeTableId,
      transit_gateway_id: route.transitGatewayId,
      vpc_peering_connection_id: route.vpcPeeringConnectionId,
    }),
    { localName: (name) => `route-${name}` },
  ),
  RouteTableAssociation: form('RouteTableAssociation', 'aws_route_table_association', ({ routeTableId, subnetId }) => ({ route_table_id: routeTableId, subnet_id: subnetId })),
};
