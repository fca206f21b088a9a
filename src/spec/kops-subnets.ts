import { type Cidr, cidrsOverlap, formatCidr, parseCidr, subCidr } from '../lib/cidr.ts';
import type { SubnetAllocation } from './subnets.ts';
import type { SubnetSpec } from './types.ts';

const littlePerSlice = 8;
const mostSlices = 8;

/**
 * kops' own layout, block for block: the network is cut in as few slices as today's subnets need (1, 2, 4 or 8), so that nothing is left for
 * zones that come later. Blocks that are given and lie outside the network do not count; those inside keep their slices from others.
 */
export function allocateKopsSubnets(subnets: readonly SubnetSpec[], networkCidr: string): SubnetAllocation {
  const network = parseCidr(networkCidr);
  const wanting = subnets.filter((subnet) => needsCidr(subnet));
  if (!network || wanting.length === 0) return { subnets: [...subnets], unassigned: wanting.map((subnet) => subnet.name) };
  const counted = subnets.filter((subnet) => subnet.cidr === undefined || inside(subnet.cidr, network));
  const big = byZone(counted.filter((subnet) => subnet.type !== 'Utility'));
  const little = byZone(counted.filter((subnet) => subnet.type === 'Utility'));
  const reserved = counted.flatMap((subnet) => parseCidr(subnet.cidr ?? '') ?? []);
  const free = slices(network, big.length + (little.length > 0 ? 1 : 0)).filter((slice) => !reserved.some((other) => cidrsOverlap(other, slice)));
  const first = little.length > 0 ? free.shift() : undefined;
  const given = new Map<string, string>();
  deal(little, first ? parts(first, littlePerSlice) : [], given);
  deal(big, free, given);
  return {
    subnets: subnets.map((subnet) => ({ ...(given.has(subnet.name) ? { cidr: given.get(subnet.name) } : {}), ...subnet })),
    unassigned: wanting.filter((subnet) => !given.has(subnet.name)).map((subnet) => subnet.name),
  };
}

/** Private subnets with IPv6 have no IPv4 block; they count as one all the same. */
function needsCidr(subnet: SubnetSpec): boolean {
  return subnet.cidr === undefined && subnet.id === undefined && !(subnet.type === 'Private' && subnet.ipv6CIDR !== undefined);
}

function inside(text: string, network: Cidr): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidrsOverlap(cidr, network);
}

function slices(network: Cidr, wanted: number): Cidr[] {
  let count = 1;
  while (count < wanted && count < mostSlices) count *= 2;
  return parts(network, count);
}

function parts(cidr: Cidr, count: number): Cidr[] {
  const prefix = cidr.prefix + Math.log2(count);
  return prefix > 32 ? [] : Array.from({ length: count }, (_, i) => subCidr(cidr, prefix, i));
}

function deal(subnets: readonly SubnetSpec[], blocks: readonly Cidr[], given: Map<string, string>): void {
  for (const [i, subnet] of subnets.filter((one) => needsCidr(one)).entries()) {
    const block = blocks[i];
    if (block) given.set(subnet.name, formatCidr(block));
  }
}

function byZone(subnets: readonly SubnetSpec[]): SubnetSpec[] {
  const zone = (subnet: SubnetSpec) => subnet.zone ?? '';
  return [...subnets].sort((a, b) => (zone(a) < zone(b) ? -1 : zone(a) > zone(b) ? 1 : 0));
}
