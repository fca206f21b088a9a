import { etcdVersion } from '../../../src/bootstrap/etcd-config.ts';
import { knownEtcdVersions } from '../../../src/bootstrap/etcd-release.ts';
import { cidrsOverlap, parseCidr } from '../../../src/lib/cidr.ts';
import type { Findings } from '../../../src/spec/findings.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';

/** What can be made on AWS although `nodeup` of this version does not run it: its machines would stay without a node. */
export function checkBoot({ spec }: Cluster, groups: readonly InstanceGroup[], findings: Findings): void {
  checkEtcd(spec, findings);
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

/** Several members run a release of etcd that `nodeup` fetches and checks. */
function checkEtcd({ etcdClusters = [] }: Cluster['spec'], findings: Findings): void {
  const index = etcdClusters.findIndex(({ name }) => name === 'main');
  const etcd = etcdClusters[index];
  if (!etcd || etcd.etcdMembers.length < 2) return;
  const path = `spec.etcdClusters[${index}]`;
  const version = etcdVersion(etcd);
  if (etcd.image !== undefined) findings.warning(`${path}.image`, `nodeup runs the release of etcd ${version}, not an image`);
  if (knownEtcdVersions.includes(version)) return;
  findings.warning(
    `${path}.version`,
    `nodeup knows no checksum of etcd ${version} and runs no other: the machines of the control plane are made but serve no API`,
    `known are ${knownEtcdVersions.join(', ')}`,
  );
}
