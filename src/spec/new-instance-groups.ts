import { KopsError } from '../lib/errors.ts';
import type { NewClusterOptions } from './new-cluster.ts';
import { subnetsOfZone, topologyOf } from './new-subnets.ts';
import { apiVersion, clusterLabel, type InstanceGroup, type InstanceGroupSpec, type SubnetSpec } from './types.ts';

export interface ControlPlanePlan {
  name: string;
  zone: string;
}

/** One group for each control plane, dealt over the zones in turn. Their number must be odd, for etcd to have a majority. */
export function planControlPlanes(options: NewClusterOptions): ControlPlanePlan[] {
  const zones = options.controlPlaneZones ?? options.zones;
  const count = options.controlPlaneCount ?? options.controlPlaneZones?.length ?? 1;
  if (options.controlPlaneZones && count < zones.length) {
    const message = `specified ${zones.length} control-plane zones, but also requested ${count} control-plane nodes`;
    throw badCount(message, `Leave --control-plane-count out, or name ${count} zones.`);
  }
  if (count < 1 || count % 2 === 0) {
    const suggestion = `Use --control-plane-count ${count < 1 ? 1 : count + 1}, or an odd number of --control-plane-zones.`;
    throw badCount(`${count} control planes cannot form a majority: the number must be odd`, suggestion);
  }
  return Array.from({ length: count }, (_, i) => {
    const zone = zones[i % zones.length] ?? '';
    return { name: `control-plane-${zone}${count > zones.length ? `-${Math.floor(i / zones.length) + 1}` : ''}`, zone };
  });
}

function badCount(message: string, suggestion: string): KopsError {
  return new KopsError(message, { code: 'EVEN_CONTROL_PLANES', exit: 'usage', expected: '1, 3 or 5', suggestions: [suggestion] });
}

/** Control plane groups first, then API servers, workers and bastions. */
export function newInstanceGroups(options: NewClusterOptions, controlPlanes: readonly ControlPlanePlan[], subnets: readonly SubnetSpec[]): InstanceGroup[] {
  const specs: [string, InstanceGroupSpec][] = [
    ...controlPlanes.map(({ name, zone }): [string, InstanceGroupSpec] => [name, { ...controlPlaneSpec(options), subnets: [controlPlaneSubnet(options, zone)] }]),
    ...apiServerSpecs(options, subnets),
    ...(options.instanceManager === 'karpenter' ? karpenterSpecs(options, subnets) : workerSpecs(options, subnets)),
    ...(options.bastion ? [bastionSpec(options, subnets)] : []),
  ];
  const publicIp = options.associatePublicIp === undefined ? {} : { associatePublicIp: options.associatePublicIp };
  return specs.map(([name, spec]) => instanceGroup(options.name, name, { ...publicIp, ...spec }));
}

/** Control planes need IPv4 towards the cloud. */
function controlPlaneSubnet(options: NewClusterOptions, zone: string): string {
  return options.ipv6 && topologyOf(options) === 'private' ? `dualstack-${zone}` : zone;
}

function controlPlaneSpec(options: NewClusterOptions): InstanceGroupSpec {
  return {
    ...present({ additionalSecurityGroups: options.controlPlaneSecurityGroups, image: options.controlPlaneImage ?? options.image }),
    ...machineFields(options.controlPlaneSize),
    maxSize: 1,
    minSize: 1,
    role: 'Master',
    ...present({ rootVolumeSize: options.controlPlaneVolumeSize, rootVolumeType: options.controlPlaneVolumeType, tenancy: options.controlPlaneTenancy }),
  };
}

/** One group a zone; the remainder of the node count goes to the first zones. The main subnet of a network of several blocks is left to the control plane. */
function workerSpecs(options: NewClusterOptions, subnets: readonly SubnetSpec[]): [string, InstanceGroupSpec][] {
  return dealt(options.nodeCount ?? options.zones.length, options.zones).map(([zone, size]) => {
    const [main = zone, ...extra] = subnetsOfZone(subnets, zone);
    return [`nodes-${zone}`, { ...nodeFields(options), ...machineFields(options.nodeSize), maxSize: size, minSize: size, subnets: extra.length > 0 ? extra : [main] }];
  });
}

/** One group for all zones: Karpenter chooses machines and numbers; a count asks for that many at least. */
function karpenterSpecs(options: NewClusterOptions, subnets: readonly SubnetSpec[]): [string, InstanceGroupSpec][] {
  return [
    ['nodes', { ...nodeFields(options), ...machineFields(options.nodeSize), manager: 'Karpenter', ...present({ minSize: options.nodeCount }), subnets: mainSubnets(subnets) }],
  ];
}

function nodeFields(options: NewClusterOptions): InstanceGroupSpec {
  return {
    ...present({ additionalSecurityGroups: options.nodeSecurityGroups, image: options.nodeImage ?? options.image }),
    role: 'Node',
    ...present({ rootVolumeSize: options.nodeVolumeSize, rootVolumeType: options.nodeVolumeType, tenancy: options.nodeTenancy }),
  };
}

function apiServerSpecs(options: NewClusterOptions, subnets: readonly SubnetSpec[]): [string, InstanceGroupSpec][] {
  if (!options.apiServerCount) return [];
  return dealt(options.apiServerCount, options.zones).map(([zone, size]) => [
    `apiserver-${zone}`,
    { ...present({ image: options.image }), ...machineFields(options.apiServerSize), maxSize: size, minSize: size, role: 'APIServer', subnets: subnetsOfZone(subnets, zone) },
  ]);
}

function bastionSpec(options: NewClusterOptions, subnets: readonly SubnetSpec[]): [string, InstanceGroupSpec] {
  const places = options.ipv6 ? subnets.filter((subnet) => subnet.type === 'DualStack').map((subnet) => subnet.name) : mainSubnets(subnets);
  return ['bastions', { ...present({ image: options.bastionImage ?? options.image }), maxSize: 1, minSize: 1, role: 'Bastion', subnets: places }];
}

function mainSubnets(subnets: readonly SubnetSpec[]): string[] {
  return subnets.filter((subnet) => subnet.type === 'Public' || subnet.type === 'Private').map((subnet) => subnet.name);
}

/** Several types: the first is the primary one, and the group may start any of them. */
function machineFields(size: string | undefined): Partial<InstanceGroupSpec> {
  const types = (size ?? '').split(',').filter((type) => type !== '');
  const [first] = types;
  if (first === undefined) return {};
  return { machineType: first, ...(types.length > 1 ? { mixedInstancesPolicy: { instances: types } } : {}) };
}

function dealt(count: number, zones: readonly string[]): [string, number][] {
  const each = Math.floor(count / zones.length);
  return zones.map((zone, i) => [zone, each + (i < count % zones.length ? 1 : 0)]);
}

function instanceGroup(cluster: string, name: string, spec: InstanceGroupSpec): InstanceGroup {
  return { apiVersion, kind: 'InstanceGroup', metadata: { labels: { [clusterLabel]: cluster }, name }, spec: { ...spec, nodeLabels: { 'kops.k8s.io/instancegroup': name } } };
}

function present<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
