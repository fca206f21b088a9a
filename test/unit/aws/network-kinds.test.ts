import {
  AssociateDhcpOptionsCommand,
  AssociateVpcCidrBlockCommand,
  AuthorizeSecurityGroupEgressCommand,
  CreateNatGatewayCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  ModifySubnetAttributeCommand,
  ModifyVolumeCommand,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import { awsKinds } from '../../../providers/aws/kinds.ts';
import type { WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { dhcpOptionsAssociation } from '../../../providers/aws/resources/dhcp-options.ts';
import { ebsVolume } from '../../../providers/aws/resources/ebs-volume.ts';
import { Inventory } from '../../../providers/aws/resources/inventory.ts';
import { absoluteBlock } from '../../../providers/aws/resources/ipv6-blocks.ts';
import { natGateway } from '../../../providers/aws/resources/nat-gateway.ts';
import { route } from '../../../providers/aws/resources/route.ts';
import { routeTableAssociation } from '../../../providers/aws/resources/route-tables.ts';
import { securityGroup } from '../../../providers/aws/resources/security-group.ts';
import { securityGroupRule } from '../../../providers/aws/resources/security-group-rule.ts';
import { subnet } from '../../../providers/aws/resources/subnet.ts';
import { vpc } from '../../../providers/aws/resources/vpc.ts';
import { vpcCidrBlock } from '../../../providers/aws/resources/vpc-cidr-block.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { awsFailure, cluster, mockedAws, ownTags, tagList, writes } from './aws-mocks.ts';

const notThere = (operation: string, name: string) => awsFailure('ec2', operation, name);

function wanted<Kind extends AwsKindName>(kind: Kind, attributes: WantedResource<Kind>['attributes'], name = cluster): WantedResource<Kind> {
  return { kind, name, cluster, attributes };
}

function actual(kind: string, id: string, attributes: Record<string, unknown>, name = cluster): ActualResource {
  return { kind, name, id, attributes, outputs: { id }, owned: true };
}

const network = wanted('VPC', { cidrBlock: '172.20.0.0/16', amazonProvidedIpv6CidrBlock: true, enableDnsHostnames: true, enableDnsSupport: true, tags: ownTags(cluster) });
const gateway = wanted('NatGateway', { allocationId: 'eipalloc-1', subnetId: 'subnet-1', tags: ownTags('a') }, 'a');

describe('NAT gateways', () => {
  it('are usable only when they are available: the wait is told', async () => {
    const mock = mockedAws();
    mock.ec2.on(CreateNatGatewayCommand).resolves({ NatGateway: { NatGatewayId: 'nat-1' } });
    mock.ec2
      .on(DescribeNatGatewaysCommand)
      .rejectsOnce(notThere('DescribeNatGateways', 'NatGatewayNotFound'))
      .resolvesOnce({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'pending' }] })
      .resolves({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'available' }] });
    expect((await natGateway.create(mock.aws, gateway, mock.context)).id).toEqual('nat-1');
    expect(mock.told).toEqual(['waiting for NAT gateway nat-1 to be available: not visible yet', 'waiting for NAT gateway nat-1 to be available: pending']);
  });

  it('that fail say why, and the next attempt makes another', async () => {
    const mock = mockedAws();
    mock.ec2
      .on(CreateNatGatewayCommand)
      .resolvesOnce({ NatGateway: { NatGatewayId: 'nat-1' } })
      .resolves({ NatGateway: { NatGatewayId: 'nat-2' } });
    mock.ec2
      .on(DescribeNatGatewaysCommand)
      .resolvesOnce({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'failed', FailureMessage: 'Network vpc-1 has no Internet gateway attached' }] })
      .resolves({ NatGateways: [{ NatGatewayId: 'nat-2', State: 'available' }] });
    const failed = { class: 'dependency', message: 'NAT gateway nat-1 is failed: Network vpc-1 has no Internet gateway attached' };
    await expect(natGateway.create(mock.aws, gateway, mock.context)).rejects.toMatchObject(failed);
    expect((await natGateway.create(mock.aws, gateway, mock.context)).id).toEqual('nat-2');
  });

  it('take the same token until one is made, and another after it was deleted', async () => {
    const mock = mockedAws();
    const throttled = awsFailure('ec2', 'CreateNatGateway', 'RequestLimitExceeded', 'slow down', 503);
    mock.ec2
      .on(CreateNatGatewayCommand)
      .rejectsOnce(throttled)
      .resolves({ NatGateway: { NatGatewayId: 'nat-1' } });
    mock.ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'available' }] });
    const { kinds } = awsKinds(mock.aws, { contents: () => new Map() });
    const resolved = { ...gateway, attributes: { ...gateway.attributes } };
    await expect(kinds.get('NatGateway')?.create(resolved, mock.context)).rejects.toMatchObject({ class: 'throttled' });
    const made = await kinds.get('NatGateway')?.create(resolved, mock.context);
    mock.ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'deleted' }] });
    await kinds.get('NatGateway')?.delete(made as ActualResource, mock.context);
    mock.ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'available' }] });
    await kinds.get('NatGateway')?.create(resolved, mock.context);
    const tokens = mock.ec2.commandCalls(CreateNatGatewayCommand).map((call) => call.args[0].input.ClientToken);
    expect(tokens[0]).toEqual(tokens[1]);
    expect(tokens[2]).not.toEqual(tokens[0]);
  });

  it('are gone only when they are deleted: until then their address is in use', async () => {
    const mock = mockedAws();
    mock.ec2.on(DeleteNatGatewayCommand).resolves({});
    mock.ec2
      .on(DescribeNatGatewaysCommand)
      .resolvesOnce({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'deleting' }] })
      .resolves({ NatGateways: [{ NatGatewayId: 'nat-1', State: 'deleted' }] });
    await natGateway.delete(mock.aws, actual('NatGateway', 'nat-1', {}), mock.context);
    expect(mock.told).toEqual(['waiting for NAT gateway nat-1 to be deleted: deleting']);
  });
});

