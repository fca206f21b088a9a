import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { InstanceGroup, InstanceGroupRole } from '../../../src/spec/types.ts';
import type { Id } from '../attributes.ts';
import { type AwsContext, groupsOfRole, resource, usesApiLoadBalancer } from './context.ts';
import { loadBalancerSecurityGroupName, securityGroupName } from './names.ts';
import { ownedTags } from './tags.ts';

/** Roles that have a security group of their own; API servers share the control plane's. */
export type FirewallRole = 'Master' | 'Node' | 'Bastion';

/** A security group as rules see it. */
export interface Peer {
  id: Id;
  /** As it stands in names of rules. */
  name: string;
  /** Tells rules of several groups of one role apart: empty for the role's own group. */
  suffix: string;
}

const roleWords: Record<FirewallRole, string> = { Master: 'ControlPlane', Node: 'Node', Bastion: 'Bastion' };
const descriptions: Record<FirewallRole, string> = { Master: 'masters', Node: 'nodes', Bastion: 'bastion' };

/** The groups machines of a role are in: those that instance groups name instead, then the role's own when anyone uses it. */
export function peersOf(context: AwsContext, role: FirewallRole): Peer[] {
  const overrides = groupsOfRole(context, role).map(securityGroupOverride);
  const named = [...new Set(overrides.filter((id) => id !== undefined))];
  return [
    ...named.map((id) => ({ id, name: `${id}-${roleWords[role]}`, suffix: `-${id}` })),
    ...(overrides.includes(undefined) ? [ownPeer(securityGroupName(role, context.name))] : []),
  ];
}

/** The load balancer's group; the user may have named another. */
export function loadBalancerPeer(context: AwsContext, use: 'api' | 'bastion'): Peer {
  const own = ownPeer(loadBalancerSecurityGroupName(use, context.name));
  const override = use === 'api' ? context.spec.api?.loadBalancer?.securityGroupOverride : undefined;
  return override === undefined ? own : { ...own, id: override as string };
}

export function usesBastion(context: AwsContext): boolean {
  return groupsOfRole(context, 'Bastion').length > 0;
}

/** The groups we make. */
export function securityGroups(context: AwsContext): DesiredResource[] {
  const roles: FirewallRole[] = ['Master', 'Node', 'Bastion'];
  const ofRoles = roles.flatMap((role) => (usesOwnGroup(context, role) ? [securityGroup(context, securityGroupName(role, context.name), descriptions[role])] : []));
  const balancers = [
    ...(usesApiLoadBalancer(context) && context.spec.api?.loadBalancer?.securityGroupOverride === undefined ? (['api'] as const) : []),
    ...(usesBastion(context) ? (['bastion'] as const) : []),
  ];
  return [...ofRoles, ...balancers.map((use) => securityGroup(context, loadBalancerSecurityGroupName(use, context.name), `${use} ELB`))];
}

function usesOwnGroup(context: AwsContext, role: FirewallRole): boolean {
  const roles: InstanceGroupRole[] = role === 'Master' ? ['Master', 'APIServer'] : [role];
  return groupsOfRole(context, ...roles).some((group) => securityGroupOverride(group) === undefined);
}

function securityGroup(context: AwsContext, name: string, whose: string): DesiredResource {
  return resource('SecurityGroup', name, { groupName: name, description: `Security group for ${whose}`, vpcId: context.vpcId, tags: ownedTags(context, name) });
}

function ownPeer(name: string): Peer {
  return { id: ref('SecurityGroup', name), name, suffix: '' };
}

function securityGroupOverride(group: InstanceGroup): string | undefined {
  return group.spec.securityGroupOverride as string | undefined;
}
