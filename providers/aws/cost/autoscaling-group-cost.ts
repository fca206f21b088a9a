import type { CostContext, Count, PricedItem } from '../../../src/cloud/provider.ts';
import type { AwsAttributes } from '../attributes.ts';
import { architectureOf } from '../prices.ts';
import { volumeItems } from './volume-items.ts';

type Group = AwsAttributes['AutoscalingGroup'];
type Template = AwsAttributes['LaunchTemplate'];

/** EC2 publishes this many metrics of an instance in detail. */
const detailedMetrics = 7;

/** Machines on demand and spot, with their disks, public addresses and monitoring; of a warm pool the disks alone. */
export function autoscalingGroupCost(group: Group, context: CostContext): PricedItem[] {
  const template = context.related(group.launchTemplate.id) as Template | undefined;
  if (!template) return [];
  const count = sizes(group, context.size);
  return [
    ...machines(group, template, count),
    ...disks(template, count),
    ...(template.networkInterface.associatePublicIpAddress ? [{ item: 'publicIpv4', count } as const] : []),
    ...(template.monitoring ? [{ item: 'metric', count: each(count, (machine) => machine * detailedMetrics) } as const] : []),
    ...(group.warmPool ? disks(template, warmPoolSize(group, group.warmPool, count), 'warm pool') : []),
    ...credits(template, count),
  ];
}

/** A group begins with its least size. */
function sizes({ minSize, maxSize }: Group, size: number | undefined): Count {
  return { min: minSize, desired: Math.min(Math.max(size ?? minSize, minSize), maxSize), max: maxSize };
}

function machines(group: Group, template: Template, count: Count): PricedItem[] {
  const machineType = group.overrideInstanceTypes?.[0] ?? template.instanceType;
  const tenancy = template.placementTenancy === 'dedicated' ? ({ tenancy: 'dedicated' } as const) : {};
  const onDemand = each(count, (total) => onDemandPart(group, template, total));
  const spot = { min: count.min - onDemand.min, desired: count.desired - onDemand.desired, max: count.max - onDemand.max };
  const limit = Number(template.marketOptions?.maxPrice ?? group.spotMaxPrice);
  const maxPrice = limit > 0 ? { maxPrice: limit } : {};
  return [
    ...(onDemand.max > 0 || spot.max === 0 ? [{ item: 'instance', machineType, ...tenancy, count: onDemand } as const] : []),
    ...(spot.max > 0 ? [{ item: 'instance', machineType, purchase: 'spot', ...maxPrice, ...tenancy, count: spot } as const] : []),
  ];
}

/** A template may ask for spot alone, a mixed instances policy for a part: the share above the base is rounded up. Otherwise everything is on demand. */
function onDemandPart(group: Group, { marketOptions }: Template, total: number): number {
  const { overrideInstanceTypes, instanceRequirements, onDemandBaseCapacity = 0, onDemandPercentageAboveBaseCapacity = 100 } = group;
  if (marketOptions) return 0;
  if (!overrideInstanceTypes && !instanceRequirements) return total;
  const base = Math.min(total, onDemandBaseCapacity);
  return base + Math.ceil(((total - base) * onDemandPercentageAboveBaseCapacity) / 100);
}

function disks({ blockDeviceMappings }: Template, count: Count, of?: string): PricedItem[] {
  return blockDeviceMappings.flatMap(({ ebs }) => (ebs ? volumeItems(ebs, count, of) : []));
}

/** Stopped machines fill the group up to the prepared capacity, which is its greatest size when nothing is said. */
function warmPoolSize({ maxSize }: Group, { minSize, maxGroupPreparedCapacity = maxSize }: NonNullable<Group['warmPool']>, count: Count): Count {
  return each(count, (running) => Math.max(minSize, maxGroupPreparedCapacity - running));
}

/** Burstable machines may buy CPU beyond their baseline. */
function credits({ instanceType, creditSpecification }: Template, count: Count): PricedItem[] {
  if (!/^t\d/.test(instanceType) || creditSpecification?.cpuCredits === 'standard') return [];
  return [{ item: 'usage', of: architectureOf(instanceType) === 'arm64' ? 'cpuCreditHourArm64' : 'cpuCreditHour', count }];
}

function each({ min, desired, max }: Count, change: (value: number) => number): Count {
  return { min: change(min), desired: change(desired), max: change(max) };
}
