import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { AwsAttributes, Id } from '../attributes.ts';
import { type AwsContext, findSubnet, resource, usesApiLoadBalancer, usesNoDns } from './context.ts';
import { apiBalancerType, type BalancerType, bastionBalancerType, type Place, placesByZone, standingIn } from './load-balancer-subnets.ts';
import { loadBalancerName, shortLoadBalancerName, type TargetGroupUse, targetGroupName } from './names.ts';
import { afterInternetGateway } from './network.ts';
import { loadBalancerPeer, usesBastion } from './security-groups.ts';
import { ownedTags } from './tags.ts';

type Balancer = AwsAttributes['NetworkLoadBalancer'];
type HealthCheck = AwsAttributes['TargetGroup']['healthCheck'];

interface Listener {
  port: number;
  use: TargetGroupUse;
  certificate?: { arn: string; sslPolicy: string };
}

/** `spec.api.loadBalancer`, as far as AWS acts on it. */
interface ApiBalancerSpec {
  additionalSecurityGroups?: string[];
  crossZoneLoadBalancing?: boolean;
  sslCertificate?: string;
  sslPolicy?: string;
  subnets?: { name: string; privateIPv4Address?: string; allocationId?: string }[];
  accessLog?: { bucket: string; bucketPrefix?: string };
}

const awsDefaultSslPolicy = 'ELBSecurityPolicy-2016-08';

/** What each group of targets serves. */
const services: Record<TargetGroupUse, { port: number; protocol: 'TCP' | 'TLS'; check: Pick<HealthCheck, 'protocol' | 'path'> }> = {
  tcp: { port: 443, protocol: 'TCP', check: { protocol: 'TCP' } },
  tls: { port: 443, protocol: 'TLS', check: { protocol: 'TCP' } },
  'kops-controller': { port: 3988, protocol: 'TCP', check: { protocol: 'HTTPS', path: '/healthz' } },
  'etcd-cilium': { port: 4003, protocol: 'TCP', check: { protocol: 'TCP' } },
  bastion: { port: 22, protocol: 'TCP', check: { protocol: 'TCP' } },
};

/** Network load balancers before the API and the bastions. */
export function loadBalancers(context: AwsContext): DesiredResource[] {
  return [...(usesApiLoadBalancer(context) ? apiBalancer(context) : []), ...(usesBastion(context) ? bastionBalancer(context) : [])];
}

function apiBalancer(context: AwsContext): DesiredResource[] {
  const spec = apiSpec(context);
  const balancer = {
    crossZone: usesNoDns(context) || (spec.crossZoneLoadBalancing ?? false),
    ...standingIn(context, spec.subnets ? namedPlaces(context, spec.subnets) : placesByZone(context, apiBalancerType(context))),
    ...(spec.accessLog
      ? { accessLog: { bucket: spec.accessLog.bucket, ...(spec.accessLog.bucketPrefix === undefined ? {} : { bucketPrefix: spec.accessLog.bucketPrefix }) } }
      : {}),
  };
  return networkLoadBalancer(context, 'api', apiBalancerType(context), spec.additionalSecurityGroups ?? [], balancer, apiListeners(context));
}

/** With a certificate, 443 shows it and client certificates do not get through: 8443 is for those. */
function apiListeners(context: AwsContext): Listener[] {
  if (!usesApiLoadBalancer(context)) return [];
  const { sslCertificate, sslPolicy } = apiSpec(context);
  const certificate = sslCertificate ? { arn: sslCertificate, sslPolicy: sslPolicy ?? awsDefaultSslPolicy } : undefined;
  const cilium = context.spec.networking?.cilium as { etcdManaged?: boolean } | undefined;
  return [
    ...(certificate
      ? [
          { port: 443, use: 'tls' as const, certificate },
          { port: 8443, use: 'tcp' as const },
        ]
      : [{ port: 443, use: 'tcp' as const }]),
    ...(usesNoDns(context) ? [{ port: 3988, use: 'kops-controller' as const }] : []),
    ...(usesNoDns(context) && cilium?.etcdManaged ? [{ port: 4003, use: 'etcd-cilium' as const }] : []),
  ];
}

function apiSpec({ spec }: AwsContext): ApiBalancerSpec {
  return (spec.api?.loadBalancer ?? {}) as ApiBalancerSpec;
}

function namedPlaces(context: AwsContext, named: NonNullable<ApiBalancerSpec['subnets']>): Place[] {
  return named.flatMap(({ name, ...addresses }) => {
    const subnet = findSubnet(context, name);
    return subnet ? [{ subnet, ...addresses }] : [];
  });
}

function bastionBalancer(context: AwsContext): DesiredResource[] {
  const type = bastionBalancerType(context);
  const spec = context.spec.topology?.bastion?.loadBalancer as { additionalSecurityGroups?: string[] } | undefined;
  const balancer = { crossZone: false, ...standingIn(context, placesByZone(context, type)) };
  return networkLoadBalancer(context, 'bastion', type, spec?.additionalSecurityGroups ?? [], balancer, [{ port: 22, use: 'bastion' }]);
}

function networkLoadBalancer(
  context: AwsContext,
  use: 'api' | 'bastion',
  type: BalancerType,
  additionalSecurityGroups: readonly string[],
  balancer: Pick<Balancer, 'crossZone' | 'ipAddressType' | 'subnetMappings' | 'accessLog'>,
  listeners: readonly Listener[],
): DesiredResource[] {
  const name = loadBalancerName(use, context.name);
  const securityGroupIds: Id[] = [...additionalSecurityGroups, loadBalancerPeer(context, use).id];
  return [
    resource(
      'NetworkLoadBalancer',
      name,
      {
        loadBalancerName: shortLoadBalancerName(use, context.name),
        scheme: type === 'Internal' ? 'internal' : 'internet-facing',
        ...balancer,
        securityGroupIds,
        tags: { ...ownedTags(context, name), Name: name },
      },
      type === 'Internal' ? {} : afterInternetGateway(context),
    ),
    ...listeners.map((listener) => targetGroup(context, listener.use)),
    ...listeners.map((listener) => listenerResource(context, name, listener)),
  ];
}

function listenerResource({ name: cluster }: AwsContext, balancer: string, { port, use, certificate }: Listener): DesiredResource {
  return resource('NetworkLoadBalancerListener', `${balancer}-${port}`, {
    loadBalancerArn: ref('NetworkLoadBalancer', balancer),
    port,
    protocol: certificate ? 'TLS' : 'TCP',
    targetGroupArn: ref('TargetGroup', targetGroupName(use, cluster)),
    ...(certificate ? { certificateArn: certificate.arn, sslPolicy: certificate.sslPolicy } : {}),
  });
}

function targetGroup(context: AwsContext, use: TargetGroupUse): DesiredResource {
  const name = targetGroupName(use, context.name);
  const { port, protocol, check } = services[use];
  return resource('TargetGroup', name, {
    targetGroupName: name,
    vpcId: context.vpcId,
    port,
    protocol,
    healthCheck: { ...check, intervalSeconds: 10, healthyThresholdCount: 2, unhealthyThresholdCount: 2 },
    deregistrationDelaySeconds: 30,
    connectionTermination: true,
    tags: { ...ownedTags(context, name), Name: name },
  });
}
