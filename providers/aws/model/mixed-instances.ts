import { parseQuantity } from '../../../src/kube/quantity.ts';
import type { AwsAttributes, InstanceRequirements } from '../attributes.ts';
import type { AwsGroupSpec, MixedInstancesPolicySpec, QuantityRange } from '../aws-spec.ts';

type Policy = Pick<
  AwsAttributes['AutoscalingGroup'],
  | 'overrideInstanceTypes'
  | 'instanceRequirements'
  | 'onDemandAllocationStrategy'
  | 'onDemandBaseCapacity'
  | 'onDemandPercentageAboveBaseCapacity'
  | 'spotAllocationStrategy'
  | 'spotInstancePools'
  | 'spotMaxPrice'
>;

const nanosPerOne = 1_000_000_000n;
const bytesPerMegabyte = 1_000_000n;

/** Several types, on demand and spot, in one group. Nothing for groups of one type. */
export function mixedInstances({ mixedInstancesPolicy: policy, maxPrice }: AwsGroupSpec): Policy {
  if (!policy) return {};
  return {
    overrideInstanceTypes: policy.instances ?? [],
    instanceRequirements: requirements(policy),
    onDemandAllocationStrategy: policy.onDemandAllocationStrategy,
    onDemandBaseCapacity: policy.onDemandBase,
    onDemandPercentageAboveBaseCapacity: policy.onDemandAboveBase,
    spotAllocationStrategy: policy.spotAllocationStrategy,
    spotInstancePools: policy.spotInstancePools,
    spotMaxPrice: maxPrice ?? '',
  };
}

function requirements({ instanceRequirements: wanted }: MixedInstancesPolicySpec): InstanceRequirements | undefined {
  if (!wanted) return undefined;
  const { cpu, memory, excludedInstanceTypes = [] } = wanted;
  const excluded = excludedInstanceTypes.length > 0 ? { excludedInstanceTypes: excludedInstanceTypes.toSorted() } : {};
  return { vCpuCount: range(cpu, 1n), memoryMiB: range(memory, bytesPerMegabyte), ...excluded };
}

/** In whole units, rounded up. AWS asks for a least amount: none is 0. */
function range({ min, max }: QuantityRange = {}, unit: bigint): { min: number; max?: number } {
  return { min: whole(min, unit) ?? 0, ...(max === undefined ? {} : { max: whole(max, unit) ?? 0 }) };
}

function whole(amount: string | number | undefined, unit: bigint): number | undefined {
  const quantity = amount === undefined ? undefined : parseQuantity(String(amount));
  if (!quantity) return undefined;
  const size = nanosPerOne * unit;
  return Number((quantity.nano + size - 1n) / size);
}
