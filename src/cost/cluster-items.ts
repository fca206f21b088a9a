import type { UsagePrice } from '../cloud/catalog.ts';
import type { Count, PricedItem } from '../cloud/provider.ts';
import { isKarpenterGroup } from '../spec/complete-instance-group.ts';
import type { ClusterSpec, InstanceGroup } from '../spec/types.ts';

const one: Count = { min: 1, desired: 1, max: 1 };

/** What a cluster as a whole is billed for, whatever the provider: the zone its names are in, traffic, objects, snapshots. */
export function clusterItems({ subnets = [], topology }: ClusterSpec): PricedItem[] {
  const zones = new Set(subnets.flatMap((subnet) => subnet.zone ?? []));
  const named = (topology?.dns?.type ?? 'None') !== 'None';
  return [...(named ? [{ item: 'hostedZone', count: one } as const, used('dnsQueriesMillion')] : []), ...usedBy(zones.size).map(used)];
}

/** Groups whose machines are chosen by what they are needed for: in no estimate. */
export function unknownMachines(groups: readonly InstanceGroup[]): string[] {
  return groups.filter(isKarpenterGroup).map((group) => `InstanceGroup/${group.metadata.name}: the machines that Karpenter starts`);
}

/** Traffic between zones needs several. */
function usedBy(zones: number): UsagePrice[] {
  const traffic: UsagePrice[] = zones > 1 ? ['interZoneGb', 'crossRegionGb', 'internetGb'] : ['crossRegionGb', 'internetGb'];
  return [...traffic, 'objectStorageGbMonth', 'objectPuts1k', 'objectGets1k', 'snapshotGbMonth'];
}

function used(of: UsagePrice): PricedItem {
  return { item: 'usage', of, count: one };
}
