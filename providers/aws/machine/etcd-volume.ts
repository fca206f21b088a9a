import { access } from 'node:fs/promises';
import type { Instance, Volume } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { AttachedVolume, EtcdPeer, OwnMetadata } from '../../../src/cloud/instance.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import type { AwsApi } from '../api/clients.ts';

export interface EtcdVolumeOptions {
  aws: AwsApi;
  environment: Environment;
  clusterName: string;
  /** Goes before `/dev`. */
  root: string;
}

const retryMs = 2_000;
/** Device names that nothing of an image has. */
const deviceNames = ['/dev/xvdu', '/dev/xvdv', '/dev/xvdw', '/dev/xvdx', '/dev/xvdy', '/dev/xvdz'];

/**
 * The disk of a member of an etcd cluster, in this zone, that this instance has or that is free. One that another instance has is waited for:
 * the instance before this one is still going. Throws CloudError notFound when there is none at all.
 */
export async function attachEtcdVolume(options: EtcdVolumeOptions, etcdCluster: string, self: OwnMetadata): Promise<AttachedVolume> {
  const { environment } = options;
  for (;;) {
    const volumes = await findVolumes(options, etcdCluster, self.zone);
    if (volumes.length === 0) {
      throw new CloudError('notFound', 'DescribeVolumes', `no disk of the etcd cluster ${etcdCluster} lies in ${self.zone}`, {
        object: etcdCluster,
        suggestions: [`kops-ts update cluster ${options.clusterName} --yes`],
      });
    }
    const own = volumes.find((volume) => attachmentTo(volume, self.instanceId)?.State === 'attached');
    if (own) return { name: nameOf(own), member: memberOf(own, etcdCluster), device: await deviceOf(options, own, self.instanceId) };
    const free = volumes.find((volume) => volume.State === 'available');
    if (free && !volumes.some((volume) => attachmentTo(volume, self.instanceId))) await attach(options, free, self.instanceId);
    else environment.log.info('waiting for the disk of etcd', { volumes: volumes.map(({ VolumeId, State }) => `${VolumeId} ${State}`) });
    await environment.clock.sleep(retryMs, environment.signal);
  }
}

/** Every member whose disk there is, with the address of the instance that has it. Of two disks of one member the one in use counts. */
export async function etcdPeers(options: EtcdVolumeOptions, etcdCluster: string): Promise<EtcdPeer[]> {
  const volumes = await findVolumes(options, etcdCluster);
  const holders = new Map(volumes.flatMap((volume) => (volume.Attachments ?? []).flatMap(({ InstanceId }) => (InstanceId ? [[memberOf(volume, etcdCluster), InstanceId]] : []))));
  const addresses = await addressesOf(options, [...new Set(holders.values())]);
  return [...new Set(volumes.map((volume) => memberOf(volume, etcdCluster)))].sort().map((member) => {
    const address = addresses.get(holders.get(member) ?? '');
    return { member, ...(address === undefined ? {} : { address }) };
  });
}

async function addressesOf({ aws }: EtcdVolumeOptions, instanceIds: string[]): Promise<Map<string, string>> {
  if (instanceIds.length === 0) return new Map();
  const Filters = [
    { Name: 'instance-id', Values: instanceIds },
    { Name: 'instance-state-name', Values: ['pending', 'running'] },
  ];
  const { Reservations = [] } = await (await aws.service('ec2')).describeInstances({ Filters });
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return new Map(instances.flatMap(({ InstanceId, PrivateIpAddress }) => (InstanceId && PrivateIpAddress ? [[InstanceId, PrivateIpAddress]] : [])));
}

async function findVolumes({ aws, clusterName }: EtcdVolumeOptions, etcdCluster: string, zone?: string): Promise<Volume[]> {
  const Filters = [
    { Name: 'tag:KubernetesCluster', Values: [clusterName] },
    { Name: 'tag-key', Values: [`k8s.io/etcd/${etcdCluster}`] },
    ...(zone === undefined ? [] : [{ Name: 'availability-zone', Values: [zone] }]),
  ];
  const { Volumes = [] } = await (await aws.service('ec2')).describeVolumes({ Filters });
  return Volumes.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

async function attach({ aws, environment }: EtcdVolumeOptions, volume: Volume, InstanceId: string): Promise<void> {
  const ec2 = await aws.service('ec2');
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [InstanceId] });
  const taken = devicesOf(Reservations[0]?.Instances?.[0]);
  const Device = deviceNames.find((name) => !taken.includes(name));
  if (Device === undefined) throw new CloudError('quota', 'AttachVolume', `instance ${InstanceId} has no device name left: ${taken.join(', ')}`, { object: InstanceId });
  try {
    await ec2.attachVolume({ VolumeId: volume.VolumeId, InstanceId, Device });
  } catch (error) {
    // Another instance was faster, or the answer was lost: the next look tells.
    environment.log.warn('the disk of etcd could not be attached, tried again', { volume: volume.VolumeId, error });
  }
}

function devicesOf(instance: Instance | undefined): string[] {
  return (instance?.BlockDeviceMappings ?? []).flatMap(({ DeviceName }) => DeviceName ?? []);
}

function attachmentTo(volume: Volume, instanceId: string): NonNullable<Volume['Attachments']>[number] | undefined {
  return volume.Attachments?.find((attachment) => attachment.InstanceId === instanceId);
}

function nameOf({ Tags = [], VolumeId = '' }: Volume): string {
  return Tags.find(({ Key }) => Key === 'Name')?.Value ?? VolumeId;
}

/** The tag says `a/a,b,c`: whose it is, and who there is. */
function memberOf({ Tags = [] }: Volume, etcdCluster: string): string {
  return Tags.find(({ Key }) => Key === `k8s.io/etcd/${etcdCluster}`)?.Value?.split('/')[0] ?? '';
}

/** Where NVMe disks show, by their id; on older machine types the name that was asked for. Waits until the system has it. */
async function deviceOf({ environment, root }: EtcdVolumeOptions, volume: Volume, instanceId: string): Promise<string> {
  const serial = volume.VolumeId?.replace('-', '') ?? '';
  const candidates = [`/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${serial}`, attachmentTo(volume, instanceId)?.Device ?? '/dev/xvdu'];
  for (;;) {
    for (const path of candidates) {
      const found = await access(`${root}${path}`).then(
        () => true,
        () => false,
      );
      if (found) return `${root}${path}`;
    }
    await environment.clock.sleep(retryMs, environment.signal);
  }
}
