import { type Cidr, cidrSize, cidrsOverlap, formatCidr, formatIp, parseCidr, parseIp } from '../../../src/lib/cidr.ts';
import type { ClusterState } from './state.ts';

/** Where clusters get their blocks from: 127.16.0.0 to 127.79.255.255. All homes of a machine share it. */
const pool = { base: 127 * 2 ** 24 + 16 * 2 ** 16, size: 64 * 2 ** 16 };
/** Addresses at the start of a network that go to load balancers, so that they are easy to tell from nodes. */
const balancerRange = 256;

/** Blocks of the pool that overlap nothing in `taken`, lowest first. */
export function freeBlocks(prefix: number, taken: readonly string[]): string[] {
  const used = taken.flatMap((text) => parseCidr(text) ?? []);
  const found: string[] = [];
  const size = 2 ** (32 - prefix);
  for (let offset = 0; offset < pool.size; offset += size) {
    const candidate: Cidr = { base: pool.base + offset, prefix };
    if (!used.some((block) => cidrsOverlap(block, candidate))) found.push(formatCidr(candidate));
  }
  return found;
}

/** The lowest free address of a subnet for an instance. Undefined: the subnet is full. */
export function freeInstanceIp(state: ClusterState, networkCidr: string, subnetCidr: string): string | undefined {
  const network = parseCidr(networkCidr);
  const subnet = parseCidr(subnetCidr);
  if (!network || !subnet) return undefined;
  const small = cidrSize(network) <= 2 * balancerRange;
  const start = small || subnet.base >= network.base + balancerRange ? subnet.base + 4 : network.base + balancerRange + 4;
  return firstFree(state, start, subnet.base + cidrSize(subnet) - 1);
}

/** The lowest free address of a network for a load balancer. */
export function freeBalancerIp(state: ClusterState, networkCidr: string): string | undefined {
  const network = parseCidr(networkCidr);
  return network && firstFree(state, network.base + Math.min(10, cidrSize(network) - 2), network.base + cidrSize(network) - 1);
}

function firstFree(state: ClusterState, from: number, end: number): string | undefined {
  const used = new Set<number | undefined>(state.instances.map((instance) => parseIp(instance.privateIp)));
  for (const resource of state.resources) if (typeof resource.outputs.ip === 'string') used.add(parseIp(resource.outputs.ip));
  for (let ip = from; ip < end; ip++) {
    // .0 and .255 confuse people and some programs, though they are ordinary addresses in a larger block.
    if (!used.has(ip) && ip % 256 !== 0 && ip % 256 !== 255) return formatIp(ip);
  }
  return undefined;
}
