import type { Cluster, EtcdClusterSpec, InstanceGroup } from '../../spec/types.ts';
import type { WhatIf } from './what-if.ts';

const wanted = 3;

/** Three control planes, dealt over the zones the cluster has, each with its members of etcd. */
export const highAvailability: WhatIf = ({ cluster, instanceGroups }) => {
  const masters = instanceGroups.filter((group) => group.spec.role === 'Master');
  const [first] = masters;
  if (!first) return { cluster, instanceGroups, notes: ['there is no control plane'] };
  const size = masters.reduce((sum, group) => sum + (group.spec.minSize ?? 1), 0);
  if (size >= wanted) return { cluster, instanceGroups, notes: [`there are ${size} control planes already`] };
  const added = placesFor(cluster, first, masters).map(({ name, subnet }) => ({ ...first, metadata: { ...first.metadata, name }, spec: withSubnet(first, name, subnet) }));
  const etcdClusters = cluster.spec.etcdClusters?.map((etcd) => withMembers(etcd, added));
  return {
    cluster: { ...cluster, spec: { ...cluster.spec, ...(etcdClusters ? { etcdClusters } : {}) } },
    instanceGroups: [...masters, ...added, ...instanceGroups.filter((group) => !masters.includes(group))],
    notes: [],
  };
};

/** Subnets like the first control plane's, those without a control plane first. */
function placesFor(cluster: Cluster, first: InstanceGroup, masters: readonly InstanceGroup[]): { name: string; subnet: string }[] {
  const subnets = cluster.spec.subnets ?? [];
  const own = first.spec.subnets?.[0] ?? '';
  const type = subnets.find((subnet) => subnet.name === own)?.type;
  const alike = subnets.filter((subnet) => subnet.type === type).map((subnet) => subnet.name);
  const taken = masters.map((group) => group.spec.subnets?.[0] ?? '');
  const order = [...alike.filter((name) => !taken.includes(name)), ...alike.filter((name) => taken.includes(name))];
  return Array.from({ length: wanted - masters.length }, (_, i) => {
    const subnet = order[i % order.length] ?? own;
    return { name: `control-plane-${subnet}-${masters.length + i + 1}`, subnet };
  });
}

function withSubnet({ spec }: InstanceGroup, name: string, subnet: string): InstanceGroup['spec'] {
  const { zones: _, ...rest } = spec;
  return { ...rest, subnets: [subnet], nodeLabels: { ...spec.nodeLabels, 'kops.k8s.io/instancegroup': name } };
}

function withMembers(etcd: EtcdClusterSpec, groups: readonly InstanceGroup[]): EtcdClusterSpec {
  const [first] = etcd.etcdMembers;
  if (!first) return etcd;
  const members = groups.map((group, i) => ({ ...first, name: `${first.name}-${i + 2}`, instanceGroup: group.metadata.name }));
  return { ...etcd, etcdMembers: [...etcd.etcdMembers, ...members] };
}
