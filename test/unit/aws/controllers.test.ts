import * as ec2 from '@aws-sdk/client-ec2';
import { EC2Client } from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { createControllers } from '../../../providers/aws/controllers.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { Service } from '../../../src/kube/objects.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

const cluster = 'demo.example.com';
const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';
const ec2Mock = mockClient(EC2Client);
const elbMock = mockClient(ElasticLoadBalancingV2Client);

/** Waits are noted and cost nothing. */
class NotingClock extends VirtualClock {
  readonly sleptMs: number[] = [];
  override async sleep(delayMs: number): Promise<void> {
    this.sleptMs.push(delayMs);
  }
}

function service(annotations: Record<string, string> = {}, spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '7e6b0f0a-5a0f-4f3e-9d57-0c9ed1b0f111',
      annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [prefix + name, value])),
    },
    spec: { type: 'LoadBalancer', ports: [{ port: 443, nodePort: 30443 }], ...spec },
  };
}

const Tags = [
  { Key: `kubernetes.io/cluster/${cluster}`, Value: 'owned' },
  { Key: 'kubernetes.io/service-name', Value: 'shop/web' },
];
const GroupName = 'k8s-elb-a7e6b0f0a5a0f4f3e9d570c9ed1b0f11';
const balancer = {
  LoadBalancerArn: 'arn:lb',
  DNSName: 'web.elb.amazonaws.com',
  Scheme: 'internet-facing' as const,
  AvailabilityZones: [{ SubnetId: 'subnet-a', LoadBalancerAddresses: [{ AllocationId: 'eipalloc-old' }] }],
};
const gone = (operation: string) => new CloudError('notFound', operation, 'it is gone');

