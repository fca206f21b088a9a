import type { WhatIf } from './what-if.ts';

/** Stands for the gateway of the first zone, seen from the others. */
const sharedGateway = 'nat-00000000000000000';

/** One NAT gateway, in the first zone, for the private subnets of all zones. */
export const singleNat: WhatIf = ({ cluster, instanceGroups }) => {
  const own = (cluster.spec.subnets ?? []).filter(({ type, egress }) => type === 'Private' && egress === undefined);
  const zones = [...new Set(own.map((subnet) => subnet.zone))];
  if (zones.length < 2) return { cluster, instanceGroups, notes: [zones.length === 0 ? 'there is no NAT gateway' : 'there is only one NAT gateway'] };
  const subnets = cluster.spec.subnets?.map((subnet) => (own.includes(subnet) && subnet.zone !== zones[0] ? { ...subnet, egress: sharedGateway } : subnet));
  return {
    cluster: { ...cluster, spec: { ...cluster.spec, ...(subnets ? { subnets } : {}) } },
    instanceGroups,
    notes: ['traffic of the other zones crosses zones on its way out, and all of them depend on the first'],
  };
};
