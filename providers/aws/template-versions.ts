import type { AutoScalingGroup, LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { AwsApi } from './api/clients.ts';

export interface Template {
  id: string;
  version: string;
}

/** What new instances of each group are launched from, by the group's name; `$Latest` and `$Default` as the numbers they stand for. */
export async function templatesOf(aws: AwsApi, groups: readonly AutoScalingGroup[]): Promise<Map<string, Template>> {
  const named = groups.flatMap((group) => {
    const template = templateOf({ LaunchTemplate: group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate });
    return template ? [{ group: group.AutoScalingGroupName ?? '', template }] : [];
  });
  const moving = [...new Set(named.flatMap(({ template }) => (template.version.startsWith('$') ? [template.id] : [])))];
  const numbers = await versionNumbers(aws, moving);
  return new Map(named.map(({ group, template }) => [group, { ...template, version: numbers.get(`${template.id}:${template.version}`) ?? template.version }]));
}

/** Of a group or of an instance in it. */
export function templateOf({ LaunchTemplate: template }: { LaunchTemplate?: LaunchTemplateSpecification | undefined }): Template | undefined {
  return template && { id: template.LaunchTemplateId ?? '', version: template.Version ?? '$Default' };
}

/** `lt-1:$Latest` → `7` */
async function versionNumbers(aws: AwsApi, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { LaunchTemplates = [] } = await (await aws.service('ec2')).describeLaunchTemplates({ LaunchTemplateIds: [...ids] });
  return new Map(
    LaunchTemplates.flatMap(({ LaunchTemplateId: id, LatestVersionNumber, DefaultVersionNumber }): [string, string][] => [
      [`${id}:$Latest`, String(LatestVersionNumber)],
      [`${id}:$Default`, String(DefaultVersionNumber)],
    ]),
  );
}
