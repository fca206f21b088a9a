import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { clusterSpec } from '../aws-spec.ts';
import { nearestDnsZone, possibleDnsZones } from '../dns-zone.ts';
import { type AwsContext, resource, usesApiLoadBalancer, usesNoDns } from './context.ts';
import { loadBalancerName } from './names.ts';
import { usesBastion } from './security-groups.ts';

interface Zone {
  id: string;
  /** `example.com` */
  name: string;
  /** Networks that see a private zone. */
  networkIds?: readonly string[];
}

/** Names for the load balancers, in a zone that exists already. Names of single machines are the cluster's own business. */
export function dns(context: AwsContext): DesiredResource[] {
  const { cluster, spec, facts } = context;
  if (usesNoDns(context)) return [];
  const zone = clusterSpec(cluster).dnsZone ?? nearestDnsZone(cluster, facts);
  if (zone === undefined) return withoutZone(context);
  const found = hostedZone(context, zone);
  return [...(spec.topology?.dns?.type === 'Private' ? [association(context, found)] : []), ...records(context, found.id)];
}

/** A private zone is to be seen in the network. Where somebody else's network sees it already, that is not ours to make or to undo. */
function association({ spec, vpcId }: AwsContext, { id, name, networkIds = [] }: Zone): DesiredResource {
  const there = spec.networkID !== undefined && networkIds.includes(spec.networkID);
  return resource('HostedZoneAssociation', name, { hostedZoneId: id, vpcId }, there ? { lifecycle: 'Ignore' } : {});
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

/** `spec.dnsZone` is a zone's id or its name; of several with one name it is the one as private as the cluster's DNS. A preview that asks nobody knows what the spec says. */
function hostedZone({ spec, facts }: AwsContext, zone: string): Zone {
  const isPrivate = spec.topology?.dns?.type === 'Private';
  const known = facts.hostedZones?.[zone];
  if (!known) return { id: zone, name: zone };
  const found = known.filter((candidate) => candidate.id === zone || candidate.private === isPrivate);
  if (found.length > 1) throw ambiguousZone(zone, found);
  const [one] = found;
  if (!one) throw noZone(zone, isPrivate);
  return { name: zone, ...one };
}

/** A preview that asks nobody does without names. Throws when zones were looked up and none fits. */
function withoutZone({ name, facts, spec }: AwsContext): DesiredResource[] {
  if (!facts.hostedZones) return [];
  throw noZone(possibleDnsZones(name).join(' or '), spec.topology?.dns?.type === 'Private');
}

function ambiguousZone(zone: string, found: readonly { id: string }[]): KopsError {
  return new KopsError(`there are ${found.length} hosted zones ${zone}: ${found.map(({ id }) => id).join(', ')}`, {
    code: 'AMBIGUOUS_HOSTED_ZONE',
    exit: 'invalid',
    object: zone,
    suggestions: ['Name the one that is meant by its id: spec.dnsZone.'],
  });
}

function noZone(zone: string, isPrivate: boolean): KopsError {
  const kind = isPrivate ? 'private' : 'public';
  return new KopsError(`there is no ${kind} hosted zone ${zone}`, {
    code: 'NO_HOSTED_ZONE',
    exit: 'notFound',
    object: zone,
    suggestions: ['Create it in Route 53, or use another one: spec.dnsZone.', 'Or do without: spec.topology.dns.type: None (with a load balancer before the API).'],
  });
}