describe('what was just made and is not visible yet', () => {
  it('is not made again when the next step fails: the next attempt goes on with it', async () => {
    const mock = mockedAws();
    mock.ec2.on(CreateVpcCommand).resolves({ Vpc: { VpcId: 'vpc-1' } });
    mock.ec2.on(ModifyVpcAttributeCommand).rejectsOnce(notThere('ModifyVpcAttribute', 'InvalidVpcID.NotFound')).resolves({});
    const kind = awsKinds(mock.aws, { contents: () => new Map() }).kinds.get('VPC');
    const resolved = { ...network, attributes: { ...network.attributes } };
    await expect(kind?.create(resolved, mock.context)).rejects.toMatchObject({ class: 'notYetVisible', retryable: true });
    expect((await kind?.create(resolved, mock.context))?.id).toEqual('vpc-1');
    expect(mock.ec2.commandCalls(CreateVpcCommand)).toHaveLength(1);
  });

  it('is waited for a minute, then it does not exist', async () => {
    const mock = mockedAws();
    mock.ec2.on(CreateSubnetCommand).rejects(notThere('CreateSubnet', 'InvalidVpcID.NotFound'));
    const kind = awsKinds(mock.aws, { contents: () => new Map() }).kinds.get('Subnet');
    const resolved = { kind: 'Subnet', name: 'a', cluster, attributes: { vpcId: 'vpc-1', availabilityZone: 'us-east-1a', privateDnsHostnameTypeOnLaunch: 'ip-name', tags: {} } };
    await expect(kind?.create(resolved, mock.context)).rejects.toMatchObject({ class: 'notYetVisible' });
    await mock.aws.clock.sleep(30_000);
    await expect(kind?.create(resolved, mock.context)).rejects.toMatchObject({ class: 'notYetVisible' });
    await mock.aws.clock.sleep(31_000);
    await expect(kind?.create(resolved, mock.context)).rejects.toMatchObject({ class: 'notFound', retryable: false });
  });

  it('is looked for more than once when the answer was lost', async () => {
    const mock = mockedAws();
    mock.ec2.on(CreateVpcCommand).rejects(awsFailure('ec2', 'CreateVpc', 'TimeoutError', 'socket hang up', undefined));
    mock.ec2
      .on(DescribeVpcsCommand)
      .resolvesOnce({ Vpcs: [] })
      .resolvesOnce({ Vpcs: [] })
      .resolves({ Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '172.20.0.0/16', Tags: tagList(ownTags(cluster)) }] });
    mock.ec2.on(DescribeVpcAttributeCommand).resolves({});
    mock.ec2.on(ModifyVpcAttributeCommand).resolves({});
    expect((await vpc.create(mock.aws, network, mock.context)).id).toEqual('vpc-1');
    expect(mock.ec2.commandCalls(CreateVpcCommand)).toHaveLength(1);
    expect(mock.told).toContain(`looking whether ${cluster} was made although AWS did not say so`);
  });
});

