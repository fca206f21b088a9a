import { cidrsOverlap, parseCidr } from '../../../src/lib/cidr.ts';
import type { Findings } from '../../../src/spec/findings.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';

/** What can be made on AWS although `nodeup` of this version does not run it: its machines would stay without a node. */
export function checkBoot({ spec }: Cluster, groups: readonly InstanceGroup[], findings: Findings): void {
  const index = (spec.etcdClusters ?? []).findIndex(({ name }) => name === 'main');
  const members = spec.etcdClusters?.[index]?.etcdMembers.length ?? 1;
  if (members > 1) {
    findings.warning(
      `spec.etcdClusters[${index}].etcdMembers`,
      `${members} members need a real etcd, which nodeup does not run yet: the machines of the control plane are made but serve no API`,
      'with one member the control plane keeps its own log',
    );
  }
  const [pods, machines] = [parseCidr(spec.podCIDR ?? ''), parseCidr(spec.networkCIDR ?? '')];
  if (!pods || (machines && cidrsOverlap(pods, machines))) {
    findings.warning(
      'spec.podCIDR',
      'nodeup gives pods IPv4 addresses apart from those of machines: with this network no node of this cluster runs',
      'for example kubenet or cilium',
    );
  }
  for (const { metadata, spec: group } of groups) {
    if (group.role === 'APIServer') findings.warning('spec', `nodeup does not run API servers without etcd yet: machines of the group ${metadata.name} stay without a node`);
  }
}
