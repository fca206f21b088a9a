import type { InstanceGroup, InstanceGroupRole } from '../../../src/spec/types.ts';

/** Names of resources, all as kops gives them: whoever knows a kops cluster finds theirs again. `cluster` is the cluster's full name. */

const iamNameLimit = 64;
const loadBalancerNameLimit = 32;
const hashLength = 6;

/** Words that roles have in names of security groups; API servers are in the control plane's group. */
const securityGroupWords: Record<InstanceGroupRole, string> = { Master: 'masters', APIServer: 'masters', Node: 'nodes', Bastion: 'bastion' };
const iamWords: Record<InstanceGroupRole, string> = { Master: 'masters', APIServer: 'apiservers', Node: 'nodes', Bastion: 'bastions' };
const groupWords: Record<InstanceGroupRole, string> = { Master: 'masters.', APIServer: 'apiservers.', Node: '', Bastion: '' };

export function subnetName(subnet: string, cluster: string): string {
  return `${subnet}.${cluster}`;
}

/** Of NAT gateways and their addresses. */
export function zoneName(zone: string, cluster: string): string {
  return `${zone}.${cluster}`;
}

export function privateRouteTableName(zone: string, cluster: string): string {
  return `private-${zone}.${cluster}`;
}

/** Of public subnets whose nodes have IPv6 addresses only: they need a NAT gateway for the rest. */
export function publicRouteTableName(zone: string, cluster: string): string {
  return `public-${zone}.${cluster}`;
}

export function securityGroupName(role: InstanceGroupRole, cluster: string): string {
  return `${securityGroupWords[role]}.${cluster}`;
}

export function loadBalancerSecurityGroupName(use: 'api' | 'bastion', cluster: string): string {
  return `${use}-elb.${cluster}`;
}

/** Of launch templates and Auto Scaling groups. */
export function instanceGroupName(group: InstanceGroup, cluster: string): string {
  return `${group.metadata.name}.${groupWords[group.spec.role]}${cluster}`;
}

/** Of a role, its profile and its policy. */
export function iamName(role: InstanceGroupRole, cluster: string): string {
  return truncateName(`${iamWords[role]}.${cluster}`, iamNameLimit);
}

export function volumeName(member: string, etcdCluster: string, cluster: string): string {
  return `${member}.etcd-${etcdCluster}.${cluster}`;
}

/** The load balancer's name tag, and its key in a plan. */
export function loadBalancerName(use: 'api' | 'bastion', cluster: string): string {
  return `${use}.${cluster}`;
}

export type TargetGroupUse = 'tcp' | 'tls' | 'kops-controller' | 'etcd-cilium' | 'bastion';

export function targetGroupName(use: TargetGroupUse, cluster: string): string {
  return shortLoadBalancerName(use, cluster);
}

/** What ELB itself calls a load balancer or a target group, 32 characters at most: `api-demo-example-com-k1v2ab`. */
export function shortLoadBalancerName(use: string, cluster: string): string {
  return truncateName(`${use}-${cluster.replaceAll('.', '-')}`, loadBalancerNameLimit, 'always');
}

/** Cut to `limit` characters. A hash of the whole keeps names apart that differ behind the cut; it is added only where something is cut, or always. */
export function truncateName(name: string, limit: number, hash: 'always' | 'whenCut' = 'whenCut'): string {
  if (hash === 'whenCut' && name.length <= limit) return name;
  return `${name.slice(0, limit - hashLength - 1)}-${nameHash(name)}`;
}

/** The first 30 bits of the hash in lower-case base32hex. */
function nameHash(text: string): string {
  const hash = fnv1a(text);
  return Array.from({ length: hashLength }, (_, i) => ((hash >>> (27 - 5 * i)) & 31).toString(32)).join('');
}

/** FNV-1a of 32 bits. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