describe('what somebody else put there', () => {
  const inUse = awsFailure('ec2', 'DeleteSubnet', 'DependencyViolation', 'has dependencies and cannot be deleted');

  it('is named with its description and owner when it keeps a subnet', async () => {
    const mock = mockedAws();
    mock.ec2.on(DeleteSubnetCommand).rejects(inUse);
    mock.ec2.on(DescribeNetworkInterfacesCommand).resolves({
      NetworkInterfaces: [
        {
          NetworkInterfaceId: 'eni-1',
          Status: 'in-use',
          InterfaceType: 'interface',
          Attachment: { InstanceId: 'i-1', Status: 'attached' },
          OwnerId: '111122223333',
          TagSet: [{ Key: 'Name', Value: 'jenkins' }],
        },
        {
          NetworkInterfaceId: 'eni-2',
          Status: 'in-use',
          InterfaceType: 'network_load_balancer',
          Description: 'ELB net/shop/0a1b',
          RequesterId: 'amazon-elb',
          RequesterManaged: true,
        },
        {
          NetworkInterfaceId: 'eni-4',
          Status: 'in-use',
          InterfaceType: 'network_load_balancer',
          Description: 'ELB net/api-demo/9f',
          RequesterId: 'amazon-elb',
          RequesterManaged: true,
        },
        { NetworkInterfaceId: 'eni-5', Status: 'in-use', InterfaceType: 'interface', Attachment: { InstanceId: 'i-2', Status: 'attached' }, OwnerId: '111122223333' },
        { NetworkInterfaceId: 'eni-3', Status: 'detaching', InterfaceType: 'interface', OwnerId: '111122223333' },
      ],
    });
    // The cluster's own load balancer and instance end: their interfaces go by themselves.
    mock.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-1' }] }] });
    mock.elbv2
      .on(DescribeLoadBalancersCommand, { Names: ['shop'] })
      .resolves({ LoadBalancers: [{ LoadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/shop/0a1b' }] });
    mock.elbv2.on(DescribeLoadBalancersCommand, { Names: ['api-demo'] }).rejects(awsFailure('elbv2', 'DescribeLoadBalancers', 'LoadBalancerNotFoundException'));
    await expect(subnet.delete(mock.aws, actual('Subnet', 'subnet-1', {}, `a.${cluster}`), mock.context)).rejects.toMatchObject({
      class: 'dependency',
      object: 'subnet-1',
      blockers: ['eni-1 (jenkins, of instance i-1, owner 111122223333)', 'eni-2 (ELB net/shop/0a1b, network_load_balancer, owner amazon-elb)'],
      message: `subnet-1 is used by eni-1 (jenkins, of instance i-1, owner 111122223333), eni-2 (ELB net/shop/0a1b, network_load_balancer, owner amazon-elb)`,
    });
  });

  it('is waited for when it goes by itself', async () => {
    const mock = mockedAws();
    mock.ec2.on(DeleteSubnetCommand).rejectsOnce(inUse).rejectsOnce(inUse).resolves({});
    const leaving = {
      NetworkInterfaceId: 'eni-3',
      Status: 'available' as const,
      RequesterManaged: true,
      Description: 'ELB net/api/1',
      InterfaceType: 'interface' as const,
      RequesterId: 'amazon-elb',
    };
    mock.ec2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [leaving] });
    mock.elbv2.on(DescribeLoadBalancersCommand).rejects(awsFailure('elbv2', 'DescribeLoadBalancers', 'LoadBalancerNotFoundException'));
    await subnet.delete(mock.aws, actual('Subnet', 'subnet-1', {}), mock.context);
    expect(mock.told).toEqual(['waiting for what uses subnet-1 to go: eni-3 (ELB net/api/1, owner amazon-elb)']);
  });

  it('is named when it keeps the network', async () => {
    const mock = mockedAws();
    mock.ec2.on(DeleteVpcCommand).rejects(inUse);
    mock.ec2.on(DescribeNetworkInterfacesCommand).resolves({});
    mock.ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [{ SubnetId: 'subnet-9', OwnerId: '1', Tags: [{ Key: 'Name', Value: 'legacy' }] }] });
    mock.ec2.on(DescribeSecurityGroupsCommand).resolves({
      SecurityGroups: [
        { GroupId: 'sg-0', GroupName: 'default' },
        { GroupId: 'sg-9', GroupName: 'db', OwnerId: '1' },
      ],
    });
    mock.ec2.on(DescribeRouteTablesCommand).resolves({ RouteTables: [{ RouteTableId: 'rtb-0', Associations: [{ Main: true }] }] });
    mock.ec2.on(DescribeVpcEndpointsCommand).resolves({ VpcEndpoints: [{ VpcEndpointId: 'vpce-1', ServiceName: 'com.amazonaws.us-east-1.s3', OwnerId: '1' }] });
    mock.ec2.on(DescribeInternetGatewaysCommand).resolves({});
    mock.ec2.on(DescribeVpcPeeringConnectionsCommand).resolves({ VpcPeeringConnections: [{ VpcPeeringConnectionId: 'pcx-1', AccepterVpcInfo: { VpcId: 'vpc-9', OwnerId: '2' } }] });
    await expect(vpc.delete(mock.aws, actual('VPC', 'vpc-1', {}), mock.context)).rejects.toMatchObject({
      blockers: [
        'subnet-9 (subnet, legacy, owner 1)',
        'sg-9 (security group db, owner 1)',
        'vpce-1 (endpoint of com.amazonaws.us-east-1.s3, owner 1)',
        'pcx-1 (peering with vpc-9, owner 2)',
      ],
    });
  });
});

