import { KopsError } from '../lib/errors.ts';
import type { NewClusterOptions } from './new-cluster.ts';
import { apiVersion, clusterLabel, type InstanceGroup, type InstanceGroupSpec, type SubnetSpec } from './types.ts';

export interface ControlPlanePlan {
  name: string;
  zone: string;
}

/** One group for each control plane, dealt over the zones in turn. Their number must be odd, for etcd to have a majority. */
export function planControlPlanes(options: NewClusterOptions): ControlPlanePlan[] {
  const zones = options.controlPlaneZones ?? options.zones;
  const count = options.controlPlaneCount ?? options.controlPlaneZones?.length ?? 1;
  if (count < 1 || count % 2 === 0) {
    throw new KopsError(`${count} control planes cannot form a majority: the number must be odd`, {
      code: 'EVEN_CONTROL_PLANES',
      exit: 'usage',
      expected: '1, 3 or 5',
      suggestions: [`Use --control-plane-count ${count < 1 ? 1 : count + 1}, or an odd number of --control-plane-zones.`],
    });
  }
  return Array.from({ length: count }, (_, i) => {
    const zone = zones[i % zones.length] ?? '';
    return { name: `control-plane-${zone}${count > zones.length ? `-${Math.floor(i / zones.length) + 1}` : ''}`, zone };
  });
}

/** Control plane groups first, then one group of workers for each zone; the remainder of the node count goes to the first zones. */
export function newInstanceGroups(options: NewClusterOptions, controlPlanes: readonly ControlPlanePlan[], subnets: readonly SubnetSpec[]): InstanceGroup[] {
  const extra = subnets.some((subnet) => subnet.name !== subnet.zone);
  const nodeCount = options.nodeCount ?? options.zones.length;
  const each = Math.floor(nodeCount / options.zones.length);
  return [
    ...controlPlanes.map(({ name, zone }) => instanceGroup(options.name, name, { ...controlPlaneSpec(options), subnets: [zone] })),
    ...options.zones.map((zone, i) => {
      const size = each + (i < nodeCount % options.zones.length ? 1 : 0);
      const own = subnets.filter((subnet) => subnet.zone === zone && (subnet.name !== zone || !extra)).map((subnet) => subnet.name);
      return instanceGroup(options.name, `nodes-${zone}`, { ...nodeSpec(options, size), subnets: own.length > 0 ? own : [zone] });
    }),
  ];
}

function controlPlaneSpec(options: NewClusterOptions): InstanceGroupSpec {
  return {
    ...present({
      additionalSecurityGroups: options.controlPlaneSecurityGroups,
      associatePublicIp: options.associatePublicIp,
      image: options.controlPlaneImage,
      machineType: options.controlPlaneSize,
    }),
    maxSize: 1,
    minSize: 1,
    role: 'Master',
    ...present({ rootVolumeSize: options.controlPlaneVolumeSize, rootVolumeType: options.controlPlaneVolumeType, tenancy: options.controlPlaneTenancy }),
  };
}

function nodeSpec(options: NewClusterOptions, size: number): InstanceGroupSpec {
  return {
    ...present({ additionalSecurityGroups: options.nodeSecurityGroups, associatePublicIp: options.associatePublicIp, image: options.nodeImage, machineType: options.nodeSize }),
    maxSize: size,
    minSize: size,
    role: 'Node',
    ...present({ rootVolumeSize: options.nodeVolumeSize, rootVolumeType: options.nodeVolumeType, tenancy: options.nodeTenancy }),
  };
}

function instanceGroup(cluster: string, name: string, spec: InstanceGroupSpec): InstanceGroup {
  return { apiVersion, kind: 'InstanceGroup', metadata: { labels: { [clusterLabel]: cluster }, name }, spec: { ...spec, nodeLabels: { 'kops.k8s.io/instancegroup': name } } };
}

function present<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
