import type { CostContext, Count, PricedItem } from '../../../src/cloud/provider.ts';
import type { AwsAttributes, AwsKindName } from '../attributes.ts';
import { autoscalingGroupCost } from './autoscaling-group-cost.ts';
import { volumeItems } from './volume-items.ts';

export type AwsCost = (attributes: Readonly<Record<string, unknown>>, context?: CostContext) => PricedItem[];

type CostOf<Kind extends AwsKindName> = (attributes: AwsAttributes[Kind], context: CostContext) => PricedItem[];

const one: Count = { min: 1, desired: 1, max: 1 };
const alone: CostContext = { related: () => undefined };

/** What a kind is billed for. A launch template is billed in the groups that use it; kinds that are not here are free. */
export const awsCosts: Readonly<Partial<Record<AwsKindName, AwsCost>>> = {
  AutoscalingGroup: costOf<'AutoscalingGroup'>(autoscalingGroupCost),
  EBSVolume: costOf<'EBSVolume'>(({ volumeType, size, iops, throughput, encrypted, kmsKeyId }) =>
    volumeItems({ volumeType, volumeSize: size, ...defined({ iops, throughput, kmsKeyId }), encrypted }, one),
  ),
  ElasticIP: costOf<'ElasticIP'>(() => [{ item: 'publicIpv4', count: one }]),
  NatGateway: costOf<'NatGateway'>(() => [
    { item: 'natGateway', count: one },
    { item: 'usage', of: 'natGatewayGb', count: one },
  ]),
  NetworkLoadBalancer: costOf<'NetworkLoadBalancer'>(balancerCost),
  SQSQueue: costOf<'SQSQueue'>(() => [{ item: 'usage', of: 'queueRequestsMillion', count: one }]),
};

/** An internet-facing load balancer has a public address in every subnet, unless an Elastic IP that is billed by itself is put there. */
function balancerCost({ scheme, subnetMappings }: AwsAttributes['NetworkLoadBalancer'], { related }: CostContext): PricedItem[] {
  const open = scheme === 'internet-facing' ? subnetMappings.filter(({ allocationId }) => allocationId === undefined || !related(allocationId)).length : 0;
  return [
    { item: 'loadBalancer', class: 'network', count: one },
    { item: 'usage', of: 'loadBalancerCapacityUnitHour', count: one },
    ...(open > 0 ? [{ item: 'publicIpv4', count: { min: open, desired: open, max: open } } as const] : []),
  ];
}

function costOf<Kind extends AwsKindName>(cost: CostOf<Kind>): AwsCost {
  return (attributes, context) => cost(attributes as unknown as AwsAttributes[Kind], context ?? alone);
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
