import { CloudError } from '../../../src/cloud/errors.ts';
import { type Cidr, cidrContains, cidrsOverlap, parseCidr } from '../../../src/lib/cidr.ts';
import { freeBalancerIp } from './addresses.ts';
import type { CreateRequest } from './api.ts';
import type { ClusterState, StoredResource } from './state.ts';

/** What is particular about one kind: everything else about resources is the same for all. */
export interface KindRules {
  /** `vpc`: ids are `vpc-` and 17 hex digits. */
  idPrefix: string;
  /** How many the cloud allows over all clusters. */
  quota: number;
  /** Attributes that cannot change once it exists. */
  fixed: readonly string[];
  /** Throws CloudError `invalid` or `quota`. */
  check?(request: CreateRequest, world: World): void;
  outputs?(request: CreateRequest, state: ClusterState): Record<string, unknown>;
}

export interface World {
  cluster: ClusterState;
  clusters: Iterable<ClusterState>;
}

const none: readonly string[] = [];

export const kindRules: Readonly<Record<string, KindRules>> = {
  Network: { idPrefix: 'vpc', quota: 256, fixed: ['cidr', 'podCIDR', 'serviceClusterIPRange'], check: checkNetwork },
  Subnet: { idPrefix: 'subnet', quota: 4096, fixed: ['cidr', 'zone', 'network'], check: checkSubnet },
  Firewall: { idPrefix: 'sg', quota: 4096, fixed: ['network'] },
  KeyPair: { idPrefix: 'key', quota: 4096, fixed: ['publicKey'] },
  Volume: { idPrefix: 'vol', quota: 4096, fixed: ['zone', 'encrypted'] },
  LoadBalancer: { idPrefix: 'lb', quota: 4096, fixed: ['network', 'scheme', 'class'], outputs: balancerOutputs },
  DNSRecord: { idPrefix: 'rr', quota: 10_000, fixed: none },
  Document: { idPrefix: 'doc', quota: 10_000, fixed: none },
  InstanceGroup: { idPrefix: 'asg', quota: 4096, fixed: none, check: checkGroup },
};

export function rulesOf(kind: string, operation: string): KindRules {
  const rules = kindRules[kind];
  if (!rules) throw new CloudError('invalid', operation, `the local cloud has no resource kind ${kind}`, { object: kind });
  return rules;
}

/** The network's own block, and those of pods and services that belong to it. */
export function networkBlocks(attributes: Readonly<Record<string, unknown>>): string[] {
  return [attributes.cidr, attributes.podCIDR, attributes.serviceClusterIPRange].filter((block) => typeof block === 'string');
}

function checkNetwork(request: CreateRequest, world: World): void {
  cidrAttribute(request, 'cidr');
  for (const text of networkBlocks(request.attributes)) {
    const block = parseCidr(text);
    // Addresses outside 127.0.0.0/8 are mapped to ports of 127.0.0.1, where two networks cannot meet.
    if (!block || block.base >>> 24 !== 127) continue;
    for (const other of world.clusters) {
      for (const network of other.resources.filter((resource) => resource.kind === 'Network')) {
        const taken = networkBlocks(network.attributes).find((candidate) => overlap(block, candidate));
        if (taken)
          throw invalid(request, `${text} overlaps ${taken} of cluster ${other.cluster}`, [
            'Leave networkCIDR, podCIDR and serviceClusterIPRange out: the local provider picks a free block.',
          ]);
      }
    }
  }
}

function overlap(block: Cidr, text: string): boolean {
  const other = parseCidr(text);
  return other !== undefined && cidrsOverlap(block, other);
}

function checkSubnet(request: CreateRequest, world: World): void {
  const block = cidrAttribute(request, 'cidr');
  const network = resourceById(world.cluster, request.attributes.network);
  const outer = parseCidr(String(network?.attributes.cidr));
  if (!network || !outer || !cidrContains(outer, block)) throw invalid(request, `subnet ${request.attributes.cidr} is not inside its network ${network?.attributes.cidr ?? ''}`);
  for (const other of world.cluster.resources) {
    if (other.kind === 'Subnet' && overlap(block, String(other.attributes.cidr)))
      throw invalid(request, `subnet ${request.attributes.cidr} overlaps ${other.attributes.cidr} of ${other.name}`);
  }
}

function checkGroup(request: CreateRequest): void {
  const { minSize, maxSize, subnets } = request.attributes;
  if (typeof minSize !== 'number' || typeof maxSize !== 'number' || minSize < 0 || minSize > maxSize) {
    throw invalid(request, `minSize ${minSize} and maxSize ${maxSize} are no range`);
  }
  if (!Array.isArray(subnets) || subnets.length === 0) throw invalid(request, 'an instance group needs a subnet');
}

function balancerOutputs(request: CreateRequest, state: ClusterState): Record<string, unknown> {
  const network = resourceById(state, request.attributes.network);
  const ip = freeBalancerIp(state, String(network?.attributes.cidr));
  if (!ip) throw new CloudError('quota', 'createLoadBalancer', `network ${network?.attributes.cidr ?? ''} has no free address for a load balancer`, { object: request.name });
  return { ip, dnsName: `${request.name}.local` };
}

export function resourceById(state: ClusterState, id: unknown): StoredResource | undefined {
  return state.resources.find((resource) => resource.id === id);
}

function cidrAttribute(request: CreateRequest, field: string) {
  const text = request.attributes[field];
  const cidr = typeof text === 'string' ? parseCidr(text) : undefined;
  if (!cidr) throw invalid(request, `${field} ${text} is no address block`);
  return cidr;
}

function invalid(request: CreateRequest, message: string, suggestions: string[] = []): CloudError {
  return new CloudError('invalid', `create${request.kind}`, `${request.kind} ${request.name}: ${message}`, { object: request.name, suggestions });
}

const idPattern = new RegExp(
  `^(${Object.values(kindRules)
    .map((rules) => rules.idPrefix)
    .join('|')})-[0-9a-f]{17}$`,
);

/** Ids of other resources inside attributes, at any depth. */
export function referencedIds(value: unknown): string[] {
  if (typeof value === 'string') return idPattern.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(referencedIds);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(referencedIds);
  return [];
}
