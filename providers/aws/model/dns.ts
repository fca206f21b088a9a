import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { clusterSpec } from '../aws-spec.ts';
import { nearestDnsZone, possibleDnsZones } from '../dns-zone.ts';
import { type AwsContext, resource, usesApiLoadBalancer, usesNoDns } from './context.ts';
import { loadBalancerName } from './names.ts';
import { usesBastion } from './security-groups.ts';

/** Names for the load balancers, in a zone that exists already. Names of single machines are the cluster's own business. */
export function dns(context: AwsContext): DesiredResource[] {
  const { cluster, spec, facts, vpcId } = context;
  if (usesNoDns(context)) return [];
  const zone = clusterSpec(cluster).dnsZone ?? nearestDnsZone(cluster, facts);
  if (zone === undefined) return withoutZone(context);
  const { id, associated } = hostedZone(context, zone);
  const isPrivate = spec.topology?.dns?.type === 'Private';
  return [...(isPrivate && !associated ? [resource('HostedZoneAssociation', zone, { hostedZoneId: id, vpcId })] : []), ...records(context, id)];
}

function records(context: AwsContext, hostedZoneId: string): DesiredResource[] {
  const { spec } = context;
  const internalToo = spec.api?.loadBalancer?.useForInternalApi === true;
  const api = usesApiLoadBalancer(context) ? [spec.masterPublicName, ...(internalToo ? [spec.masterInternalName as string | undefined] : [])] : [];
  const bastion = usesBastion(context) ? [spec.topology?.bastion?.bastionPublicName as string | undefined] : [];
  return [...[...new Set(api)].flatMap((name) => recordsOf(context, name, hostedZoneId, 'api')), ...bastion.flatMap((name) => recordsOf(context, name, hostedZoneId, 'bastion'))];
}

/** An alias of either family costs nothing; one without addresses behind it has no answer. */
function recordsOf(context: AwsContext, recordName: string | undefined, hostedZoneId: string, use: 'api' | 'bastion'): DesiredResource[] {
  if (!recordName) return [];
  const balancer = loadBalancerName(use, context.name);
  const alias = { dnsName: ref('NetworkLoadBalancer', balancer, 'dnsName'), hostedZoneId: ref('NetworkLoadBalancer', balancer, 'hostedZoneId') };
  const record = (type: 'A' | 'AAAA', suffix: string) => resource('DNSRecord', `${recordName}${suffix}`, { hostedZoneId, recordName, type, alias });
  return [record('A', ''), record('AAAA', '-AAAA')];
}

/** `spec.dnsZone` is a zone's id or its name. Of two with one name it is the one as private as the cluster's DNS. A preview that asks nobody knows the name only. */
function hostedZone({ spec, facts }: AwsContext, zone: string): { id: string; associated: boolean } {
  const wantsPrivate = spec.topology?.dns?.type === 'Private';
  const known = facts.hostedZones?.[zone];
  const isId = !zone.includes('.');
  const found = known?.find((candidate) => (isId ? candidate.id === zone : candidate.private === wantsPrivate));
  if (known && !found) throw noZone(zone, wantsPrivate);
  return { id: found?.id ?? zone, associated: spec.networkID !== undefined && (found?.networkIds ?? []).includes(spec.networkID) };
}

/** A preview that asks nobody does without names. Throws when zones were looked up and none fits. */
function withoutZone({ name, facts, spec }: AwsContext): DesiredResource[] {
  if (!facts.hostedZones) return [];
  throw noZone(possibleDnsZones(name).join(' or '), spec.topology?.dns?.type === 'Private');
}

function noZone(zone: string, isPrivate: boolean): KopsError {
  const kind = isPrivate ? 'private' : 'public';
  return new KopsError(`there is no ${kind} hosted zone ${zone}`, {
    code: 'NO_HOSTED_ZONE',
    exit: 'notFound',
    object: zone,
    suggestions: [`Create it in Route 53, or use another one: spec.dnsZone.`, 'Or do without: spec.topology.dns.type: None (with a load balancer before the API).'],
  });
}
