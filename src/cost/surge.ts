import { isKarpenterGroup } from '../spec/complete-instance-group.ts';
import type { ClusterSpec, InstanceGroup, RollingUpdateSpec } from '../spec/types.ts';
import type { Estimate } from './estimate.ts';

/** What a rolling update of every group costs beside the machines that are there anyway. */
export interface SurgeCost {
  groups: { name: string /** Machines beyond the group's size. */; machines: number; minutes: number /** USD, once. */; cost: number }[];
  total: number;
}

/** A new machine starts and joins, the old one is drained and goes. */
const minutesEach = 5;

/** Pure. Control planes and bastions are replaced one by one, without machines beyond their number. */
export function surgeCost(cluster: ClusterSpec, groups: readonly InstanceGroup[], estimate: Estimate): SurgeCost {
  const rows = groups.flatMap((group) => {
    const size = group.spec.minSize ?? 0;
    const machines = Math.min(size, maxSurge(cluster.rollingUpdate, group, size));
    if (machines === 0) return [];
    const name = group.metadata.name;
    const minutes = Math.ceil(size / machines) * minutesEach;
    const hour = (machinesMonthly(name, estimate) / size / estimate.hoursPerMonth) * machines;
    return [{ name, machines, minutes, cost: (hour * minutes) / 60 }];
  });
  return { groups: rows, total: rows.reduce((sum, row) => sum + row.cost, 0) };
}

/** The group's setting, the cluster's, then kops' own: one for workers. Shares round up. */
function maxSurge(ofCluster: RollingUpdateSpec | undefined, group: InstanceGroup, size: number): number {
  const { role } = group.spec;
  if (role === 'Master' || role === 'Bastion' || isKarpenterGroup(group)) return 0;
  const wish = group.spec.rollingUpdate?.maxSurge ?? ofCluster?.maxSurge ?? 1;
  const percent = /^(\d+)%$/.exec(String(wish))?.[1];
  return percent === undefined ? Number(wish) : Math.ceil((size * Number(percent)) / 100);
}

/** Of the group's machines, their disks and addresses: what there is one of for each. */
function machinesMonthly(group: string, estimate: Estimate): number {
  const own = estimate.resources.filter((resource) => resource.instanceGroup === group && resource.components.some(({ name }) => name.startsWith('instances')));
  return own.reduce((sum, resource) => sum + resource.monthly.desired, 0);
}
