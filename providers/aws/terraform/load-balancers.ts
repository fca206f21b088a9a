import type { AwsAttributes } from '../attributes.ts';
import { block, form, sortedIds } from './form.ts';

const etcdCiliumPort = 4003;

export const loadBalancerForms = {
  NetworkLoadBalancer: form(
    'NetworkLoadBalancer',
    'aws_lb',
    (balancer) => ({
      access_logs: accessLogs(balancer),
      enable_cross_zone_load_balancing: balancer.crossZone,
      internal: balancer.scheme === 'internal',
      // What AWS does by itself is not said.
      ip_address_type: balancer.ipAddressType === 'ipv4' ? undefined : balancer.ipAddressType,
      load_balancer_type: 'network',
      name: balancer.loadBalancerName,
      security_groups: sortedIds(balancer.securityGroupIds),
      subnet_mapping: balancer.subnetMappings.map((mapping) => ({
        subnet_id: mapping.subnetId,
        ...(mapping.allocationId === undefined ? {} : { allocation_id: mapping.allocationId }),
        ...(mapping.privateIPv4Address === undefined ? {} : { private_ipv4_address: mapping.privateIPv4Address }),
      })),
      tags: balancer.tags,
    }),
    { outputs: { id: 'id', arn: 'arn', dnsName: 'dns_name', hostedZoneId: 'zone_id' } },
  ),
  NetworkLoadBalancerListener: form(
    'NetworkLoadBalancerListener',
    'aws_lb_listener',
    (listener) => ({
      certificate_arn: listener.certificateArn,
      default_action: block({ target_group_arn: listener.targetGroupArn, type: 'forward' }),
      load_balancer_arn: listener.loadBalancerArn,
      port: listener.port,
      protocol: listener.protocol,
      ssl_policy: listener.sslPolicy,
    }),
    // kops names this one after what it serves, not after its load balancer.
    { localName: (name, { port }) => (port === etcdCiliumPort ? name.replace(/^api\./, 'etcd-cilium.') : name) },
  ),
  TargetGroup: form(
    'TargetGroup',
    'aws_lb_target_group',
    (group) => ({
      connection_termination: String(group.connectionTermination),
      deregistration_delay: String(group.deregistrationDelaySeconds),
      health_check: block({
        healthy_threshold: group.healthCheck.healthyThresholdCount,
        interval: group.healthCheck.intervalSeconds,
        path: group.healthCheck.path,
        port: group.healthCheck.port,
        protocol: group.healthCheck.protocol,
        unhealthy_threshold: group.healthCheck.unhealthyThresholdCount,
      }),
      name: group.targetGroupName,
      port: group.port,
      preserve_client_ip: group.preserveClientIp === undefined ? undefined : String(group.preserveClientIp),
      protocol: group.protocol,
      tags: group.tags,
      vpc_id: group.vpcId,
    }),
    { outputs: { id: 'id', arn: 'arn' } },
  ),
};

function accessLogs({ accessLog }: AwsAttributes['NetworkLoadBalancer']) {
  return block(accessLog && { bucket: accessLog.bucket, enabled: true, prefix: accessLog.bucketPrefix });
}
