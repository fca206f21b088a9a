import { KopsError } from '../lib/errors.ts';
import type { NewClusterOptions } from './new-cluster.ts';
import type { SubnetSpec } from './types.ts';

export function topologyOf({ topology, ipv6 }: NewClusterOptions): 'public' | 'private' {
  const wish = topology?.toLowerCase() ?? (ipv6 ? 'private' : 'public');
  return wish === 'private' ? 'private' : 'public';
}

/**
 * One subnet for each zone of workers or control planes, named after it; with a private topology a utility subnet beside each
 * (load balancers, NAT gateways, bastions' entry), with IPv6 a dual-stack one, too. Blocks come later. Throws usage errors.
 */
export function newSubnets(options: NewClusterOptions): SubnetSpec[] {
  requirePossible(options);
  const main = [...zoneSubnets(options), ...extraSubnets(options)];
  const subnets = topologyOf(options) === 'public' ? main : withPrivateCompanions(main, options);
  return options.ipv6 ? subnets.map((subnet, i) => ({ ...subnet, ipv6CIDR: `/64#${i.toString(16)}` })) : subnets;
}

/** The subnets of a zone: the main one first, then those of further network blocks. */
export function subnetsOfZone(subnets: readonly SubnetSpec[], zone: string): string[] {
  const names = subnets.filter((subnet) => subnet.zone === zone && (subnet.type === 'Public' || subnet.type === 'Private')).map((subnet) => subnet.name);
  return [zone, ...names.filter((name) => name !== zone)];
}

function zoneSubnets(options: NewClusterOptions): SubnetSpec[] {
  const zones = [...new Set([...options.zones, ...(options.controlPlaneZones ?? [])])].sort();
  return zones.map((zone) => ({ ...egressField(options), ...idField(options.sharedSubnets, zone), name: zone, type: mainType(options), zone }));
}

function extraSubnets(options: NewClusterOptions): SubnetSpec[] {
  return (options.networkCidrs ?? []).slice(1).map((cidr, i) => {
    const zone = options.zones[i % options.zones.length] ?? '';
    return { cidr, ...egressField(options), ...idField(options.sharedSubnets, zone), name: `${zone}-${i + 1}`, type: mainType(options), zone };
  });
}

function withPrivateCompanions(main: readonly SubnetSpec[], options: NewClusterOptions): SubnetSpec[] {
  const companion = (type: SubnetSpec['type'], { name, zone = '' }: SubnetSpec): SubnetSpec => ({
    ...idField(options.sharedUtilitySubnets, zone),
    name: `${type.toLowerCase()}-${name}`,
    type,
    zone,
  });
  const dualStack = options.ipv6 ? main.map((subnet) => companion('DualStack', subnet)) : [];
  return [...main, ...dualStack, ...main.map((subnet) => companion('Utility', subnet))];
}

function mainType(options: NewClusterOptions): SubnetSpec['type'] {
  return topologyOf(options) === 'private' ? 'Private' : 'Public';
}

function egressField({ egress }: NewClusterOptions): { egress?: string } {
  return egress === undefined ? {} : { egress };
}

function idField(ids: Readonly<Record<string, string>> | undefined, zone: string): { id?: string } {
  const id = ids?.[zone];
  return id === undefined ? {} : { id };
}

function requirePossible(options: NewClusterOptions): void {
  const isPrivate = topologyOf(options) === 'private';
  if (options.bastion && !isPrivate) throw impossible("bastion supports --topology='private' only", 'Add --topology private, or leave --bastion out.');
  if (isPrivate && options.networking === 'kubenet') throw impossible('kubenet does not support private topology', 'Use --networking cilium or calico.');
}

function impossible(message: string, suggestion: string): KopsError {
  return new KopsError(message, { code: 'IMPOSSIBLE_TOPOLOGY', exit: 'usage', suggestions: [suggestion] });
}
