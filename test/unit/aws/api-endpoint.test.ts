import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeListenersCommand, DescribeLoadBalancerAttributesCommand, DescribeLoadBalancersCommand, DescribeTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListHostedZonesCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { apiEndpoint } from '../../../providers/aws/api-endpoint.ts';
import { cluster, mockedAws, ownTags, tagList } from './aws-mocks.ts';

const arn = 'arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/api-demo/0a1b';
const dnsName = 'api-demo-0a1b.elb.us-east-1.amazonaws.com';

interface There {
  balancer?: boolean;
  /** Names that lead to the load balancer. */
  names?: readonly string[];
  ports?: readonly number[];
  groups?: number;
}

async function endpoint({ balancer = false, names = [], ports = [443], groups = 1 }: There) {
  const mock = mockedAws();
  mock.elbv2
    .on(DescribeLoadBalancersCommand)
    .resolves({ LoadBalancers: balancer ? [{ LoadBalancerArn: arn, LoadBalancerName: 'api-demo', Type: 'network', DNSName: dnsName }] : [] });
  mock.elbv2.on(DescribeTagsCommand).resolves({ TagDescriptions: [{ ResourceArn: arn, Tags: tagList(ownTags(`api.${cluster}`)) }] });
  mock.elbv2.on(DescribeLoadBalancerAttributesCommand).resolves({ Attributes: [] });
  mock.elbv2.on(DescribeListenersCommand).resolves({ Listeners: ports.map((Port) => ({ ListenerArn: `${arn}/${Port}`, LoadBalancerArn: arn, Port })) });
  const AliasTarget = { DNSName: `${dnsName}.`, HostedZoneId: 'Z26', EvaluateTargetHealth: false };
  mock.route53
    .on(ListHostedZonesCommand)
    .resolves({ HostedZones: [{ Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: '', ResourceRecordSetCount: 9 }], IsTruncated: false });
  mock.route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: names.map((name) => ({ Name: `${name}.`, Type: 'A' as const, AliasTarget })), IsTruncated: false });
  const group = {
    AutoScalingGroupName: 'g',
    MinSize: 1,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 0,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: undefined,
  };
  mock.autoscaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: Array.from({ length: groups }, () => group) as never });
  return apiEndpoint(mock.aws, cluster, mock.context.signal);
}

describe('the address of the API', () => {
  it.each<[string, There, object | undefined]>([
    ['nothing before anything runs', { groups: 0 }, undefined],
    ['the name that its load balancer has in DNS', { balancer: true, names: [`api.${cluster}`] }, { url: `https://api.${cluster}` }],
    ['a name of the user’s own', { balancer: true, names: [`api.internal.${cluster}`, 'k8s.example.com'] }, { url: 'https://k8s.example.com' }],
    ['the load balancer’s own name without DNS', { balancer: true }, { url: `https://${dnsName}`, tlsServerName: `api.internal.${cluster}` }],
    ['that, too, when only the inside has a name', { balancer: true, names: [`api.internal.${cluster}`] }, { url: `https://${dnsName}`, tlsServerName: `api.internal.${cluster}` }],
    ['another port when 443 shows a certificate of the user’s own', { balancer: true, names: [`api.${cluster}`], ports: [443, 8443] }, { url: `https://api.${cluster}:8443` }],
    ['the cluster’s name without a load balancer', {}, { url: `https://api.${cluster}` }],
  ])('is %s', async (_what, there, expected) => {
    expect(await endpoint(there)).toEqual(expected);
  });
});
