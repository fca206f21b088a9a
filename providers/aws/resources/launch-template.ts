import type { EC2, LaunchTemplate } from '@aws-sdk/client-ec2';
import { differingFields } from '../../../src/cloud/differences.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import { createOrAdopt, ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { ownedLaunchTemplates } from './ec2-lists.ts';
import { updateTags } from './ec2-tags.ts';
import { fromTemplateData, toTemplateData } from './launch-template-data.ts';
import { found, mentioning, ownerTags, withInstanceGroup } from './ownership.ts';

/** Versions that are kept: what instances of earlier updates were launched from can be looked up for a while. */
const keptVersions = 10;

/**
 * A template keeps its name for ever; each change is a new version, which becomes the default one. What a template is like is what its
 * default version says: an update that was stopped between the two steps shows as not done.
 */
export const launchTemplate: AwsKind<'LaunchTemplate'> = {
  kind: 'LaunchTemplate',

  list: async (inventory) => {
    const ec2 = await inventory.aws.service('ec2');
    const templates = await inParallel(await ownedLaunchTemplates(inventory), (template) => ifThere(describe(ec2, template)));
    return templates.filter((template) => template !== undefined);
  },

  create: (aws, resource, context) => {
    const { cluster, name, attributes } = resource;
    return createOrAdopt(launchTemplate, aws, resource, context, {
      make: async () => {
        const TagSpecifications = [{ ResourceType: 'launch-template' as const, Tags: toTagList({ ...attributes.tags, ...ownerTags(cluster, name) }) }];
        await (await aws.once('ec2')).createLaunchTemplate({
          LaunchTemplateName: attributes.launchTemplateName,
          LaunchTemplateData: toTemplateData(attributes),
          TagSpecifications,
        });
      },
      find: () => findTemplate(aws, attributes.launchTemplateName),
    });
  },

  update: async (aws, actual, resource, _changes, context) => {
    const { attributes } = resource;
    const ec2 = await aws.service('ec2');
    const version = await newestVersion(aws, ec2, actual.id, attributes);
    await ec2.modifyLaunchTemplate({ LaunchTemplateId: actual.id, DefaultVersion: String(version) });
    await updateTags(aws, actual, attributes.tags);
    await prune(ec2, actual.id, version).catch((error) => context.progress(`old versions of ${actual.name} stay for now: ${messageOf(error)}`));
    return { ...actual, attributes: { ...attributes }, outputs: { ...actual.outputs, latestVersion: String(version) } };
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteLaunchTemplate({ LaunchTemplateId: actual.id }));
  },

  effect: (changes) => (changes.includes('launchTemplateName') ? 'replace' : 'roll'),

  clearable: ['keyName', 'ebsOptimized', 'creditSpecification', 'marketOptions', 'placementTenancy', 'userData'],

  newOutputs: () => ['latestVersion'],

  deleteAfter: (actual, all) => mentioning(actual.id, all, ['AutoscalingGroup']),
};

/** Of the wanted content. An earlier attempt may have made it already. */
async function newestVersion(aws: AwsApi, ec2: EC2, LaunchTemplateId: string, attributes: WantedResource<'LaunchTemplate'>['attributes']): Promise<number> {
  const { LaunchTemplateVersions: [latest] = [] } = await ec2.describeLaunchTemplateVersions({ LaunchTemplateId, Versions: ['$Latest'] });
  const found = { attributes: { ...fromTemplateData(attributes.launchTemplateName, latest?.LaunchTemplateData ?? {}) } };
  if (latest?.VersionNumber !== undefined && differingFields(attributes, found, launchTemplate).length === 0) return latest.VersionNumber;
  const { LaunchTemplateVersion: made } = await (await aws.once('ec2')).createLaunchTemplateVersion({ LaunchTemplateId, LaunchTemplateData: toTemplateData(attributes) });
  return made?.VersionNumber ?? 0;
}

/** What cannot go today goes after the next update. */
async function prune(ec2: EC2, LaunchTemplateId: string, version: number): Promise<void> {
  if (version <= keptVersions) return;
  const old = await allPages(async (NextToken) => {
    const page = await ec2.describeLaunchTemplateVersions({ LaunchTemplateId, MaxVersion: String(version - keptVersions), NextToken });
    return { items: page.LaunchTemplateVersions, next: page.NextToken };
  });
  const Versions = old.flatMap(({ VersionNumber = version }) => (VersionNumber <= version - keptVersions ? [String(VersionNumber)] : [])).slice(0, 200);
  if (Versions.length > 0) await ec2.deleteLaunchTemplateVersions({ LaunchTemplateId, Versions });
}

async function findTemplate(aws: AwsApi, name: string): Promise<ActualResource | undefined> {
  const ec2 = await aws.service('ec2');
  const { LaunchTemplates: [template] = [] } = (await ifThere(ec2.describeLaunchTemplates({ LaunchTemplateNames: [name] }))) ?? {};
  return template && ifThere(describe(ec2, template));
}

async function describe(ec2: EC2, { LaunchTemplateId: id = '', LaunchTemplateName: name = '', DefaultVersionNumber = 1 }: LaunchTemplate): Promise<ActualResource> {
  const request = { LaunchTemplateId: id, Versions: [String(DefaultVersionNumber)] };
  const { LaunchTemplateVersions: [version] = [] } = await ec2.describeLaunchTemplateVersions(request);
  const attributes = fromTemplateData(name, version?.LaunchTemplateData ?? {});
  return withInstanceGroup(found({ kind: 'LaunchTemplate', id, name, attributes: { ...attributes }, outputs: { latestVersion: String(DefaultVersionNumber) } }));
}
