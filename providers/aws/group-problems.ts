import type { Activity, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { AwsApi } from './api/clients.ts';
import { inParallel } from './api/parallel.ts';
import { ifThere } from './resources/adopt.ts';

/** What a group tried last is enough to tell why it is short. */
const activitiesLookedAt = 5;

/** Why groups have fewer instances than they should, by the group's name: no capacity, a quota, a template that cannot be launched. */
export async function problemsOf(aws: AwsApi, groups: readonly AutoScalingGroup[]): Promise<Map<string, string>> {
  const short = groups.filter(({ Instances = [], DesiredCapacity = 0 }) => Instances.length < DesiredCapacity);
  const autoscaling = await aws.service('autoscaling');
  const found = await inParallel(short, async ({ AutoScalingGroupName = '' }): Promise<[string, string | undefined]> => {
    const answer = await ifThere(autoscaling.describeScalingActivities({ AutoScalingGroupName, MaxRecords: activitiesLookedAt }));
    return [AutoScalingGroupName, lastFailure(answer?.Activities ?? [])];
  });
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The newest come first. What succeeded since is over. */
function lastFailure(activities: readonly Activity[]): string | undefined {
  const [last] = activities.filter(({ StatusCode }) => StatusCode === 'Failed' || StatusCode === 'Successful');
  return last?.StatusCode === 'Failed' ? last.StatusMessage : undefined;
}