describe('another block of a network', () => {
  const block = { vpcId: 'vpc-1', cidrBlock: '10.2.0.0/16' };
  const vpcWith = (State: 'associating' | 'associated' | 'failed') => ({
    Vpcs: [{ CidrBlockAssociationSet: [{ CidrBlock: '10.2.0.0/16', CidrBlockState: { State, StatusMessage: 'it overlaps' } }] }],
  });

  it('is there when subnets can lie in it', async () => {
    const mock = mockedAws();
    mock.ec2.on(AssociateVpcCidrBlockCommand).resolves({ CidrBlockAssociation: { AssociationId: 'vpc-cidr-assoc-1' } });
    mock.ec2.on(DescribeVpcsCommand).resolvesOnce(vpcWith('associating')).resolves(vpcWith('associated'));
    expect((await vpcCidrBlock.create(mock.aws, wanted('VPCCIDRBlock', block), mock.context)).id).toBe('vpc-cidr-assoc-1');
    expect(mock.told).toEqual(['waiting for 10.2.0.0/16 to belong to vpc-1']);
  });

  it('says why AWS does not take it', async () => {
    const mock = mockedAws();
    mock.ec2.on(AssociateVpcCidrBlockCommand).resolves({ CidrBlockAssociation: { AssociationId: 'vpc-cidr-assoc-1' } });
    mock.ec2.on(DescribeVpcsCommand).resolves(vpcWith('failed'));
    await expect(vpcCidrBlock.create(mock.aws, wanted('VPCCIDRBlock', block), mock.context)).rejects.toMatchObject({
      class: 'invalid',
      message: expect.stringContaining('it overlaps'),
    });
  });
});

