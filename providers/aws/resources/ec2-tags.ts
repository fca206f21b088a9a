import type { ResourceType, TagSpecification } from '@aws-sdk/client-ec2';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { changeTags, toTagList } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';

/** For create calls: what is made is found again from its first moment. */
export function tagged(type: ResourceType, tags: Tags): TagSpecification[] {
  return [{ ResourceType: type, Tags: toTagList(tags) }];
}

/** Sets what is missing or different, removes what is ours and not wanted any more. */
export async function updateTags(aws: AwsApi, actual: Pick<ActualResource, 'id' | 'attributes'>, wanted: Tags): Promise<void> {
  const ec2 = await aws.service('ec2');
  await changeTags(actual.attributes.tags, wanted, {
    set: (tags) => ec2.createTags({ Resources: [actual.id], Tags: toTagList(tags) }),
    remove: (keys) => ec2.deleteTags({ Resources: [actual.id], Tags: keys.map((Key) => ({ Key })) }),
  });
}
