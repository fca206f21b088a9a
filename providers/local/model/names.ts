import type { Attribute, Attributes } from '../../../src/cloud/resource.ts';

export function subnetName(subnet: string, cluster: string): string {
  return `${subnet}.${cluster}`;
}

export function bastionBalancerName(cluster: string): string {
  return `bastion.${cluster}`;
}

export function apiBalancerName(cluster: string): string {
  return `api.${cluster}`;
}

export function volumeName(member: string, etcdCluster: string, cluster: string): string {
  return `${member}.etcd-${etcdCluster}.${cluster}`;
}

/** Attributes without those that are undefined. */
export function compact(attributes: Record<string, Attribute | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter((entry): entry is [string, Attribute] => entry[1] !== undefined));
}