describe('IPv6 blocks of subnets', () => {
  const subnetIn = (State: 'associating' | 'associated' | 'failed', Ipv6CidrBlock: string) => ({
    Subnets: [{ Ipv6CidrBlockAssociationSet: [{ AssociationId: 'a-1', Ipv6CidrBlock, Ipv6CidrBlockState: { State, StatusMessage: 'in use elsewhere' } }] }],
  });

  it.each([
    ['/64#0', '2001:db8:0:100::/56', '2001:db8:0:100::/64'],
    ['/64#1f', '2001:db8:0:100::/56', '2001:db8:0:11f::/64'],
    ['/64#ff', '2600:1f18:6a:7b00::/56', '2600:1f18:6a:7bff::/64'],
    ['/64#2', '2001:db8::/56', '2001:db8:0:2::/64'],
    ['/64#0', '2001:db8::/56', '2001:db8::/64'],
  ])('%s of %s is %s', (relative, of, expected) => {
    expect(absoluteBlock(relative, of)).toEqual(expected);
    expect(subnet.same?.('ipv6CidrBlock', relative, { ipv6CidrBlock: expected })).toEqual(true);
    expect(subnet.same?.('ipv6CidrBlock', '/64#3', { ipv6CidrBlock: expected })).toEqual(false);
  });

  it('are asked for when the network has got its own, seconds after it was made', async () => {
    const mock = mockedAws();
    const state = (State: 'associating' | 'associated', block?: string) => ({ Vpcs: [{ Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: block, Ipv6CidrBlockState: { State } }] }] });
    mock.ec2.on(DescribeVpcsCommand).resolvesOnce(state('associating', '')).resolves(state('associated', '2001:db8:0:100::/56'));
    mock.ec2.on(CreateSubnetCommand).resolves({ Subnet: { SubnetId: 'subnet-1' } });
    mock.ec2.on(DescribeSubnetsCommand).resolvesOnce(subnetIn('associating', '2001:db8:0:102::/64')).resolves(subnetIn('associated', '2001:db8:0:102::/64'));
    const attributes = { vpcId: 'vpc-1', availabilityZone: 'us-east-1a', ipv6CidrBlock: '/64#2', ipv6Native: true, privateDnsHostnameTypeOnLaunch: 'resource-name', tags: {} };
    await subnet.create(mock.aws, wanted('Subnet', attributes, 'a'), mock.context);
    expect(mock.ec2.commandCalls(CreateSubnetCommand)[0]?.args[0].input).toMatchObject({ Ipv6CidrBlock: '2001:db8:0:102::/64', Ipv6Native: true });
    expect(mock.told).toEqual(['waiting for the IPv6 block of vpc-1', 'waiting for the IPv6 block of subnet-1']);
  });

  it('are exchanged while no instance gets addresses of them', async () => {
    const mock = mockedAws();
    mock.ec2.on(DescribeSubnetsCommand).resolvesOnce(subnetIn('associated', 'fd00:0:0:1::/64')).resolves(subnetIn('associated', 'fd00:0:0:2::/64'));
    const attributes = {
      vpcId: 'vpc-1',
      availabilityZone: 'us-east-1a',
      ipv6CidrBlock: 'fd00:0:0:2::/64',
      assignIpv6AddressOnCreation: true,
      privateDnsHostnameTypeOnLaunch: 'ip-name',
      tags: {},
    };
    const before = actual('Subnet', 'subnet-1', { ...attributes, ipv6CidrBlock: 'fd00:0:0:1::/64' });
    await subnet.update?.(mock.aws, before, wanted('Subnet', attributes, 'a'), ['ipv6CidrBlock'], mock.context);
    expect(writes(mock.ec2)).toEqual(['ModifySubnetAttribute', 'DisassociateSubnetCidrBlock', 'AssociateSubnetCidrBlock', 'ModifySubnetAttribute']);
    expect(mock.ec2.commandCalls(ModifySubnetAttributeCommand).map(({ args }) => args[0].input.AssignIpv6AddressOnCreation?.Value)).toEqual([false, true]);
  });

  it('that AWS cannot associate are said, with its reason', async () => {
    const mock = mockedAws();
    mock.ec2.on(CreateSubnetCommand).resolves({ Subnet: { SubnetId: 'subnet-1' } });
    mock.ec2.on(DescribeSubnetsCommand).resolves(subnetIn('failed', 'fd00:0:0:2::/64'));
    const attributes = { vpcId: 'vpc-1', availabilityZone: 'us-east-1a', ipv6CidrBlock: 'fd00:0:0:2::/64', privateDnsHostnameTypeOnLaunch: 'ip-name', tags: {} };
    await expect(subnet.create(mock.aws, wanted('Subnet', attributes, 'a'), mock.context)).rejects.toMatchObject({
      class: 'invalid',
      message: expect.stringContaining('in use elsewhere'),
    });
  });
});

describe('lists', () => {
  it('hold only what is the cluster’s, also where a server does not mind the filter', async () => {
    const mock = mockedAws();
    const gatewayOf = (id: string, owner: string) => ({ NatGatewayId: id, State: 'available' as const, Tags: tagList(ownTags(`a.${owner}`, owner)) });
    mock.ec2
      .on(DescribeNatGatewaysCommand)
      .resolves({ NatGateways: [gatewayOf('nat-1', cluster), gatewayOf('nat-2', 'other.example.com'), { NatGatewayId: 'nat-3', State: 'available' }] });
    expect((await natGateway.list(new Inventory(mock.aws, cluster, mock.context.signal))).map(({ id }) => id)).toEqual(['nat-1']);
  });
});

describe('routes', () => {
  it('of nodes are their pods’ and the route controller’s; those of AWS itself are nobody’s', async () => {
    const mock = mockedAws();
    const table = {
      RouteTableId: 'rtb-1',
      Tags: tagList(ownTags(`private-us-east-1a.${cluster}`)),
      Associations: [{ RouteTableAssociationId: 'rtbassoc-1', SubnetId: 'subnet-1' }],
    };
    const Routes = [
      { DestinationCidrBlock: '172.20.0.0/16', GatewayId: 'local' },
      { DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-1' },
      { DestinationCidrBlock: '10.9.0.0/16', GatewayId: 'vgw-1', Origin: 'EnableVgwRoutePropagation' as const },
      { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' },
      { DestinationCidrBlock: '100.96.1.0/24', InstanceId: 'i-1', NetworkInterfaceId: 'eni-1' },
      { DestinationCidrBlock: '10.7.0.0/16', VpcPeeringConnectionId: 'pcx-1' },
    ];
    mock.ec2.on(DescribeRouteTablesCommand).resolves({ RouteTables: [{ ...table, Routes }] });
    mock.ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [{ SubnetId: 'subnet-1', Tags: tagList(ownTags(`us-east-1a.${cluster}`)) }] });
    mock.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-1', Tags: tagList(ownTags('nodes')) }] }] });
    const inventory = new Inventory(mock.aws, cluster, mock.context.signal);
    expect((await route.list(inventory)).map(({ name, manager }) => `${name} ${manager}`)).toEqual([
      'private-us-east-1a-0.0.0.0/0 kops',
      'us-east-1a.100.96.1.0/24 kubernetes',
      'us-east-1a.10.7.0.0/16 kops',
    ]);
    expect((await routeTableAssociation.list(inventory)).map(({ name, id }) => [name, id])).toEqual([[`private-us-east-1a.${cluster}`, 'rtbassoc-1']]);
  });
});

