import type { ModifyVolumeRequest, Volume } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { fromTagList } from '../api/tag-list.ts';
import { waitUntil } from '../api/wait-until.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedVolumes } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { asWanted, found } from './ownership.ts';

type Wanted = WantedResource<'EBSVolume'>;
type VolumeType = NonNullable<ModifyVolumeRequest['VolumeType']>;

/** Volumes that outlive instances: etcd's, and those that Kubernetes' drivers made for claims. */
export const ebsVolume: AwsKind<'EBSVolume'> = {
  kind: 'EBSVolume',
  list: async (inventory) => (await ownedVolumes(inventory)).filter(outlivesInstances).sort(byData).map(describe),

  create: async (aws, resource, context) => {
    const { availabilityZone, size, volumeType, iops, throughput, encrypted, kmsKeyId, tags } = resource.attributes;
    const id = await createOnce(ebsVolume, aws, resource, context, async (ec2, ClientToken) => {
      const shape = { AvailabilityZone: availabilityZone, Size: size, VolumeType: volumeType as VolumeType, Iops: iops, Throughput: throughput };
      return (await ec2.createVolume({ ...shape, Encrypted: encrypted, KmsKeyId: kmsKeyId, ClientToken, TagSpecifications: tagged('volume', tags) })).VolumeId;
    });
    await untilUsable(aws, id, context);
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource, changes, context) => {
    refuseLoss(actual, resource, changes);
    if (changes.some((field) => growing.has(field))) await modify(aws, actual, resource, context);
    if (changes.includes('tags')) await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteVolume({ VolumeId: actual.id }));
  },

  // Never 'replace': what is on it is the cluster itself. What cannot change in place is refused by name.
  effect: () => 'update',
  // An account may encrypt all of its volumes, asked or not.
  same: (field, wanted, attributes) => {
    if (field === 'encrypted' && wanted === false) return true;
    return field === 'kmsKeyId' ? isKey(String(wanted), attributes.kmsKeyId) : undefined;
  },
  refuses: (actual, wanted) => otherMembers(tagsOf(actual.attributes), tagsOf(wanted)),
  /** It is attached to instances, which end with their groups. */
  deleteAfter: (_actual, all) => all.filter(({ kind }) => kind === 'AutoscalingGroup' || kind === 'Instance'),
};

const growing = new Set(['size', 'volumeType', 'iops', 'throughput']);

function outlivesInstances({ State, Attachments }: Volume): boolean {
  return State !== 'deleting' && State !== 'deleted' && !(Attachments ?? []).some(({ DeleteOnTermination }) => DeleteOnTermination === true);
}

/** Of two volumes with one name the one in use is meant, or the older one: what has data comes first. */
function byData(a: Volume, b: Volume): number {
  const inUse = (volume: Volume) => (volume.State === 'in-use' ? 0 : 1);
  return inUse(a) - inUse(b) || Number(a.CreateTime ?? 0) - Number(b.CreateTime ?? 0) || ((a.VolumeId ?? '') < (b.VolumeId ?? '') ? -1 : 1);
}

function describe(volume: Volume): ActualResource {
  const attributes = {
    availabilityZone: volume.AvailabilityZone,
    size: volume.Size,
    volumeType: volume.VolumeType,
    iops: volume.Iops,
    throughput: volume.Throughput,
    encrypted: volume.Encrypted ?? false,
    kmsKeyId: volume.KmsKeyId,
    tags: fromTagList(volume.Tags),
  };
  return found({ kind: 'EBSVolume', id: volume.VolumeId ?? '', attributes });
}

const memberTag = 'k8s.io/etcd/main';

function tagsOf(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return (attributes.tags ?? {}) as Record<string, string>;
}

/** `a/a,b,c`: whose disk it is, of which members. They are as many as they were when the cluster of etcd was formed. */
function otherMembers(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): string | undefined {
  const [before, now] = [actual[memberTag], wanted[memberTag]].map((tag) => tag?.split('/')[1]);
  if (before === undefined || now === undefined || before === now) return undefined;
  return `has data of an etcd cluster of ${before}, which cannot become one of ${now}: put the members back, or make a second cluster with these members and move over`;
}

/** Volumes tell the ARN of their key, however it was named. What an alias stands for may change; a volume keeps the key it was made with. */
function isKey(name: string, arn: unknown): boolean {
  return /(^|:)alias\//.test(name) || arn === name || String(arn).endsWith(`:key/${name}`);
}

function refuseLoss(actual: ActualResource, { name, attributes }: Wanted, changes: readonly string[]): void {
  const fixed = changes.filter((field) => !growing.has(field) && field !== 'tags');
  const shrinks = changes.includes('size') && attributes.size < Number(actual.attributes.size);
  if (fixed.length === 0 && !shrinks) return;
  const what = shrinks ? `shrink from ${actual.attributes.size} to ${attributes.size} GiB` : `change its ${fixed.join(', ')}`;
  throw new CloudError('invalid', 'ModifyVolume', `volume ${name} (${actual.id}) cannot ${what}, and is not replaced: that would lose what is on it`, {
    object: actual.id,
    suggestions: ['Set the etcd member back to what it has, or move its data to another member first: a new member gets a new volume.'],
  });
}

/** Growth takes effect at once; the volume works on while AWS moves its data. Another change has to wait until that is over. */
async function modify(aws: AwsApi, actual: ActualResource, { attributes }: Wanted, context: OperationContext): Promise<void> {
  const { size, volumeType, iops, throughput } = attributes;
  const look = async () => {
    const answer = await (await aws.service('ec2')).describeVolumesModifications({ Filters: [{ Name: 'volume-id', Values: [actual.id] }] }, { abortSignal: context.signal });
    return answer.VolumesModifications?.[0];
  };
  const earlier = await look();
  const asked =
    earlier?.ModificationState !== 'failed' && earlier?.TargetSize === size && earlier.TargetVolumeType === volumeType && (iops ?? earlier.TargetIops) === earlier.TargetIops;
  if (!asked) await (await aws.once('ec2')).modifyVolume({ VolumeId: actual.id, Size: size, VolumeType: volumeType as VolumeType, Iops: iops, Throughput: throughput });
  await waitUntil(aws, context, { operation: 'ModifyVolume', what: `volume ${actual.id} to be changed`, everyMs: 5_000 }, async (tell) => {
    const now = await look();
    tell(now?.ModificationState ?? '');
    if (now?.ModificationState === 'failed')
      throw new CloudError('invalid', 'ModifyVolume', `volume ${actual.id} did not change: ${now.StatusMessage ?? 'AWS gives no reason'}`, { object: actual.id });
    return now?.ModificationState !== 'modifying' || undefined;
  });
}

async function untilUsable(aws: AwsApi, id: string, context: OperationContext): Promise<void> {
  const ec2 = await aws.service('ec2');
  await waitUntil(aws, context, { operation: 'CreateVolume', what: `volume ${id} to be available`, everyMs: 2_000 }, async (tell) => {
    const volume = (await ifThere(ec2.describeVolumes({ VolumeIds: [id] }, { abortSignal: context.signal })))?.Volumes?.[0];
    tell(volume?.State ?? 'not visible yet');
    if (volume?.State === 'error')
      throw new CloudError('invalid', 'CreateVolume', `volume ${id} could not be made: AWS reports an error, often a KMS key it may not use`, { object: id });
    return volume?.State === 'available' || volume?.State === 'in-use' || undefined;
  });
}
