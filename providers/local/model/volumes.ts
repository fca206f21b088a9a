import type { DesiredResource } from '../../../src/cloud/resource.ts';
import type { CompletedCluster } from '../../../src/spec/types.ts';
import { compact, volumeName } from './names.ts';

/** One volume for each etcd member, in the zone of its instance group: `a.etcd-main.demo.k8s.local`. */
export function volumes(completed: CompletedCluster): DesiredResource[] {
  const { metadata, spec } = completed.cluster;
  return (spec.etcdClusters ?? []).flatMap((etcd) =>
    etcd.etcdMembers.map((member) => ({
      kind: 'Volume',
      name: volumeName(member.name, etcd.name, metadata.name),
      instanceGroup: member.instanceGroup,
      attributes: compact({
        instanceGroup: member.instanceGroup,
        zone: zoneOf(completed, member.instanceGroup),
        sizeGb: member.volumeSize ?? 20,
        volumeType: member.volumeType ?? 'gp3',
        iops: member.volumeIops,
        throughputMbps: member.volumeThroughput,
        encrypted: member.encryptedVolume ?? true,
      }),
    })),
  );
}

function zoneOf(completed: CompletedCluster, groupName: string): string | undefined {
  const group = completed.instanceGroups.find((candidate) => candidate.metadata.name === groupName);
  const subnet = completed.cluster.spec.subnets?.find((candidate) => candidate.name === group?.spec.subnets?.[0]);
  return group?.spec.zones?.[0] ?? subnet?.zone;
}
