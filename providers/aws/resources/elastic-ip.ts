import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedAddresses } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { asWanted, found, mentioning } from './ownership.ts';

export const elasticIp: AwsKind<'ElasticIP'> = {
  kind: 'ElasticIP',
  list: async (inventory) =>
    (await ownedAddresses(inventory)).map(({ AllocationId, PublicIp, Domain, Tags }) =>
      found({ kind: 'ElasticIP', id: AllocationId ?? '', attributes: { domain: Domain, tags: fromTagList(Tags) }, outputs: { publicIp: PublicIp } }),
    ),

  create: async (aws, resource, context) => {
    const id = await createOnce(elasticIp, aws, resource, context, async (ec2) => {
      return (await ec2.allocateAddress({ Domain: 'vpc', TagSpecifications: tagged('elastic-ip', resource.attributes.tags) })).AllocationId;
    });
    const { Addresses } = await (await aws.service('ec2')).describeAddresses({ AllocationIds: [id] });
    return asWanted(resource, id, { publicIp: Addresses?.[0]?.PublicIp });
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id, { publicIp: actual.outputs.publicIp });
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).releaseAddress({ AllocationId: actual.id }));
  },

  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};
