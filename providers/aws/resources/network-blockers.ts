import type { EC2, Tag } from '@aws-sdk/client-ec2';
import { type Blocker, blockerText, type FindBlockers } from './blockers.ts';

/** What somebody put into a network beside its interfaces: it keeps the network. */
export function thingsInVpc(vpcId: string): FindBlockers {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  return async (aws, options) => {
    const ec2 = await aws.service('ec2');
    const [subnets, groups, tables, endpoints, gateways, peerings] = await Promise.all([
      ec2.describeSubnets({ Filters }, options),
      ec2.describeSecurityGroups({ Filters }, options),
      ec2.describeRouteTables({ Filters }, options),
      ec2.describeVpcEndpoints({ Filters }, options),
      ec2.describeInternetGateways({ Filters: [{ Name: 'attachment.vpc-id', Values: [vpcId] }] }, options),
      peeringsOf(ec2, vpcId, options),
    ]);
    return [
      ...(subnets.Subnets ?? []).map(({ SubnetId, Tags, OwnerId }) => staying(SubnetId, 'subnet', Tags, OwnerId)),
      // Every network has a group and a table that go with it.
      ...(groups.SecurityGroups ?? [])
        .filter(({ GroupName }) => GroupName !== 'default')
        .map(({ GroupId, GroupName, OwnerId }) => staying(GroupId, `security group ${GroupName}`, [], OwnerId)),
      ...(tables.RouteTables ?? [])
        .filter(({ Associations }) => !Associations?.some(({ Main }) => Main === true))
        .map(({ RouteTableId, Tags, OwnerId }) => staying(RouteTableId, 'route table', Tags, OwnerId)),
      ...(endpoints.VpcEndpoints ?? []).map(({ VpcEndpointId, ServiceName, Tags, OwnerId }) => staying(VpcEndpointId, `endpoint of ${ServiceName}`, Tags, OwnerId)),
      ...(gateways.InternetGateways ?? []).map(({ InternetGatewayId, Tags, OwnerId }) => staying(InternetGatewayId, 'internet gateway', Tags, OwnerId)),
      ...peerings,
    ];
  };
}

async function peeringsOf(ec2: EC2, vpcId: string, options: { abortSignal: AbortSignal }): Promise<Blocker[]> {
  const Filters = [
    { Name: 'requester-vpc-info.vpc-id', Values: [vpcId] },
    { Name: 'status-code', Values: ['active', 'pending-acceptance', 'provisioning'] },
  ];
  const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections({ Filters }, options);
  return (VpcPeeringConnections ?? []).map(({ VpcPeeringConnectionId, AccepterVpcInfo, Tags }) =>
    staying(VpcPeeringConnectionId, `peering with ${AccepterVpcInfo?.VpcId}`, Tags, AccepterVpcInfo?.OwnerId),
  );
}

/** Rules of other groups that name this one. */
export function groupsThatLetIn(groupId: string): FindBlockers {
  return async (aws, options) => {
    const ec2 = await aws.service('ec2');
    const { SecurityGroups } = await ec2.describeSecurityGroups({ Filters: [{ Name: 'ip-permission.group-id', Values: [groupId] }] }, options);
    const others = (SecurityGroups ?? []).filter(({ GroupId }) => GroupId !== groupId);
    return others.map(({ GroupId, GroupName, OwnerId }) => staying(GroupId, `security group ${GroupName}, whose rules name it`, [], OwnerId));
  };
}

function staying(id: string | undefined, what: string, tags: readonly Tag[] | undefined, owner: string | undefined): Blocker {
  const name = tags?.find(({ Key }) => Key === 'Name')?.Value;
  return { text: blockerText(id, [what, name, owner === undefined ? undefined : `owner ${owner}`]), leaving: false };
}
