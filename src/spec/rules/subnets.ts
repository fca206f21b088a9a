import { type Cidr, cidrContains, cidrsOverlap, parseCidr } from '../../lib/cidr.ts';
import { ipv6BlocksOverlap, parseIpv6Block } from '../../lib/ipv6.ts';
import type { Findings } from '../findings.ts';
import type { SpecCatalog } from '../provider-view.ts';
import { hintFor } from '../schema.ts';
import type { Cluster, SubnetSpec } from '../types.ts';
import { additionalCidrs, cidrOrFinding, nativePodAddresses } from './network.ts';
import { isIpv6 } from './networking.ts';
import { checkRoutes } from './routes.ts';

const types = ['Public', 'Private', 'DualStack', 'Utility'];

interface Placed {
  subnet: SubnetSpec;
  cidr: Cidr;
}

export function checkSubnets(cluster: Cluster, catalog: SpecCatalog, findings: Findings): void {
  const subnets = cluster.spec.subnets ?? [];
  if (subnets.length === 0) {
    findings.error('spec.subnets', 'at least one subnet is required');
    return;
  }
  const names = new Set<string>();
  const placed: Placed[] = [];
  const networks = [cluster.spec.networkCIDR ?? '', ...additionalCidrs(cluster)].flatMap((text) => parseCidr(text) ?? []);
  for (const [i, subnet] of subnets.entries()) {
    const path = `spec.subnets[${i}]`;
    checkNameAndType(subnet, path, names, findings);
    checkZone(subnet, path, catalog, findings);
    checkIpv6(subnet, path, cluster, findings);
    checkRoutes(subnet, path, networks, findings);
    const cidr = checkCidr(subnet, path, cluster, networks, findings);
    for (const other of placed)
      if (cidr && cidrsOverlap(cidr, other.cidr)) findings.error(`${path}.cidr`, `${subnet.cidr} overlaps subnet ${other.subnet.name} (${other.subnet.cidr})`);
    if (cidr) placed.push({ subnet, cidr });
  }
  const shared = subnets.filter((subnet) => subnet.id !== undefined).length;
  if (shared > 0 && shared < subnets.length) findings.error('spec.subnets', 'either all subnets have an id (shared) or none has');
}

function checkNameAndType(subnet: SubnetSpec, path: string, names: Set<string>, findings: Findings): void {
  if (!subnet.name) findings.error(`${path}.name`, 'is required');
  else if (names.has(subnet.name)) findings.error(`${path}.name`, `${subnet.name} is used by another subnet`);
  names.add(subnet.name);
  if (!types.includes(subnet.type)) findings.error(`${path}.type`, `must be one of ${types.join(', ')}, not ${JSON.stringify(subnet.type)}`, hintFor(String(subnet.type), types));
}

function checkZone(subnet: SubnetSpec, path: string, catalog: SpecCatalog, findings: Findings): void {
  if (subnet.zone === undefined) {
    if (subnet.region === undefined) findings.error(`${path}.zone`, 'is required');
    return;
  }
  const region = catalog.regionOf(subnet.zone);
  if (region === undefined) {
    const zones = catalog.regions.flatMap((name) => catalog.zones(name) ?? []);
    findings.error(`${path}.zone`, `${JSON.stringify(subnet.zone)} is not a zone`, hintFor(subnet.zone, zones) ?? 'a zone is a region and a letter');
    return;
  }
  const known = catalog.zones(region);
  if (!known || known.includes(subnet.zone)) return;
  const hint = known.length > 0 ? `it has ${known.join(', ')}` : hintFor(region, catalog.regions);
  findings.error(`${path}.zone`, known.length > 0 ? `region ${region} has no zone ${subnet.zone}` : `there is no region ${region}`, hint);
}

/** A block of its own, or `/64#1`: the second /64 of the network's. */
function checkIpv6({ type, ipv6CIDR }: SubnetSpec, path: string, cluster: Cluster, findings: Findings): void {
  if (type === 'DualStack' && !isIpv6(cluster)) findings.error(`${path}.type`, 'DualStack is for clusters with IPv6 only');
  if (ipv6CIDR === undefined) return;
  const block = parseIpv6Block(ipv6CIDR);
  const services = parseIpv6Block(cluster.spec.serviceClusterIPRange ?? '');
  if (block && services && ipv6BlocksOverlap(block, services))
    findings.error(`${path}.ipv6CIDR`, `${ipv6CIDR} overlaps serviceClusterIPRange ${cluster.spec.serviceClusterIPRange}`);
  const length = Number(/^\/(\d{1,3})#[0-9a-f]+$/.exec(ipv6CIDR)?.[1] ?? 129);
  if (!block && length > 128) findings.error(`${path}.ipv6CIDR`, `${JSON.stringify(ipv6CIDR)} is not an IPv6 block`, 'for example 2001:db8::/64 or /64#1');
}

function checkCidr(subnet: SubnetSpec, path: string, cluster: Cluster, networks: readonly Cidr[], findings: Findings): Cidr | undefined {
  const { spec } = cluster;
  if (subnet.cidr === undefined) {
    const network = parseCidr(spec.networkCIDR ?? '');
    if (network && !(subnet.type === 'Private' && subnet.ipv6CIDR !== undefined) && subnet.id === undefined)
      findings.error(`${path}.cidr`, `no block is left in networkCIDR ${spec.networkCIDR}`, 'use a larger networkCIDR or give the subnet a cidr');
    return undefined;
  }
  const cidr = cidrOrFinding(subnet.cidr, `${path}.cidr`, findings);
  if (!cidr) return undefined;
  if (networks.length > 0 && !networks.some((network) => cidrContains(network, cidr)))
    findings.error(`${path}.cidr`, `${subnet.cidr} is not inside networkCIDR ${spec.networkCIDR}`);
  checkAgainst(subnet.cidr, cidr, nativePodAddresses(cluster) ? undefined : spec.podCIDR, `${path}.cidr`, 'podCIDR', findings);
  checkAgainst(subnet.cidr, cidr, spec.serviceClusterIPRange, `${path}.cidr`, 'serviceClusterIPRange', findings);
  return cidr;
}

function checkAgainst(text: string, cidr: Cidr, otherText: string | undefined, path: string, otherName: string, findings: Findings): void {
  const other = otherText === undefined ? undefined : parseCidr(otherText);
  if (other && cidrsOverlap(cidr, other)) findings.error(path, `${text} overlaps ${otherName} ${otherText}`);
}
