import { resourceKey } from '../cloud/resource.ts';
import type { Cluster, InstanceGroup } from '../spec/types.ts';
import { openStoredCluster } from './cluster-context.ts';
import { type InstanceRow, instanceRows } from './get-instances.ts';
import type { Operator } from './operator.ts';

/** Everything there is to know about a cluster, for a bug report or a script. */
export interface ClusterDump {
  cluster: Cluster;
  instanceGroups: readonly InstanceGroup[];
  instances: InstanceRow[];
  /** In the cloud, sorted by type and name. */
  resources: { type: string; name: string; id: string; shared: boolean; instanceGroup?: string; attributes: Readonly<Record<string, unknown>> }[];
}

/** Reads the specs and the cloud; changes nothing. Throws CLUSTER_NOT_FOUND. */
export function dumpCluster(operator: Operator, name: string): Promise<ClusterDump> {
  return openStoredCluster(operator, name, async (provider, { cluster, instanceGroups }) => {
    const [inventory, groups] = await Promise.all([provider.inventory(name, operator.environment.signal), provider.instances.groups(name)]);
    const sorted = [...inventory].sort((a, b) => (resourceKey(a) < resourceKey(b) ? -1 : 1));
    return {
      cluster,
      instanceGroups,
      instances: instanceRows(groups, instanceGroups),
      resources: sorted.map(({ kind, name: resource, id, owned, instanceGroup, attributes }) => ({
        type: kind,
        name: resource,
        id,
        shared: !owned,
        ...(instanceGroup === undefined ? {} : { instanceGroup }),
        attributes,
      })),
    };
  });
}
