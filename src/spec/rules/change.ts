import { Findings } from '../findings.ts';
import type { Cluster, EtcdClusterSpec, Finding } from '../types.ts';

/** What may not change once a cluster exists, because its data could not follow. Clusters that were only stored are held to it, too. */
export function validateChange(before: { cluster: Cluster }, after: { cluster: Cluster }): Finding[] {
  const findings = new Findings(`Cluster/${before.cluster.metadata.name}`);
  const old = before.cluster.spec;
  const { spec } = after.cluster;
  if (old.cloudProvider !== undefined && spec.cloudProvider !== old.cloudProvider)
    findings.error('spec.cloudProvider', `is ${old.cloudProvider} and cannot become ${spec.cloudProvider ?? 'nothing'}`);
  for (const etcd of old.etcdClusters ?? []) checkEtcd(etcd, spec.etcdClusters ?? [], findings);
  return findings.list;
}

function checkEtcd(etcd: EtcdClusterSpec, clusters: readonly EtcdClusterSpec[], findings: Findings): void {
  const index = clusters.findIndex((other) => other.name === etcd.name);
  const now = clusters[index];
  if (!now) {
    findings.error('spec.etcdClusters', `etcd cluster ${etcd.name} cannot be removed: it holds the data of the cluster`);
    return;
  }
  // An image of one's own says nothing about which data it can read.
  if (etcd.image !== undefined || now.image !== undefined) {
    for (const name of ['image', 'version'] as const)
      if (etcd[name] !== now[name]) findings.error(`spec.etcdClusters[${index}].${name}`, `is ${etcd[name] ?? 'not set'} and cannot change with an image of one's own`);
  }
  for (const member of etcd.etcdMembers ?? []) {
    const same = now.etcdMembers?.find((other) => other.name === member.name);
    if (same && same.instanceGroup !== member.instanceGroup) {
      findings.error(`spec.etcdClusters[${index}].etcdMembers`, `member ${member.name} belongs to ${member.instanceGroup} and cannot move to ${same.instanceGroup}`);
    }
  }
}
