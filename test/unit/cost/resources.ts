import type { PricedItem, ResourceKind } from '../../../src/cloud/provider.ts';
import type { Costed, CostKinds } from '../../../src/cost/estimate.ts';

/** A group of machines with a disk, a load balancer with traffic, and a network that is free. */
export const kinds: CostKinds = new Map<string, Pick<ResourceKind, 'cost'>>([
  [
    'InstanceGroup',
    {
      cost: ({ machineType, min, max, spot }, context) => {
        const count = { min: Number(min), desired: Math.max(Number(min), context?.size ?? 0), max: Number(max) };
        const items: PricedItem[] = [
          { item: 'instance', machineType: String(machineType), ...(spot ? { purchase: 'spot' } : {}), count },
          { item: 'volume', volumeType: 'gp3', sizeGb: 100, iops: 4000, throughputMbps: 125, count },
        ];
        return items;
      },
    },
  ],
  [
    'LoadBalancer',
    {
      cost: () => [
        { item: 'loadBalancer', class: 'network', count: { min: 1, desired: 1, max: 1 } },
        { item: 'usage', of: 'internetGb', count: { min: 1, desired: 1, max: 1 } },
      ],
    },
  ],
  ['Network', {}],
]);

export const group = (name: string, machineType: string, min: number, max: number, more: Partial<Costed> = {}): Costed => ({
  kind: 'InstanceGroup',
  name,
  instanceGroup: name,
  attributes: { machineType, min, max },
  ...more,
});

export const balancer: Costed = { kind: 'LoadBalancer', name: 'api', attributes: {} };
export const network: Costed = { kind: 'Network', name: 'net', attributes: {} };
