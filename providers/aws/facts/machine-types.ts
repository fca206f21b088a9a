import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { Facts } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages } from '../api/parallel.ts';

type MachineTypes = NonNullable<Facts['machineTypes']>;

/** By name; types that the region does not have have no answer. */
export async function lookUpMachineTypes(aws: AwsApi, names: readonly string[], abortSignal: AbortSignal): Promise<MachineTypes> {
  const ec2 = await aws.service('ec2');
  const found = await allPages(async (NextToken) => {
    const page = await ec2.describeInstanceTypes({ Filters: [{ Name: 'instance-type', Values: [...names] }], NextToken }, { abortSignal });
    return { items: page.InstanceTypes, next: page.NextToken };
  });
  return Object.fromEntries(found.map((type) => [type.InstanceType, fact(type)]));
}

function fact({ ProcessorInfo, VCpuInfo, MemoryInfo, InstanceStorageInfo, GpuInfo }: InstanceTypeInfo): MachineTypes[string] {
  const disks = (InstanceStorageInfo?.Disks ?? []).reduce((sum, { Count = 0 }) => sum + Count, 0);
  const gpus = (GpuInfo?.Gpus ?? []).reduce((sum, { Count = 0 }) => sum + Count, 0);
  return {
    architecture: ProcessorInfo?.SupportedArchitectures?.some((name) => name.startsWith('arm64')) ? 'arm64' : 'amd64',
    vcpus: VCpuInfo?.DefaultVCpus ?? 0,
    memoryGib: (MemoryInfo?.SizeInMiB ?? 0) / 1024,
    ...(disks > 0 ? { instanceStoreDisks: disks } : {}),
    ...(gpus > 0 ? { gpus } : {}),
  };
}
