import type { WhatIf } from './what-if.ts';

/** The same cluster in another region: zone by zone. */
export function inRegion(region: string): WhatIf {
  return ({ cluster, instanceGroups }, catalog) => {
    const moved = (zone: string): string => {
      const from = catalog.regionOf(zone);
      return from === undefined ? zone : `${region}${zone.slice(from.length)}`;
    };
    const subnets = cluster.spec.subnets?.map((subnet) => (subnet.zone === undefined ? subnet : { ...subnet, zone: moved(subnet.zone) }));
    return {
      cluster: { ...cluster, spec: { ...cluster.spec, ...(subnets ? { subnets } : {}) } },
      instanceGroups: instanceGroups.map((group) => (group.spec.zones ? { ...group, spec: { ...group.spec, zones: group.spec.zones.map(moved) } } : group)),
      notes: [],
    };
  };
}
