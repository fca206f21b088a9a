import type { DesiredResource } from '../../../src/cloud/resource.ts';
import type { AwsAttributes } from '../attributes.ts';
import { resource } from './context.ts';
import type { Peer } from './security-groups.ts';

type Ports = Pick<AwsAttributes['SecurityGroupRule'], 'protocol' | 'fromPort' | 'toPort'>;

export interface Rule {
  name: string;
  attributes: AwsAttributes['SecurityGroupRule'];
}

/** A group, or a block of addresses: `10.0.0.0/8`, `::/0`, `pl-1234`. */
export type Source = Peer | string;

/** A protocol without ports has 0 to 0. */
export const everything: Ports = { protocol: '-1', fromPort: 0, toPort: 0 };
/** What tells a sender that its packets are too big; without it connections hang. */
export const pathMtu: Ports = { protocol: 'icmp', fromPort: 3, toPort: 4 };
export const pathMtuIpv6: Ports = { protocol: 'icmpv6', fromPort: -1, toPort: -1 };

export function tcp(from: number, to: number = from): Ports {
  return { protocol: 'tcp', fromPort: from, toPort: to };
}

export function udp(from: number, to: number = from): Ports {
  return { protocol: 'udp', fromPort: from, toPort: to };
}

/** Named after who talks to whom: `from-nodes.demo.example.com-ingress-tcp-1to2379-masters.demo.example.com`. */
export function ingress(from: Source, to: Peer, ports: Ports): Rule {
  return namedIngress(`from-${sourceName(from)}-ingress-${portsName(ports)}-${to.name}`, from, to, ports);
}

export function namedIngress(name: string, from: Source, to: Peer, ports: Ports): Rule {
  return { name, attributes: { groupId: to.id, type: 'ingress', ...ports, ...source(from) } };
}

/** Out to anywhere, in both families. */
export function egressAnywhere(from: Peer): Rule[] {
  return ['0.0.0.0/0', '::/0'].map((cidr) => ({
    name: `from-${from.name}-egress-${portsName(everything)}-${cidr}`,
    attributes: { groupId: from.id, type: 'egress', ...everything, ...source(cidr) },
  }));
}

export function isPrefixList(source: Source): boolean {
  return typeof source === 'string' && source.startsWith('pl-');
}

function isIpv6(cidr: string): boolean {
  return cidr.includes(':');
}

/** Path MTU messages from those who reach a load balancer; of a prefix list nobody knows the family. */
export function pathMtuRules(name: string, from: string, to: Peer): Rule[] {
  return [
    ...(isIpv6(from) || isPrefixList(from) ? [namedIngress(`icmpv6-${name}-${from}`, from, to, pathMtuIpv6)] : []),
    ...(isIpv6(from) ? [] : [namedIngress(`icmp-${name}-${from}`, from, to, pathMtu)]),
  ];
}

/** Rules that are said twice become one. kops names rules of prefix lists as if they were open to all: where that name is taken, the list's own tells them apart. */
export function ruleResources(rules: readonly Rule[]): DesiredResource[] {
  const made = new Map<string, { rule: Rule; text: string }>();
  for (const rule of rules) {
    const text = JSON.stringify(rule.attributes);
    const before = made.get(rule.name);
    if (before?.text === text) continue;
    const name = before ? rule.name.replace('from-0.0.0.0/0-', `from-${rule.attributes.prefixListId ?? before.rule.attributes.prefixListId}-`) : rule.name;
    made.set(name, { rule: { ...rule, name }, text });
  }
  return [...made.values()].map(({ rule }) => resource('SecurityGroupRule', rule.name, rule.attributes));
}

function sourceName(from: Source): string {
  if (typeof from !== 'string') return from.name;
  return isPrefixList(from) ? '0.0.0.0/0' : from;
}

function source(from: Source): Partial<AwsAttributes['SecurityGroupRule']> {
  if (typeof from !== 'string') return { sourceGroupId: from.id };
  if (isPrefixList(from)) return { prefixListId: from };
  return isIpv6(from) ? { ipv6CidrBlock: from } : { cidrBlock: from };
}

function portsName({ protocol, fromPort, toPort }: Ports): string {
  return `${protocol === '-1' ? 'all' : protocol}-${fromPort}to${toPort}`;
}
