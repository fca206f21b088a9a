import { objectKey, type Service } from '../../../src/kube/objects.ts';
import { ServiceAnnotations } from './annotations.ts';
import { balancerName, ownerTags } from './names.ts';
import { type PortWish, portWishes } from './port-wish.ts';

/** The load balancer that a Service asks for, as plain data. */
export interface BalancerWish {
  name: string;
  scheme: 'internal' | 'internet-facing';
  ipAddressType: 'ipv4' | 'dualstack';
  /** Ids or names. Undefined: those of the cluster, by their tags. */
  subnets: readonly string[] | undefined;
  eipAllocations: readonly string[] | undefined;
  privateIpv4Addresses: readonly string[] | undefined;
  /** Instead of a group of its own. */
  securityGroups: readonly string[] | undefined;
  extraSecurityGroups: readonly string[];
  sourceRanges: readonly string[];
  /** `load_balancing.cross_zone.enabled` → `true` */
  attributes: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  /** Labels that nodes must have to get traffic. */
  nodeLabels: Readonly<Record<string, string>>;
  ports: readonly PortWish[];
}

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Throws CloudError invalid for whatever a network load balancer cannot be. */
export function balancerWish(clusterName: string, service: Service): BalancerWish {
  const annotations = new ServiceAnnotations(service);
  refuseOtherTypes(annotations, service);
  const scheme = schemeOf(annotations);
  const ipAddressType = annotations.choice('ip-address-type', ['ipv4', 'dualstack']) ?? 'ipv4';
  const securityGroups = groupIds(annotations, 'security-groups');
  if (securityGroups && rangesOf(service)) annotations.refuseValue('security-groups', 'source ranges are rules of a group of its own, which these groups replace');
  const tags = { ...annotations.pairs('additional-resource-tags'), ...ownerTags(clusterName, service), Name: objectKey(service) };
  return {
    name: balancerName(service),
    scheme,
    ipAddressType,
    ...staticAddresses(annotations, scheme),
    securityGroups,
    extraSecurityGroups: groupIds(annotations, 'extra-security-groups') ?? [],
    sourceRanges: rangesOf(service) ?? ['0.0.0.0/0', ...(ipAddressType === 'dualstack' ? ['::/0'] : [])],
    attributes: balancerAttributes(annotations),
    tags,
    nodeLabels: annotations.pairs('target-node-labels'),
    ports: portWishes(clusterName, service, annotations),
  };
}

function refuseOtherTypes(annotations: ServiceAnnotations, { spec }: Service): void {
  const type = annotations.text('type') ?? 'nlb';
  if (type !== 'nlb' && type !== 'external') annotations.refuseValue('type', 'only network load balancers with instances as targets are made here: nlb or external');
  const target = annotations.text('nlb-target-type') ?? 'instance';
  if (target !== 'instance') annotations.refuseValue('nlb-target-type', 'targets are instances');
  if (spec.loadBalancerIP) annotations.refuse('loadBalancerIP cannot be given to AWS: use the annotation eip-allocations or private-ipv4-addresses');
}

function schemeOf(annotations: ServiceAnnotations): BalancerWish['scheme'] {
  const scheme = annotations.choice('scheme', ['internal', 'internet-facing']);
  const internal = annotations.choice('internal', ['true', 'false', '0.0.0.0/0']);
  const other = internal === undefined ? undefined : internal === 'false' ? 'internet-facing' : 'internal';
  if (scheme && other && scheme !== other) annotations.refuseValue('scheme', `the annotation internal says ${other}`);
  return scheme ?? other ?? 'internet-facing';
}

function staticAddresses(annotations: ServiceAnnotations, scheme: BalancerWish['scheme']): Pick<BalancerWish, 'subnets' | 'eipAllocations' | 'privateIpv4Addresses'> {
  const subnets = annotations.list('subnets');
  const eipAllocations = annotations.list('eip-allocations');
  const privateIpv4Addresses = annotations.list('private-ipv4-addresses');
  if (eipAllocations && scheme === 'internal') annotations.refuseValue('eip-allocations', 'an internal load balancer has no public addresses');
  if (privateIpv4Addresses && scheme !== 'internal') annotations.refuseValue('private-ipv4-addresses', 'only an internal load balancer may choose its private addresses');
  if (eipAllocations && subnets && eipAllocations.length !== subnets.length) annotations.refuseValue('eip-allocations', 'one is needed for each subnet');
  if (privateIpv4Addresses && subnets && privateIpv4Addresses.length !== subnets.length) annotations.refuseValue('private-ipv4-addresses', 'one is needed for each subnet');
  return { subnets, eipAllocations, privateIpv4Addresses };
}

function groupIds(annotations: ServiceAnnotations, name: string): string[] | undefined {
  const ids = annotations.list(name);
  return ids?.every((id) => id.startsWith('sg-')) === false ? annotations.refuseValue(name, 'must be ids of security groups: sg-…') : ids;
}

function rangesOf({ metadata, spec }: Service): string[] | undefined {
  const said = spec.loadBalancerSourceRanges ?? metadata.annotations?.[rangesAnnotation]?.split(',');
  const ranges = said?.map((range) => range.trim()).filter((range) => range !== '');
  return ranges && ranges.length > 0 ? [...new Set(ranges)] : undefined;
}

/** What is not asked for is set to AWS' default, so that taking an annotation away has its effect. */
function balancerAttributes(annotations: ServiceAnnotations): Record<string, string> {
  const logs = annotations.flag('access-log-enabled') ?? false;
  const bucket = annotations.text('access-log-s3-bucket-name');
  const bucketPrefix = annotations.text('access-log-s3-bucket-prefix');
  if (logs && !bucket) annotations.refuseValue('access-log-enabled', 'needs access-log-s3-bucket-name');
  if ((annotations.text('access-log-emit-interval') ?? '5') !== '5') annotations.refuseValue('access-log-emit-interval', 'network load balancers write their logs every 5 minutes');
  return {
    'load_balancing.cross_zone.enabled': String(annotations.flag('cross-zone-load-balancing-enabled') ?? false),
    'access_logs.s3.enabled': String(logs),
    ...(logs && bucket ? { 'access_logs.s3.bucket': bucket, 'access_logs.s3.prefix': bucketPrefix ?? '' } : {}),
    ...annotations.pairs('attributes'),
  };
}
