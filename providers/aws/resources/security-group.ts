import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { allOf, deleteBlocked } from './blockers.ts';
import { createOnce } from './create-once.ts';
import { ownedSecurityGroups } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { interfacesWith } from './interface-blockers.ts';
import { groupsThatLetIn } from './network-blockers.ts';
import { asWanted, found, mentioning } from './ownership.ts';
import { revokeDefaults } from './security-group-rule.ts';

export const securityGroup: AwsKind<'SecurityGroup'> = {
  kind: 'SecurityGroup',
  list: async (inventory) =>
    (await ownedSecurityGroups(inventory)).map(({ GroupId, GroupName, Description, VpcId, Tags }) =>
      found({ kind: 'SecurityGroup', id: GroupId ?? '', attributes: { groupName: GroupName, description: Description, vpcId: VpcId, tags: fromTagList(Tags) } }),
    ),

  create: async (aws, resource, context) => {
    const { groupName, description, vpcId, tags } = resource.attributes;
    const id = await createOnce(securityGroup, aws, resource, context, async (ec2) => {
      const request = { GroupName: groupName, Description: description, VpcId: vpcId, TagSpecifications: tagged('security-group', tags) };
      return (await ec2.createSecurityGroup(request)).GroupId;
    });
    await revokeDefaults(await aws.service('ec2'), id);
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id);
  },

  delete: (aws, actual, context) => {
    const users = allOf(interfacesWith({ 'group-id': actual.id }), groupsThatLetIn(actual.id));
    return deleteBlocked(aws, context, actual, users, (ec2) => ifThere(ec2.deleteSecurityGroup({ GroupId: actual.id })));
  },

  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
  /** Its rules, those of others that let it in, and what uses it. Instances end with their Auto Scaling group. */
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};