describe('security groups', () => {
  it('begin without the rule that lets everything out, and only without that', async () => {
    const mock = mockedAws();
    mock.ec2.on(CreateSecurityGroupCommand).resolves({ GroupId: 'sg-1' });
    mock.ec2.on(DescribeSecurityGroupRulesCommand).resolves({
      SecurityGroupRules: [
        { SecurityGroupRuleId: 'sgr-1', IsEgress: true, IpProtocol: '-1', CidrIpv4: '0.0.0.0/0' },
        { SecurityGroupRuleId: 'sgr-2', IsEgress: true, IpProtocol: '-1', CidrIpv6: '::/0', Tags: tagList(ownTags('mine')) },
        { SecurityGroupRuleId: 'sgr-3', IsEgress: false, IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '0.0.0.0/0' },
      ],
    });
    await securityGroup.create(mock.aws, wanted('SecurityGroup', { groupName: 'g', description: 'd', vpcId: 'vpc-1', tags: ownTags('g') }, 'g'), mock.context);
    expect(mock.ec2.commandCalls(RevokeSecurityGroupEgressCommand).flatMap((call) => call.args[0].input.SecurityGroupRuleIds)).toEqual(['sgr-1']);
  });

  it('get a rule with our tags in place of the same one made by hand', async () => {
    const mock = mockedAws();
    const duplicate = awsFailure('ec2', 'AuthorizeSecurityGroupEgress', 'InvalidPermission.Duplicate');
    mock.ec2
      .on(AuthorizeSecurityGroupEgressCommand)
      .rejectsOnce(duplicate)
      .resolves({ SecurityGroupRules: [{ SecurityGroupRuleId: 'sgr-2' }] });
    mock.ec2.on(DescribeSecurityGroupRulesCommand).resolves({
      SecurityGroupRules: [{ SecurityGroupRuleId: 'sgr-1', GroupId: 'sg-1', IsEgress: true, IpProtocol: '-1', FromPort: -1, ToPort: -1, CidrIpv4: '0.0.0.0/0' }],
    });
    const rule = wanted('SecurityGroupRule', { groupId: 'sg-1', type: 'egress', protocol: '-1', fromPort: 0, toPort: 0, cidrBlock: '0.0.0.0/0' }, 'out');
    expect((await securityGroupRule.create(mock.aws, rule, mock.context)).id).toEqual('sgr-2');
    expect(writes(mock.ec2)).toEqual(['AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupEgress', 'AuthorizeSecurityGroupEgress']);
  });

  it('close access that no spec gives at once; what people opened on other ports is theirs', async () => {
    const mock = mockedAws();
    const group = (name: string) => ({ GroupId: `sg-${name}`, GroupName: `${name}.${cluster}`, Tags: tagList(ownTags(`${name}.${cluster}`)) });
    mock.ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [group('nodes'), group('masters')] });
    const rule = (name: string, port: number, tags: object = {}) => ({
      GroupId: `sg-${name}`,
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      CidrIpv4: '203.0.113.7/32',
      SecurityGroupRuleId: `${name}-${port}`,
      ...tags,
    });
    mock.ec2.on(DescribeSecurityGroupRulesCommand).resolves({
      SecurityGroupRules: [rule('nodes', 22), rule('nodes', 443), rule('masters', 443), rule('masters', 8080), rule('nodes', 30000, { Tags: tagList(ownTags('ours')) })],
    });
    const rules = await securityGroupRule.list(new Inventory(mock.aws, cluster, mock.context.signal));
    expect(
      rules
        .filter(({ deletedWithoutPrune }) => deletedWithoutPrune)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['masters-443', 'nodes-22', 'nodes-30000']);
  });

  it('hold rules of three makers: the model, the cluster’s controllers, people', async () => {
    const mock = mockedAws();
    mock.ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [{ GroupId: 'sg-1', GroupName: `nodes.${cluster}`, Tags: tagList(ownTags(`nodes.${cluster}`)) }] });
    const port = { GroupId: 'sg-1', IsEgress: false, IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };
    mock.ec2.on(DescribeSecurityGroupRulesCommand).resolves({
      SecurityGroupRules: [
        { ...port, SecurityGroupRuleId: 'sgr-1', CidrIpv4: '0.0.0.0/0', Tags: tagList(ownTags('ssh-external')) },
        { ...port, SecurityGroupRuleId: 'sgr-2', ReferencedGroupInfo: { GroupId: 'sg-9' }, Description: 'kubernetes.io/rule/nlb/client=a1' },
        { ...port, SecurityGroupRuleId: 'sgr-3', CidrIpv4: '203.0.113.7/32', IpProtocol: '-1', FromPort: -1, ToPort: -1 },
      ],
    });
    expect((await securityGroupRule.list(new Inventory(mock.aws, cluster, mock.context.signal))).map(({ name, manager }) => [name, manager])).toEqual([
      ['ssh-external', 'kops'],
      [`from-sg-9-ingress-tcp-22to22-nodes.${cluster}`, 'kubernetes'],
      [`from-203.0.113.7/32-ingress-all-0to0-nodes.${cluster}`, 'kops'],
    ]);
  });
});

