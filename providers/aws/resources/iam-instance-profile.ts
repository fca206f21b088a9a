import type { IAM, InstanceProfile } from '@aws-sdk/client-iam';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { changeTags, fromTagList, toTagList } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { belongsTo, createOrAdopt, ifThere, soonThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { iamNameLimit } from './iam-roles.ts';
import { mayBeNameOf } from './names-of-cluster.ts';

export const iamInstanceProfile: AwsKind<'IAMInstanceProfile'> = {
  kind: 'IAMInstanceProfile',

  list: async ({ aws, clusterName }) => {
    const iam = await aws.service('iam');
    const all = await allPages(async (Marker) => {
      const page = await iam.listInstanceProfiles({ MaxItems: 1000, ...(Marker === undefined ? {} : { Marker }) });
      return { items: page.InstanceProfiles, next: page.Marker };
    });
    const names = all.flatMap(({ InstanceProfileName = '' }) => (mayBeNameOf(clusterName, InstanceProfileName, iamNameLimit) ? [InstanceProfileName] : []));
    const profiles = await inParallel(names, (name) => findProfile(iam, name));
    return profiles.filter((profile) => profile !== undefined).filter(({ attributes }) => belongsTo(attributes.tags as Tags, clusterName));
  },

  create: async (aws, resource, context) => {
    const { instanceProfileName, roleName, tags } = resource.attributes;
    const iam = await aws.service('iam');
    const made = await createOrAdopt(iamInstanceProfile, aws, resource, context, {
      make: async () => (await aws.once('iam')).createInstanceProfile({ InstanceProfileName: instanceProfileName, Tags: toTagList(tags) }),
      find: () => findProfile(iam, instanceProfileName),
    });
    return made.attributes.roleName === roleName ? made : changeRole(aws, made, roleName);
  },

  update: async (aws, actual, { attributes }, changes) => {
    const iam = await aws.service('iam');
    const InstanceProfileName = actual.id;
    await changeTags(actual.attributes.tags, attributes.tags, {
      set: (tags) => iam.tagInstanceProfile({ InstanceProfileName, Tags: toTagList(tags) }),
      remove: (TagKeys) => iam.untagInstanceProfile({ InstanceProfileName, TagKeys }),
    });
    const tagged = { ...actual, attributes: { ...actual.attributes, tags: attributes.tags } };
    return changes.includes('roleName') ? changeRole(aws, tagged, attributes.roleName) : tagged;
  },

  delete: async (aws, actual) => {
    const iam = await aws.service('iam');
    const there = await findProfile(iam, actual.id);
    if (!there) return;
    await removeRole(aws, there);
    await ifThere(iam.deleteInstanceProfile({ InstanceProfileName: actual.id }));
  },

  effect: (changes) => (changes.includes('instanceProfileName') ? 'replace' : 'update'),

  deleteAfter: (actual, all) =>
    all.filter((other) => other.kind === 'AutoscalingGroup' || (other.kind === 'LaunchTemplate' && other.attributes.iamInstanceProfileName === actual.id)),
};

/** A profile holds one role at most: after a lost answer a look says which. */
async function changeRole(aws: AwsApi, actual: ActualResource, roleName: string): Promise<ActualResource> {
  const there = await soonThere((await aws.service('iam')).getInstanceProfile({ InstanceProfileName: actual.id }));
  const current = there.InstanceProfile?.Roles?.[0]?.RoleName;
  if (current !== roleName) {
    await removeRole(aws, { ...actual, attributes: { roleName: current } });
    await soonThere((await aws.once('iam')).addRoleToInstanceProfile({ InstanceProfileName: actual.id, RoleName: roleName }));
  }
  return { ...actual, attributes: { ...actual.attributes, roleName } };
}

async function removeRole(aws: AwsApi, { id, attributes: { roleName } }: ActualResource): Promise<void> {
  if (typeof roleName === 'string') await ifThere((await aws.once('iam')).removeRoleFromInstanceProfile({ InstanceProfileName: id, RoleName: roleName }));
}

async function findProfile(iam: IAM, InstanceProfileName: string): Promise<ActualResource | undefined> {
  const found = await ifThere(iam.getInstanceProfile({ InstanceProfileName }));
  return found?.InstanceProfile && actualProfile(found.InstanceProfile);
}

function actualProfile({ InstanceProfileName: name = '', Arn: arn, Roles, Tags: tags }: InstanceProfile): ActualResource {
  const roleName = Roles?.[0]?.RoleName;
  return {
    kind: 'IAMInstanceProfile',
    name,
    id: name,
    attributes: { instanceProfileName: name, ...(roleName === undefined ? {} : { roleName }), tags: fromTagList(tags) },
    outputs: { id: name, arn },
    owned: true,
  };
}
