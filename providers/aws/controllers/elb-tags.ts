import type { AwsApi } from '../api/clients.ts';
import { inBatches } from '../api/parallel.ts';
import type { AwsTag } from './names.ts';

/** ELBv2 tells the tags of so many at a time. */
const atOnce = 20;

/** Tags by ARN. */
export async function tagsOf(aws: AwsApi, arns: readonly string[]): Promise<Map<string, AwsTag[]>> {
  const elb = await aws.service('elbv2');
  const described = await inBatches(arns, atOnce, async (ResourceArns) => (await elb.describeTags({ ResourceArns })).TagDescriptions ?? []);
  return new Map(described.map(({ ResourceArn = '', Tags = [] }) => [ResourceArn, Tags]));
}
