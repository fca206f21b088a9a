import type { DesiredResource } from '../../../src/cloud/resource.ts';
import type { EtcdClusterSpec } from '../../../src/spec/types.ts';
import { provision } from './block-devices.ts';
import { type AwsContext, resource } from './context.ts';
import { roleTagsOf } from './group-tags.ts';
import { groupSubnets } from './instance-groups.ts';
import { volumeName } from './names.ts';
import { ownedTags } from './tags.ts';

const defaultSize = 20;

/** One disk for each member of each etcd cluster, in the zone of its instance group. Its tags tell a control plane whose it is. */
export function etcdVolumes(context: AwsContext): DesiredResource[] {
  return (context.spec.etcdClusters ?? []).flatMap((etcd) => etcd.etcdMembers.map((member) => etcdVolume(context, etcd, member)));
}

function etcdVolume(context: AwsContext, etcd: EtcdClusterSpec, member: EtcdClusterSpec['etcdMembers'][number]): DesiredResource {
  const name = volumeName(member.name, etcd.name, context.name);
  const members = etcd.etcdMembers.map((other) => other.name).sort();
  const { volumeType, ...performance } = provision(member.volumeType ?? 'gp3', { iops: member.volumeIops ?? 0, throughput: member.volumeThroughput ?? 0 });
  const attributes = {
    availabilityZone: zoneOf(context, member.instanceGroup) ?? '',
    size: member.volumeSize ?? defaultSize,
    volumeType,
    ...performance,
    encrypted: member.encryptedVolume ?? false,
    kmsKeyId: (member as { kmsKeyId?: string }).kmsKeyId,
    tags: { ...ownedTags(context, name), [`k8s.io/etcd/${etcd.name}`]: `${member.name}/${members.join(',')}`, ...roleTagsOf('Master') },
  };
  return resource('EBSVolume', name, attributes, { instanceGroup: member.instanceGroup });
}

function zoneOf(context: AwsContext, groupName: string): string | undefined {
  const group = context.groups.find(({ metadata }) => metadata.name === groupName);
  return group && (group.spec.zones?.[0] ?? groupSubnets(context, group)[0]?.zone);
}
