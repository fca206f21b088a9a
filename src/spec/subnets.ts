import { type Cidr, cidrContains, cidrsOverlap, formatCidr, parseCidr, subCidr } from '../lib/cidr.ts';
import type { SubnetSpec } from './types.ts';

/** Slices of the network beyond what today's subnets need: zones can be added later without touching the others. */
const leastSlices = 8;
const littlePerSlice = 8;
/** Smaller subnets are of no use to a cloud. */
const longestPrefix = 28;

export interface SubnetAllocation {
  subnets: SubnetSpec[];
  /** Names for which no block was left. */
  unassigned: string[];
}

/**
 * Gives every subnet without a block one inside `networkCidr`: whole slices for Public, Private and DualStack, an eighth of a slice for Utility.
 * Blocks that are taken (other subnets, `reserved`) are kept clear. The same input gives the same blocks; adding a zone moves nothing.
 */
export function allocateSubnets(subnets: readonly SubnetSpec[], networkCidr: string, reserved: readonly string[] = []): SubnetAllocation {
  const network = parseCidr(networkCidr);
  const wanting = subnets.filter((subnet) => needsCidr(subnet));
  if (!network || wanting.length === 0) return { subnets: [...subnets], unassigned: wanting.map((subnet) => subnet.name) };
  const taken = [...subnets.map((subnet) => subnet.cidr), ...reserved].flatMap((text) => parsed(text, network));
  const big = byZone(wanting.filter((subnet) => subnet.type !== 'Utility'));
  const little = byZone(wanting.filter((subnet) => subnet.type === 'Utility'));
  const slices = freeSlices(network, subnets.length, taken);
  const littleSlices = slices.splice(0, Math.ceil(little.length / littlePerSlice)).flatMap((slice) => parts(slice, littlePerSlice));
  const given = new Map<string, Cidr>();
  for (const [i, subnet] of little.entries()) give(given, subnet, littleSlices[i]);
  for (const [i, subnet] of big.entries()) give(given, subnet, slices[i]);
  return {
    subnets: subnets.map((subnet) => withCidr(subnet, given.get(subnet.name))),
    unassigned: wanting.filter((subnet) => !given.has(subnet.name)).map((subnet) => subnet.name),
  };
}

/** IPv6-only private subnets have no IPv4 block; shared ones have the cloud's. */
function needsCidr(subnet: SubnetSpec): boolean {
  return subnet.cidr === undefined && subnet.id === undefined && !(subnet.type === 'Private' && subnet.ipv6CIDR !== undefined);
}

function parsed(text: string | undefined, network: Cidr): Cidr[] {
  const cidr = text === undefined ? undefined : parseCidr(text);
  return cidr && (cidrContains(network, cidr) || cidrContains(cidr, network)) ? [cidr] : [];
}

function freeSlices(network: Cidr, subnetCount: number, taken: readonly Cidr[]): Cidr[] {
  let count = leastSlices;
  while (count < subnetCount) count *= 2;
  return parts(network, count).filter((slice) => !taken.some((other) => cidrsOverlap(slice, other)));
}

function parts(cidr: Cidr, count: number): Cidr[] {
  const prefix = cidr.prefix + Math.log2(count);
  return prefix > longestPrefix ? [] : Array.from({ length: count }, (_, i) => subCidr(cidr, prefix, i));
}

function byZone(subnets: readonly SubnetSpec[]): SubnetSpec[] {
  return [...subnets].sort((a, b) => ((a.zone ?? '') < (b.zone ?? '') ? -1 : (a.zone ?? '') > (b.zone ?? '') ? 1 : 0));
}

function give(given: Map<string, Cidr>, subnet: SubnetSpec, cidr: Cidr | undefined): void {
  if (cidr) given.set(subnet.name, cidr);
}

function withCidr(subnet: SubnetSpec, cidr: Cidr | undefined): SubnetSpec {
  return cidr ? { cidr: formatCidr(cidr), ...subnet } : subnet;
}