describe('volumes', () => {
  const tags = ownTags(`a.etcd-main.${cluster}`);
  const attributes = { availabilityZone: 'us-east-1a', size: 20, volumeType: 'gp3', iops: 3000, throughput: 125, encrypted: true, tags };

  it('that belong to an instance are not listed; those of claims are Kubernetes’', async () => {
    const mock = mockedAws();
    mock.ec2.on(DescribeVolumesCommand).resolves({
      Volumes: [
        { VolumeId: 'vol-root', State: 'in-use', Attachments: [{ DeleteOnTermination: true }], Tags: tagList(tags) },
        {
          VolumeId: 'vol-claim',
          State: 'in-use',
          Attachments: [{ DeleteOnTermination: false }],
          Tags: tagList({ ...ownTags('pvc'), 'kubernetes.io/created-for/pvc/name': 'data' }),
        },
        { VolumeId: 'vol-old', State: 'available', CreateTime: new Date(1), Tags: tagList(tags) },
        { VolumeId: 'vol-new', State: 'available', CreateTime: new Date(2), Tags: tagList(tags) },
        { VolumeId: 'vol-used', State: 'in-use', CreateTime: new Date(3), Attachments: [{ DeleteOnTermination: false }], Tags: tagList(tags) },
        { VolumeId: 'vol-gone', State: 'deleting', Tags: tagList(tags) },
      ],
    });
    const found = await ebsVolume.list(new Inventory(mock.aws, cluster, mock.context.signal));
    expect(found.filter(({ manager }) => manager === 'kubernetes').map(({ id }) => id)).toEqual(['vol-claim']);
    expect(found.filter(({ manager }) => manager === 'kops').map(({ id }) => id)).toEqual(['vol-used', 'vol-old', 'vol-new']);
  });

  it('grow in place; the change is waited for, and asked for once', async () => {
    const mock = mockedAws();
    const target = { VolumeId: 'vol-1', TargetSize: 40, TargetVolumeType: 'gp3' as const, TargetIops: 3000 };
    mock.ec2.on(ModifyVolumeCommand).rejects(awsFailure('ec2', 'ModifyVolume', 'TimeoutError', 'socket hang up', undefined));
    mock.ec2
      .on(DescribeVolumesModificationsCommand)
      .resolvesOnce({})
      .resolvesOnce({ VolumesModifications: [{ ...target, ModificationState: 'modifying' }] })
      .resolvesOnce({ VolumesModifications: [{ ...target, ModificationState: 'modifying' }] })
      .resolves({ VolumesModifications: [{ ...target, ModificationState: 'optimizing' }] });
    const volume = actual('EBSVolume', 'vol-1', { ...attributes });
    const grown = wanted('EBSVolume', { ...attributes, size: 40 }, `a.etcd-main.${cluster}`);
    await expect(ebsVolume.update?.(mock.aws, volume, grown, ['size'], mock.context)).rejects.toMatchObject({ class: 'ambiguous' });
    await ebsVolume.update?.(mock.aws, volume, grown, ['size'], mock.context);
    expect(mock.ec2.commandCalls(ModifyVolumeCommand)).toHaveLength(1);
    expect(mock.told).toEqual(['waiting for volume vol-1 to be changed: modifying']);
  });

  it.each([
    ['kmsKeyId', '1234abcd', true],
    ['kmsKeyId', 'arn:aws:kms:us-east-1:1:key/1234abcd', true],
    ['kmsKeyId', 'alias/etcd', true],
    ['kmsKeyId', 'abcd', false],
    ['kmsKeyId', 'arn:aws:kms:us-east-1:2:key/1234abcd', false],
    ['encrypted', false, true],
    ['size', 30, undefined],
  ])('%s as wanted, %s, is the same as what it has: %s', (field, value, expected) => {
    expect(ebsVolume.same?.(field, value, { encrypted: true, size: 20, kmsKeyId: 'arn:aws:kms:us-east-1:1:key/1234abcd' })).toBe(expected);
  });

  it.each([
    [{ size: 10 }, ['size'], 'cannot shrink from 20 to 10 GiB'],
    [{ encrypted: false }, ['encrypted'], 'cannot change its encrypted'],
    [{ availabilityZone: 'us-east-1b' }, ['availabilityZone'], 'cannot change its availabilityZone'],
  ])('are never replaced: %o is refused', async (change, changes, words) => {
    const mock = mockedAws();
    expect(ebsVolume.effect(changes)).toEqual('update');
    const update = ebsVolume.update?.(mock.aws, actual('EBSVolume', 'vol-1', { ...attributes }), wanted('EBSVolume', { ...attributes, ...change }), changes, mock.context);
    await expect(update).rejects.toThrow(words);
    expect(writes(mock.ec2)).toEqual([]);
  });
});

