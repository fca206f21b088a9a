import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { AwsApi } from '../api/clients.ts';
import { allPages } from '../api/parallel.ts';
import type { Inventory } from './inventory.ts';
import { ownedFilter } from './ownership.ts';

/** The cluster's groups with their instances, also those that are being deleted. */
export async function describeGroups(aws: AwsApi, cluster: string): Promise<AutoScalingGroup[]> {
  const autoscaling = await aws.service('autoscaling');
  return allPages(async (NextToken) => {
    const page = await autoscaling.describeAutoScalingGroups({ Filters: ownedFilter(cluster), MaxRecords: 100, NextToken });
    return { items: page.AutoScalingGroups, next: page.NextToken };
  });
}

export function groupsOf(inventory: Inventory): Promise<AutoScalingGroup[]> {
  return inventory.once('auto scaling groups', () => describeGroups(inventory.aws, inventory.clusterName));
}
