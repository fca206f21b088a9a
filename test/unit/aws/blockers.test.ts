import { DeleteSubnetCommand, DescribeNatGatewaysCommand, DescribeNetworkInterfacesCommand, type NetworkInterface } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { subnet } from '../../../providers/aws/resources/subnet.ts';
import { awsFailure, mockedAws } from './aws-mocks.ts';

const actual = { kind: 'Subnet', name: 'us-east-1a.demo.example.com', id: 'subnet-1', attributes: {}, outputs: {}, owned: true };
const inUse = awsFailure('ec2', 'DeleteSubnet', 'DependencyViolation', "The subnet 'subnet-1' has dependencies and cannot be deleted.");

/** As EC2 shows it until minutes after its load balancer is gone. */
const ofBalancer: NetworkInterface = {
  NetworkInterfaceId: 'eni-1',
  Status: 'in-use',
  RequesterManaged: true,
  RequesterId: 'amazon-elb',
  InterfaceType: 'network_load_balancer',
  Description: 'ELB net/api-demo/0123456789abcdef',
  Attachment: { Status: 'attached', InstanceOwnerId: 'amazon-elb' },
};
const arn = (id: string) => `arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/api-demo/${id}`;

function subnetWith(found: NetworkInterface) {
  const mock = mockedAws();
  mock.ec2.on(DeleteSubnetCommand).rejectsOnce(inUse).rejectsOnce(inUse).resolves({});
  mock.ec2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [found] });
  return mock;
}

describe('what keeps a subnet', () => {
  it.each([
    [
      'no load balancer has that name',
      (mock: ReturnType<typeof mockedAws>) => mock.elbv2.on(DescribeLoadBalancersCommand).rejects(awsFailure('elbv2', 'DescribeLoadBalancers', 'LoadBalancerNotFound')),
    ],
    [
      'another one has that name now',
      (mock: ReturnType<typeof mockedAws>) => mock.elbv2.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: [{ LoadBalancerArn: arn('fedcba') }] }),
    ],
  ])('goes by itself when it is the interface of a load balancer that was deleted: %s', async (_what, balancers) => {
    const mock = subnetWith(ofBalancer);
    balancers(mock);
    await subnet.delete(mock.aws, actual, mock.context);
    expect(mock.ec2.commandCalls(DeleteSubnetCommand)).toHaveLength(3);
    expect(mock.told).toEqual([expect.stringMatching(/waiting for what uses subnet-1 to go: eni-1 .*ELB net\/api-demo/)]);
  });

  it.each([
    ['goes by itself', 'is being deleted', []],
    ['is named', 'stays', [{ NatGatewayId: 'nat-0a1b' }]],
  ])('%s when it is the interface of a NAT gateway that %s', async (_how, _state, NatGateways) => {
    const mock = subnetWith({
      NetworkInterfaceId: 'eni-3',
      Status: 'in-use',
      RequesterManaged: true,
      Description: 'Interface for NAT Gateway nat-0a1b',
      InterfaceType: 'natGateway',
    });
    mock.ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways });
    const gone = subnet.delete(mock.aws, actual, mock.context);
    if (NatGateways.length > 0) await expect(gone).rejects.toMatchObject({ class: 'dependency', blockers: [expect.stringContaining('nat-0a1b')] });
    else await expect(gone).resolves.toBeUndefined();
  });
});