describe('the members of an etcd cluster that has data', () => {
  const volume = (value?: string) => ({ tags: { Name: 'x', ...(value === undefined ? {} : { 'k8s.io/etcd/main': value }) } });
  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['stay', 'a/a,b,c', 'a/a,b,c', false],
    ['get their tag back', undefined, 'a/a,b,c', false],
    ['cannot become more', 'a/a', 'a/a,b,c', true],
    ['cannot become fewer', 'a/a,b,c', 'a/a', true],
  ])('%s', (_what, before, now, refused) => {
    const why = ebsVolume.refuses?.(actual('EBSVolume', 'vol-1', volume(before)), volume(now));
    expect(why ?? '').toMatch(refused ? /which cannot become one of .*make a second cluster/ : /^$/);
  });
});

describe('order of deletion', () => {
  const { kinds } = awsKinds(mockedAws().aws, { contents: () => new Map() });
  const all = [
    actual('VPC', 'vpc-1', {}),
    actual('InternetGateway', 'igw-1', { vpcId: 'vpc-1' }),
    actual('Subnet', 'subnet-1', { vpcId: 'vpc-1' }),
    actual('ElasticIP', 'eipalloc-1', {}),
    actual('NatGateway', 'nat-1', { subnetId: 'subnet-1', allocationId: 'eipalloc-1', vpcId: 'vpc-1' }),
    actual('RouteTable', 'rtb-1', { vpcId: 'vpc-1' }),
    actual('Route', 'rtb-1/0.0.0.0/0', { routeTableId: 'rtb-1', natGatewayId: 'nat-1' }),
    actual('SecurityGroup', 'sg-1', { vpcId: 'vpc-1' }),
    actual('SecurityGroup', 'sg-2', { vpcId: 'vpc-1' }, 'other'),
    actual('SecurityGroupRule', 'sgr-1', { groupId: 'sg-2', sourceGroupId: 'sg-1' }),
    actual('EBSVolume', 'vol-1', {}),
    actual('AutoscalingGroup', 'asg', { subnetIds: ['subnet-1'] }),
  ];
  const before = (id: string) => {
    const resource = all.find((candidate) => candidate.id === id) as ActualResource;
    return (kinds.get(resource.kind)?.deleteAfter?.(resource, all) ?? []).map((other) => other.id).sort();
  };

  it.each([
    ['vpc-1', ['igw-1', 'nat-1', 'rtb-1', 'sg-1', 'sg-2', 'subnet-1']],
    ['igw-1', ['asg', 'nat-1']],
    ['subnet-1', ['asg', 'nat-1']],
    ['eipalloc-1', ['nat-1']],
    ['nat-1', []],
    ['rtb-1', ['rtb-1/0.0.0.0/0']],
    ['sg-1', ['sgr-1']],
    ['sg-2', ['sgr-1']],
    ['vol-1', ['asg']],
  ])('%s goes after %o', (id, expected) => {
    expect(before(id)).toEqual(expected);
  });
});

describe('DHCP options', () => {
  it('are left by the network before they go', async () => {
    const mock = mockedAws();
    mock.ec2.on(AssociateDhcpOptionsCommand).resolves({});
    await dhcpOptionsAssociation.delete(mock.aws, actual('VPCDHCPOptionsAssociation', 'vpc-1/dhcp', { vpcId: 'vpc-1' }), mock.context);
    expect(mock.ec2.commandCalls(AssociateDhcpOptionsCommand)[0]?.args[0].input).toEqual({ VpcId: 'vpc-1', DhcpOptionsId: 'default' });
  });
});
