import type { AwsApi } from '../api/clients.ts';
import type { AwsTag } from './names.ts';

/** ELBv2 tells the tags of so many at a time. */
const atOnce = 20;

/** Tags by ARN. */
export async function tagsOf(aws: AwsApi, arns: readonly string[]): Promise<Map<string, AwsTag[]>> {
  const elb = await aws.service('elbv2');
  const pages = Array.from({ length: Math.ceil(arns.length / atOnce) }, (_, page) => arns.slice(page * atOnce, (page + 1) * atOnce));
  const answers = await Promise.all(pages.map((ResourceArns) => elb.describeTags({ ResourceArns })));
  return new Map(answers.flatMap(({ TagDescriptions = [] }) => TagDescriptions.map(({ ResourceArn = '', Tags = [] }) => [ResourceArn, Tags] as const)));
}
