import { isKarpenterGroup } from '../../spec/complete-instance-group.ts';
import type { WhatIf } from './what-if.ts';

/** All workers as spot machines, of the types they have. */
export const spot: WhatIf = ({ cluster, instanceGroups }) => {
  let changed = 0;
  const groups = instanceGroups.map((group) => {
    if (group.spec.role !== 'Node' || isKarpenterGroup(group)) return group;
    changed++;
    const { maxPrice: _, mixedInstancesPolicy, ...spec } = group.spec;
    const policy = mixedInstancesPolicy as { instances?: string[] } | undefined;
    const instances = policy?.instances ?? (spec.machineType ?? '').split(',');
    return { ...group, spec: { ...spec, mixedInstancesPolicy: { spotAllocationStrategy: 'capacity-optimized', ...policy, instances, onDemandBase: 0, onDemandAboveBase: 0 } } };
  });
  return { cluster, instanceGroups: groups, notes: changed > 0 ? [] : ['there are no workers to buy as spot machines'] };
};
