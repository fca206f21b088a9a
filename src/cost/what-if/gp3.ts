import type { InstanceGroup } from '../../spec/types.ts';
import type { WhatIf } from './what-if.ts';

/** What gp3 has without further cost, and at most. */
const baseline = { iops: 3000, throughput: 125, maxIops: 16_000 };

/** Every disk as gp3, with as many IOPS as were bought for it. */
export const gp3: WhatIf = ({ cluster, instanceGroups }) => {
  const etcdClusters = cluster.spec.etcdClusters?.map((etcd) => ({
    ...etcd,
    etcdMembers: etcd.etcdMembers.map((member) =>
      (member.volumeType ?? 'gp3') === 'gp3' ? member : { ...member, volumeType: 'gp3', volumeIops: iopsOf(member.volumeIops), volumeThroughput: baseline.throughput },
    ),
  }));
  return { cluster: { ...cluster, spec: { ...cluster.spec, ...(etcdClusters ? { etcdClusters } : {}) } }, instanceGroups: instanceGroups.map(withGp3), notes: [] };
};

function withGp3(group: InstanceGroup): InstanceGroup {
  const { rootVolumeType, rootVolumeIops, volumes } = group.spec;
  const root = rootVolumeType === 'gp3' ? {} : { rootVolumeType: 'gp3', rootVolumeIops: iopsOf(rootVolumeIops), rootVolumeThroughput: baseline.throughput };
  const others = (volumes as { type?: string; iops?: number }[] | undefined)?.map((volume) =>
    (volume.type ?? 'gp3') === 'gp3' ? volume : { ...volume, type: 'gp3', iops: iopsOf(volume.iops), throughput: baseline.throughput },
  );
  return { ...group, spec: { ...group.spec, ...root, ...(others ? { volumes: others } : {}) } };
}

function iopsOf(bought: number | undefined): number {
  return Math.min(Math.max(bought ?? 0, baseline.iops), baseline.maxIops);
}
