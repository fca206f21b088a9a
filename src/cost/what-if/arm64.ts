import type { Catalog } from '../../cloud/catalog.ts';
import type { InstanceGroup } from '../../spec/types.ts';
import type { WhatIf } from './what-if.ts';

/** Every machine as the corresponding one with arm64; the images follow. */
export const arm64: WhatIf = ({ cluster, instanceGroups }, catalog) => {
  const notes = new Set<string>();
  return { cluster, instanceGroups: instanceGroups.map((group) => onArm64(group, catalog, notes)), notes: [...notes] };
};

function onArm64(group: InstanceGroup, catalog: Catalog, notes: Set<string>): InstanceGroup {
  const counterpart = (machineType: string): string => {
    const found = catalog.counterpart?.(machineType, 'arm64');
    if (found === undefined) notes.add(`no machine type with arm64 corresponds to ${machineType}`);
    return found ?? machineType;
  };
  const { image: _, machineType, mixedInstancesPolicy, ...spec } = group.spec;
  const policy = mixedInstancesPolicy as { instances?: string[] } | undefined;
  return {
    ...group,
    spec: {
      ...spec,
      ...(machineType === undefined ? {} : { machineType: machineType.split(',').map(counterpart).join(',') }),
      ...(policy ? { mixedInstancesPolicy: { ...policy, ...(policy.instances ? { instances: policy.instances.map(counterpart) } : {}) } } : {}),
    },
  };
}
