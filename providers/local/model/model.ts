import { createHash } from 'node:crypto';
import type { ModelInput } from '../../../src/cloud/provider.ts';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { CompletedCluster, SubnetSpec } from '../../../src/spec/types.ts';
import { firewalls } from './firewalls.ts';
import { instanceGroups } from './instance-groups.ts';
import { apiBalancerName, bastionBalancerName, compact, subnetName } from './names.ts';
import { volumes } from './volumes.ts';

/** Completed cluster → everything it needs of the local cloud. Pure; names as kops gives them on AWS. */
export function modelCluster(input: ModelInput): DesiredResource[] {
  const { cluster } = input.completed;
  const name = cluster.metadata.name;
  const { spec } = cluster;
  const network: DesiredResource = {
    kind: 'Network',
    name,
    attributes: compact({ cidr: spec.networkCIDR, podCIDR: spec.podCIDR, serviceClusterIPRange: spec.serviceClusterIPRange, tags: spec.cloudLabels ?? {} }),
  };
  return [
    network,
    ...(spec.subnets ?? []).map((subnet) => subnetResource(subnet, spec.subnets ?? [], name)),
    ...firewalls(input.completed),
    ...keyPair(spec.sshKeyName),
    ...volumes(input.completed),
    apiBalancer(input),
    ...bastionBalancer(input),
    ...dnsRecords(input),
    ...documents(input),
    ...instanceGroups(input),
  ];
}

/** `natGateway`: the way out of the zone's private subnets, unless they have another. */
function subnetResource(subnet: SubnetSpec, all: readonly SubnetSpec[], cluster: string): DesiredResource {
  const nat = subnet.type === 'Utility' && all.some(({ type, zone, egress }) => type === 'Private' && zone === subnet.zone && egress === undefined);
  return {
    kind: 'Subnet',
    name: subnetName(subnet.name, cluster),
    attributes: compact({ cidr: subnet.cidr, zone: subnet.zone, type: subnet.type, natGateway: nat || undefined, network: ref('Network', cluster) }),
  };
}

function keyPair(name: string | undefined): DesiredResource[] {
  return name === undefined ? [] : [{ kind: 'KeyPair', name, attributes: {} }];
}

function apiBalancer({ completed }: ModelInput): DesiredResource {
  const { metadata, spec } = completed.cluster;
  return balancer(completed, apiBalancerName(metadata.name), spec.api?.loadBalancer?.type === 'Internal', [443, 3988]);
}

function bastionBalancer({ completed }: ModelInput): DesiredResource[] {
  if (!completed.instanceGroups.some((group) => group.spec.role === 'Bastion')) return [];
  return [balancer(completed, bastionBalancerName(completed.cluster.metadata.name), false, [22])];
}

/** In the subnets that clients can come to, from inside or outside. */
function balancer({ cluster }: CompletedCluster, name: string, internal: boolean, ports: readonly number[]): DesiredResource {
  const { metadata, spec } = cluster;
  const open = (spec.subnets ?? []).filter((subnet) => (internal ? subnet.type !== 'Utility' : subnet.type === 'Public' || subnet.type === 'Utility'));
  const subnets = open.length > 0 ? open : (spec.subnets ?? []);
  return {
    kind: 'LoadBalancer',
    name,
    attributes: {
      class: 'network',
      scheme: internal ? 'internal' : 'internet-facing',
      network: ref('Network', metadata.name),
      subnets: subnets.map((subnet) => ref('Subnet', subnetName(subnet.name, metadata.name))),
      listeners: ports.map((port) => ({ port, targetPort: port, protocol: 'TCP' })),
    },
  };
}

/** Only where the cluster has a zone: without DNS, clients use the load balancer's address. */
function dnsRecords({ completed }: ModelInput): DesiredResource[] {
  const { metadata, spec } = completed.cluster;
  if ((spec.topology?.dns?.type ?? 'None') === 'None') return [];
  const target = ref('LoadBalancer', apiBalancerName(metadata.name), 'ip');
  return [`api.${metadata.name}`, `api.internal.${metadata.name}`].map((name) => ({ kind: 'DNSRecord', name, attributes: { type: 'A', value: target } }));
}

function documents(input: ModelInput): DesiredResource[] {
  return input.documents.map((document) => ({
    kind: 'Document',
    name: document.path,
    ...(document.instanceGroup === undefined ? {} : { instanceGroup: document.instanceGroup }),
    attributes: { sha256: contentHash(document.content), roles: [...document.roles], secret: document.secret },
  }));
}

export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
