import type { InstanceGroup } from '../../../src/spec/types.ts';
import type { BlockDeviceMapping } from '../attributes.ts';
import { type AwsGroupSpec, groupSpec, type VolumeSpec } from '../aws-spec.ts';
import type { AwsContext } from './context.ts';

const defaultRootDevice = '/dev/xvda';
const defaultVolumeType = 'gp3';
const ionIops = 100;
const gp3Iops = 3000;
const gp3Throughput = 125;

/** The root disk, the user's volumes by device, the host's own disks. */
export function blockDevices(context: AwsContext, group: InstanceGroup, machineType: string): BlockDeviceMapping[] {
  const spec = groupSpec(group);
  const volumes = [...(spec.volumes ?? [])].sort((a, b) => (a.device < b.device ? -1 : 1));
  return [
    { deviceName: context.facts.images?.[spec.image ?? '']?.rootDevice ?? defaultRootDevice, ebs: rootDisk(spec) },
    ...volumes.map((volume) => ({ deviceName: volume.device, ebs: volumeDisk(volume) })),
    ...hostDisks(context.facts.machineTypes?.[machineType]?.instanceStoreDisks ?? 0),
  ];
}

function rootDisk(spec: AwsGroupSpec): BlockDeviceMapping['ebs'] {
  const encrypted = spec.rootVolumeEncryption ?? true;
  const performance = { iops: spec.rootVolumeIops ?? 0, throughput: spec.rootVolumeThroughput ?? 0 };
  return {
    volumeSize: spec.rootVolumeSize ?? 0,
    ...provision(spec.rootVolumeType ?? defaultVolumeType, performance),
    encrypted,
    ...(encrypted && spec.rootVolumeEncryptionKey ? { kmsKeyId: spec.rootVolumeEncryptionKey } : {}),
    deleteOnTermination: spec.rootVolumeDeleteOnTermination ?? true,
  };
}

function volumeDisk(volume: VolumeSpec): BlockDeviceMapping['ebs'] {
  return {
    volumeSize: volume.size,
    ...asWished(volume),
    encrypted: volume.encrypted ?? true,
    ...(volume.key === undefined ? {} : { kmsKeyId: volume.key }),
    deleteOnTermination: volume.deleteOnTermination ?? true,
  };
}

/** Of a disk that only the user describes nothing is raised, and what a type may not have is EC2's to refuse. */
function asWished({ type: volumeType = defaultVolumeType, iops, throughput }: VolumeSpec): BlockDeviceMapping['ebs'] {
  const usual = provision(volumeType, { iops: 0, throughput: 0 });
  return { ...usual, ...(usual.iops === undefined || iops === undefined ? {} : { iops }), ...(throughput === undefined ? {} : { throughput }) };
}

/** Only io1, io2 and gp3 are sold by performance, and none below a minimum. */
export function provision(volumeType: string, wanted: { iops: number; throughput: number }): { volumeType: string; iops?: number; throughput?: number } {
  if (volumeType === 'io1' || volumeType === 'io2') return { volumeType, iops: Math.max(wanted.iops, ionIops) };
  if (volumeType === 'gp3') return { volumeType, iops: Math.max(wanted.iops, gp3Iops), throughput: Math.max(wanted.throughput, gp3Throughput) };
  return { volumeType };
}

function hostDisks(count: number): BlockDeviceMapping[] {
  const first = 'c'.charCodeAt(0);
  return Array.from({ length: count }, (_, i) => ({ deviceName: `/dev/sd${String.fromCharCode(first + i)}`, virtualName: `ephemeral${i}` }));
}
