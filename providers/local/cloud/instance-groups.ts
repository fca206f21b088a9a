import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../src/lib/json.ts';
import type { ClusterState, InstanceRecord, MachineRole, StoredResource } from './state.ts';

/** Attributes of an instance group as the cloud reads them. */
export interface GroupAttributes {
  instanceGroup: string;
  role: MachineRole;
  minSize: number;
  maxSize: number;
  machineType: string;
  /** Subnet ids. */
  subnets: string[];
  userData: string;
  publicIp: boolean;
  /** Load balancer ids whose targets its instances are. */
  loadBalancers: string[];
}

/** What may change without touching the instances; all other attributes are the template. */
const sizeAttributes = new Set(['minSize', 'maxSize', 'subnets', 'loadBalancers', 'tags']);

export function groupAttributes(group: StoredResource): GroupAttributes {
  return group.attributes as unknown as GroupAttributes;
}

export function isTemplateAttribute(name: string): boolean {
  return !sizeAttributes.has(name);
}

/** Twelve hex digits that change when instances would be launched differently. */
export function templateOf(group: StoredResource): string {
  const template = Object.entries(group.attributes).filter(([name]) => isTemplateAttribute(name));
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(template)))
    .digest('hex')
    .slice(0, 12);
}

/** Members that count for the group's size. */
export function members(state: ClusterState, group: StoredResource): InstanceRecord[] {
  return state.instances.filter((instance) => instance.groupId === group.id && !instance.detached && (instance.state === 'pending' || instance.state === 'running'));
}

export function clampTarget(group: StoredResource): number {
  const { minSize, maxSize } = groupAttributes(group);
  return Math.min(maxSize, Math.max(minSize, group.targetSize ?? minSize));
}

/** The subnet with the fewest members: zones stay even, ties in the order of the spec. */
export function emptiestSubnet(state: ClusterState, group: StoredResource): StoredResource | undefined {
  const counts = new Map<string, number>();
  for (const instance of members(state, group)) counts.set(instance.subnetId, (counts.get(instance.subnetId) ?? 0) + 1);
  let best: StoredResource | undefined;
  for (const id of groupAttributes(group).subnets) {
    const subnet = state.resources.find((resource) => resource.id === id);
    if (subnet && (!best || (counts.get(subnet.id) ?? 0) < (counts.get(best.id) ?? 0))) best = subnet;
  }
  return best;
}

/** Which members go when the group shrinks: outdated ones first, then from the fullest zone, youngest first. */
export function surplus(state: ClusterState, group: StoredResource, count: number): InstanceRecord[] {
  const left = members(state, group);
  const template = templateOf(group);
  const gone: InstanceRecord[] = [];
  while (gone.length < count && left.length > 0) {
    const crowd = (instance: InstanceRecord) => left.filter((other) => other.zone === instance.zone).length;
    const outdated = (instance: InstanceRecord) => Number(instance.template !== template);
    left.sort((a, b) => outdated(b) - outdated(a) || crowd(b) - crowd(a) || b.launchedAt - a.launchedAt || (a.id < b.id ? 1 : -1));
    const next = left.shift();
    if (next) gone.push(next);
  }
  return gone;
}
