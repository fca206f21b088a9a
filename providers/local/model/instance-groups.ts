import type { ModelInput } from '../../../src/cloud/provider.ts';
import { type Attribute, type DesiredResource, type ResourceId, ref } from '../../../src/cloud/resource.ts';
import type { InstanceGroup, InstanceGroupSpec } from '../../../src/spec/types.ts';
import { apiBalancerName, bastionBalancerName, compact, subnetName, volumeName } from './names.ts';

export function instanceGroups(input: ModelInput): DesiredResource[] {
  return input.completed.instanceGroups.map((group) => instanceGroup(input, group));
}

function instanceGroup(input: ModelInput, group: InstanceGroup): DesiredResource {
  const { cluster } = input.completed;
  const clusterName = cluster.metadata.name;
  const { spec } = group;
  const role = roleOf(group);
  const controlPlane = role === 'ControlPlane';
  return {
    kind: 'InstanceGroup',
    name: `${group.metadata.name}.${controlPlane ? 'masters.' : ''}${clusterName}`,
    instanceGroup: group.metadata.name,
    dependsOn: prerequisites(input, group),
    attributes: compact({
      instanceGroup: group.metadata.name,
      role,
      minSize: spec.minSize,
      maxSize: spec.maxSize,
      machineType: spec.machineType?.split(',')[0],
      image: spec.image,
      spot: spotPart(spec),
      publicIp: spec.associatePublicIp ?? false,
      keyPair: cluster.spec.sshKeyName === undefined ? undefined : ref('KeyPair', cluster.spec.sshKeyName),
      subnets: (spec.subnets ?? []).map((subnet) => ref('Subnet', subnetName(subnet, clusterName))),
      firewalls: [ref('Firewall', `${firewallOf[role]}.${clusterName}`)],
      loadBalancers: controlPlane ? [ref('LoadBalancer', apiBalancerName(clusterName))] : role === 'Bastion' ? [ref('LoadBalancer', bastionBalancerName(clusterName))] : [],
      rootVolume: compact({
        volumeType: spec.rootVolumeType,
        sizeGb: spec.rootVolumeSize,
        iops: spec.rootVolumeIops,
        throughputMbps: spec.rootVolumeThroughput,
        encrypted: spec.rootVolumeEncryption,
      }),
      userData: input.userData[group.metadata.name] ?? '',
      tags: { ...cluster.spec.cloudLabels, ...spec.cloudLabels },
    }),
  };
}

const firewallOf = { ControlPlane: 'masters', Node: 'nodes', Bastion: 'bastion' };

function roleOf({ spec }: InstanceGroup): keyof typeof firewallOf {
  return spec.role === 'Master' ? 'ControlPlane' : spec.role === 'Bastion' ? 'Bastion' : 'Node';
}

/** What an instance needs from its first second: what it reads, where it finds the API, its volumes. */
function prerequisites(input: ModelInput, group: InstanceGroup): ResourceId[] {
  const { cluster } = input.completed;
  const role = roleOf(group);
  if (role === 'Bastion') return [];
  const volumes = (cluster.spec.etcdClusters ?? []).flatMap((etcd) =>
    etcd.etcdMembers.filter((member) => member.instanceGroup === group.metadata.name).map((member) => volumeName(member.name, etcd.name, cluster.metadata.name)),
  );
  return [
    { kind: 'LoadBalancer', name: apiBalancerName(cluster.metadata.name) },
    ...volumes.map((name) => ({ kind: 'Volume', name })),
    ...input.documents.filter((document) => document.roles.includes(role)).map((document) => ({ kind: 'Document', name: document.path })),
  ];
}

/** What a cloud with a spot market would buy there. It runs here all the same; the price elsewhere depends on it. */
function spotPart({ maxPrice, mixedInstancesPolicy }: InstanceGroupSpec): Attribute | undefined {
  if (maxPrice !== undefined) return { onDemandBase: 0, onDemandAboveBase: 0, maxPrice: Number(maxPrice) };
  const { onDemandBase = 0, onDemandAboveBase = 100 } = (mixedInstancesPolicy ?? {}) as { onDemandBase?: number; onDemandAboveBase?: number };
  return mixedInstancesPolicy === undefined || onDemandAboveBase === 100 ? undefined : { onDemandBase, onDemandAboveBase };
}
