import { table } from '../../lib/text.ts';
import type { ClusterHealth } from '../../operations/cluster-health.ts';
import type { InstanceRow } from '../../operations/get-instances.ts';
import type { Cluster, InstanceGroup } from '../../spec/types.ts';

/** kops' tables: column heads and their order are what scripts match on. */
type Rows = readonly (readonly string[])[];

export function clustersTable(clusters: readonly Cluster[], options: { wide?: boolean } = {}): string {
  const rows = clusters.map((cluster) => {
    const { kubernetesVersion = '', networkCIDR = '', cloudProvider = '' } = cluster.spec;
    return [cluster.metadata.name, cloudProvider, zonesOf(cluster).join(','), ...(options.wide ? [kubernetesVersion, networkCIDR] : [])];
  });
  return rendered(['NAME', 'CLOUD', 'ZONES', ...(options.wide ? ['VERSION', 'NETWORK'] : [])], rows);
}

export function instanceGroupsTable(groups: readonly InstanceGroup[], cluster: Cluster, options: { wide?: boolean } = {}): string {
  const subnets = cluster.spec.subnets ?? [];
  const zones = (group: InstanceGroup) => [...new Set((group.spec.subnets ?? []).map((name) => subnets.find((subnet) => subnet.name === name)?.zone ?? name))].join(',');
  const more = ({ spec }: InstanceGroup) => (options.wide ? [spec.image ?? '', size(spec.rootVolumeSize), (spec.subnets ?? []).join(',')] : []);
  const rows = groups.map((group) => {
    const { minSize, maxSize, machineType = '' } = group.spec;
    return [group.metadata.name, roleOf(group), machineType, size(minSize), size(maxSize), zones(group), ...more(group)];
  });
  return rendered(['NAME', 'ROLE', 'MACHINETYPE', 'MIN', 'MAX', 'ZONES', ...(options.wide ? ['IMAGE', 'VOLUME', 'SUBNETS'] : [])], rows);
}

export function instancesTable(instances: readonly InstanceRow[]): string {
  const head = ['ID', 'NODE-NAME', 'STATUS', 'ROLES', 'STATE', 'INTERNAL-IP', 'EXTERNAL-IP', 'INSTANCE-GROUP', 'MACHINE-TYPE'];
  return rendered(
    head,
    instances.map((row) => [row.id, row.nodeName, row.status, row.roles.join(','), row.state, row.internalIP, row.externalIP, row.instanceGroup, row.machineType]),
  );
}

/** The three tables of `validate cluster` and its last line. */
export function healthTables(clusterName: string, groups: readonly InstanceGroup[], health: ClusterHealth): string {
  const groupRows = groups.map((group) => [
    group.metadata.name,
    roleOf(group),
    group.spec.machineType ?? '',
    size(group.spec.minSize),
    size(group.spec.maxSize),
    (group.spec.subnets ?? []).join(','),
  ]);
  const parts = [
    `INSTANCE GROUPS\n${rendered(['NAME', 'ROLE', 'MACHINETYPE', 'MIN', 'MAX', 'SUBNETS'], groupRows)}`,
    `NODE STATUS\n${rendered(
      ['NAME', 'ROLE', 'READY'],
      health.nodes.map((node) => [node.name, node.role, node.status]),
    )}`,
  ];
  if (health.failures.length === 0) return [...parts, `Your cluster ${clusterName} is ready\n`].join('\n');
  const failures = rendered(
    ['KIND', 'NAME', 'MESSAGE'],
    health.failures.map((failure) => [failure.kind, failure.name, failure.message]),
  );
  return [...parts, `VALIDATION ERRORS\n${failures}`, 'Validation Failed\n'].join('\n');
}

export interface DeletionRow {
  type: string;
  name: string;
  id: string;
}

export function deletionTable(rows: readonly DeletionRow[]): string {
  return rendered(
    ['TYPE', 'NAME', 'ID'],
    rows.map((row) => [row.type, row.name, row.id]),
  );
}

export function zonesOf(cluster: Cluster): string[] {
  return [...new Set((cluster.spec.subnets ?? []).flatMap((subnet) => subnet.zone ?? []))].sort();
}

/** kops writes `Master` into files and `ControlPlane` into tables. */
function roleOf(group: InstanceGroup): string {
  return group.spec.role === 'Master' ? 'ControlPlane' : group.spec.role;
}

function size(value: number | undefined): string {
  return value === undefined ? '-' : String(value);
}

/** Rows sorted by their text, as in kops. */
export function rendered(head: readonly string[], rows: Rows): string {
  const sorted = [...rows].sort((a, b) => (a.join('\t') < b.join('\t') ? -1 : 1));
  return table([head, ...sorted], 2);
}