describe('cloud controllers on AWS', () => {
  let clock: NotingClock;
  let controllers: ReturnType<typeof createControllers>;

  beforeEach(() => {
    ec2Mock.reset();
    elbMock.reset();
    clock = new NotingClock();
    const aws = new AwsApi('us-east-1', { clock, random: new SeededRandom(1), variables: {} });
    controllers = createControllers(aws, new AbortController().signal);
    const subnet = { SubnetId: 'subnet-a', VpcId: 'vpc-1', AvailabilityZone: 'us-east-1a', Tags: [{ Key: 'kubernetes.io/role/elb', Value: '1' }] };
    ec2Mock.on(ec2.DescribeSubnetsCommand).resolves({ Subnets: [subnet] });
    ec2Mock.on(ec2.DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [{ GroupId: 'sg-own', GroupName, Tags }] });
    ec2Mock.on(ec2.DescribeSecurityGroupRulesCommand).resolves({ SecurityGroupRules: [] });
    ec2Mock.on(ec2.AuthorizeSecurityGroupIngressCommand).resolves({});
    ec2Mock.on(ec2.DeleteSecurityGroupCommand).resolves({});
    elbMock
      .on(elb.DescribeTagsCommand)
      .callsFake(({ ResourceArns }: { ResourceArns: string[] }) => ({ TagDescriptions: ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags })) }));
    elbMock.on(elb.DescribeLoadBalancersCommand).resolves({ LoadBalancers: [balancer] });
    elbMock.on(elb.DescribeTargetGroupsCommand).callsFake(({ Names = [] }: { Names?: string[] }) => ({
      TargetGroups: Names.map((TargetGroupName) => ({ TargetGroupName, TargetGroupArn: `arn:${TargetGroupName}` })),
    }));
    for (const command of [elb.DescribeLoadBalancerAttributesCommand, elb.DescribeTargetGroupAttributesCommand, elb.DescribeListenersCommand] as const)
      elbMock.on(command as never).resolves({});
    elbMock.on(elb.CreateListenerCommand).resolves({ Listeners: [{ ListenerArn: 'arn:listener' }] });
    elbMock.on(elb.DescribeListenerCertificatesCommand).resolves({ Certificates: [{ CertificateArn: 'arn:a', IsDefault: true }, { CertificateArn: 'arn:old' }] });
    elbMock.on(elb.DescribeTargetHealthCommand).resolves({});
  });

  it('wait for a load balancer to let go of its security group, and say so when it never does', async () => {
    const held = new CloudError('dependency', 'DeleteSecurityGroup', 'resource sg-own has a dependent object');
    ec2Mock.on(ec2.DeleteSecurityGroupCommand).rejectsOnce(held).rejectsOnce(held).resolves({});
    await controllers.loadBalancers.delete(cluster, service());
    expect(ec2Mock.commandCalls(ec2.DeleteSecurityGroupCommand)).toHaveLength(3);
    expect(clock.sleptMs).toEqual([1000, 2000]);
    ec2Mock.on(ec2.DeleteSecurityGroupCommand).rejects(held);
    await expect(controllers.loadBalancers.delete(cluster, service())).rejects.toThrow(/dependent object/);
  });

  it('take what is gone already for deleted', async () => {
    elbMock.on(elb.DeleteLoadBalancerCommand).rejects(gone('DeleteLoadBalancer'));
    ec2Mock.on(ec2.DeleteSecurityGroupCommand).rejects(gone('DeleteSecurityGroup'));
    await controllers.loadBalancers.delete(cluster, service());
  });

  it('give a TLS port its certificates: the first by default, the others beside it, none from before', async () => {
    await controllers.loadBalancers.ensure(cluster, service({ 'ssl-cert': 'arn:a,arn:b', 'ssl-negotiation-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06' }), []);
    expect(elbMock.commandCalls(elb.CreateListenerCommand)[0]?.args[0].input).toMatchObject({
      Port: 443,
      Protocol: 'TLS',
      Certificates: [{ CertificateArn: 'arn:a' }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
    expect(elbMock.commandCalls(elb.AddListenerCertificatesCommand)[0]?.args[0].input.Certificates).toEqual([{ CertificateArn: 'arn:b' }]);
    expect(elbMock.commandCalls(elb.RemoveListenerCertificatesCommand)[0]?.args[0].input.Certificates).toEqual([{ CertificateArn: 'arn:old' }]);
  });

  it('make another load balancer where an elastic address changed, and none where it did not', async () => {
    await controllers.loadBalancers.ensure(cluster, service({ 'eip-allocations': 'eipalloc-old' }), []);
    expect(elbMock.commandCalls(elb.DeleteLoadBalancerCommand)).toHaveLength(0);
    elbMock.on(elb.DeleteLoadBalancerCommand).callsFake(() => {
      elbMock.on(elb.DescribeLoadBalancersCommand).rejects(gone('DescribeLoadBalancers'));
      return {};
    });
    elbMock.on(elb.CreateLoadBalancerCommand).resolves({ LoadBalancers: [balancer] });
    await controllers.loadBalancers.ensure(cluster, service({ 'eip-allocations': 'eipalloc-new' }), []);
    expect(elbMock.commandCalls(elb.CreateLoadBalancerCommand)[0]?.args[0].input).toMatchObject({
      Type: 'network',
      SubnetMappings: [{ SubnetId: 'subnet-a', AllocationId: 'eipalloc-new' }],
    });
  });

  it('list routes that lead nowhere under no node, so that they are deleted', async () => {
    const route = (DestinationCidrBlock: string, InstanceId: string, State: 'active' | 'blackhole') => ({
      DestinationCidrBlock,
      InstanceId,
      State,
      Origin: 'CreateRoute' as const,
    });
    const Routes = [
      route('100.96.1.0/24', 'i-1', 'active'),
      route('100.96.2.0/24', 'i-2', 'blackhole'),
      { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable' as const },
    ];
    ec2Mock.on(ec2.DescribeRouteTablesCommand).resolves({ RouteTables: [{ RouteTableId: 'rtb-1', Routes }] });
    ec2Mock.on(ec2.DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-1', PrivateDnsName: 'ip-10-0-0-1.ec2.internal' }] }] });
    expect(await controllers.routes?.list(cluster)).toEqual([
      { name: '100.96.1.0/24 i-1', targetNode: 'ip-10-0-0-1.ec2.internal', destinationCidr: '100.96.1.0/24' },
      { name: '100.96.2.0/24 i-2', targetNode: '', destinationCidr: '100.96.2.0/24' },
    ]);
    await controllers.routes?.delete(cluster, '100.96.2.0/24 i-2');
    expect(ec2Mock.commandCalls(ec2.DeleteRouteCommand).map((call) => call.args[0].input)).toEqual([{ RouteTableId: 'rtb-1', DestinationCidrBlock: '100.96.2.0/24' }]);
  });
});
