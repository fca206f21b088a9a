import type { Count, PricedItem } from '../../src/cloud/provider.ts';

type Attributes = Readonly<Record<string, unknown>>;

const one: Count = { min: 1, desired: 1, max: 1 };

/** What the same things are billed for elsewhere; here all of it is free. */
export const localCosts: Readonly<Record<string, (attributes: Attributes) => PricedItem[]>> = {
  Volume: (attributes) => [volumeItem(attributes, one)],
  LoadBalancer: balancerCost,
  InstanceGroup: groupCost,
  Subnet: ({ natGateway }) => (natGateway === true ? natItems : []),
};

const natItems: PricedItem[] = [
  { item: 'natGateway', count: one },
  { item: 'publicIpv4', count: one },
  { item: 'usage', of: 'natGatewayGb', count: one },
];

function groupCost(attributes: Attributes): PricedItem[] {
  const min = Number(attributes.minSize);
  const count: Count = { min, desired: min, max: Number(attributes.maxSize) };
  return [
    ...machines(attributes, count),
    volumeItem(attributes.rootVolume as Attributes, count),
    ...(attributes.publicIp === true ? [{ item: 'publicIpv4', count } as const] : []),
  ];
}

/** `spot`: what the group would buy so, of a size: the share above a base. */
function machines({ machineType, spot }: Attributes, count: Count): PricedItem[] {
  const type = String(machineType);
  if (spot === undefined) return [{ item: 'instance', machineType: type, count }];
  const { onDemandBase, onDemandAboveBase, maxPrice } = spot as { onDemandBase: number; onDemandAboveBase: number; maxPrice?: number };
  const fixed = (total: number) => Math.min(total, onDemandBase) + Math.ceil((Math.max(0, total - onDemandBase) * onDemandAboveBase) / 100);
  const onDemand: Count = { min: fixed(count.min), desired: fixed(count.desired), max: fixed(count.max) };
  const rest: Count = { min: count.min - onDemand.min, desired: count.desired - onDemand.desired, max: count.max - onDemand.max };
  return [
    ...(onDemand.max > 0 ? [{ item: 'instance', machineType: type, count: onDemand } as const] : []),
    ...(rest.max > 0 ? [{ item: 'instance', machineType: type, purchase: 'spot', ...(maxPrice === undefined ? {} : { maxPrice }), count: rest } as const] : []),
  ];
}

function volumeItem(attributes: Attributes, count: Count): PricedItem {
  const { volumeType, sizeGb, iops, throughputMbps } = attributes;
  return {
    item: 'volume',
    volumeType: String(volumeType),
    sizeGb: Number(sizeGb),
    ...(typeof iops === 'number' ? { iops } : {}),
    ...(typeof throughputMbps === 'number' ? { throughputMbps } : {}),
    count,
  };
}

/** A public network load balancer has an address in every zone it serves. */
function balancerCost({ subnets, scheme }: Attributes): PricedItem[] {
  const zones = Array.isArray(subnets) ? Math.max(1, subnets.length) : 1;
  return [
    { item: 'loadBalancer', class: 'network', count: one },
    { item: 'usage', of: 'loadBalancerCapacityUnitHour', count: one },
    ...(scheme === 'internet-facing' ? [{ item: 'publicIpv4', count: { min: zones, desired: zones, max: zones } } as const] : []),
  ];
}
