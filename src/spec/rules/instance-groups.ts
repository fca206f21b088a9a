import { isKarpenterGroup } from '../complete-instance-group.ts';
import type { Findings } from '../findings.ts';
import type { SpecCatalog } from '../provider-view.ts';
import { hintFor } from '../schema.ts';
import { type Cluster, clusterLabel, type InstanceGroup } from '../types.ts';
import { volumeTypes } from './hosts.ts';
import { checkKarpenter } from './karpenter.ts';
import { checkMachineTypes } from './mixed-instances.ts';

const roles = ['Master', 'Node', 'APIServer', 'Bastion'];

/** What holds for all groups together. */
export function checkInstanceGroups(groups: readonly InstanceGroup[], findings: Findings): void {
  if (!groups.some((group) => group.spec.role === 'Master')) findings.error('spec', 'the cluster has no control plane instance group');
  if (!groups.some((group) => group.spec.role === 'Node')) findings.error('spec', 'the cluster has no instance group of role Node');
}

export function checkInstanceGroup(group: InstanceGroup, cluster: Cluster, catalog: SpecCatalog, findings: Findings): void {
  const { metadata, spec } = group;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(metadata.name) || metadata.name.length > 63)
    findings.error('metadata.name', 'must be lower case letters, digits, - and ., at most 63 characters');
  const label = metadata.labels?.[clusterLabel];
  if (label !== undefined && label !== cluster.metadata.name) findings.error(`metadata.labels["${clusterLabel}"]`, `is ${label}, but the cluster is ${cluster.metadata.name}`);
  if (!roles.includes(spec.role)) findings.error('spec.role', `must be one of ${roles.join(', ')}, not ${JSON.stringify(spec.role)}`, hintFor(String(spec.role), roles));
  if (spec.role === 'APIServer' && cluster.spec.topology?.dns?.type === 'None')
    findings.error('spec.role', 'a cluster without DNS has no machines for the API server alone', 'set spec.topology.dns.type of the cluster to Public or Private');
  if (isKarpenterGroup(group)) checkKarpenter(group, cluster, findings);
  else checkSizes(group, findings);
  checkMachine(group, findings);
  checkMachineTypes(group, catalog, findings);
  checkVolume(group, findings);
  checkSubnetNames(group, cluster, findings);
  checkZones(group, cluster, findings);
  checkTaintsAndLabels(group, findings);
}

function checkSizes({ spec }: InstanceGroup, findings: Findings): void {
  const { minSize = 0, maxSize = 0 } = spec;
  if (minSize < 0) findings.error('spec.minSize', 'must be 0 or more');
  if (maxSize < minSize) findings.error('spec.maxSize', `${maxSize} is less than minSize ${minSize}`, `set maxSize to at least ${minSize}`);
  if (spec.role !== 'Master') return;
  if (minSize !== 1) findings.error('spec.minSize', 'must be 1: each control plane has an instance group of its own');
  if (maxSize !== 1) findings.error('spec.maxSize', 'must be 1: each control plane has an instance group of its own');
}

function checkMachine({ spec }: InstanceGroup, findings: Findings): void {
  if (!spec.machineType && spec.manager !== 'Karpenter') findings.error('spec.machineType', 'is required');
  if (!spec.image) findings.error('spec.image', 'is required');
}

function checkVolume({ spec }: InstanceGroup, findings: Findings): void {
  if (spec.rootVolumeSize !== undefined && spec.rootVolumeSize <= 0) findings.error('spec.rootVolumeSize', 'must be more than 0');
  const type = spec.rootVolumeType;
  if (type !== undefined && !volumeTypes.includes(type)) findings.error('spec.rootVolumeType', `must be one of ${volumeTypes.join(', ')}, not ${type}`, hintFor(type, volumeTypes));
  if (spec.rootVolumeIops !== undefined && spec.rootVolumeIops <= 0) findings.error('spec.rootVolumeIops', 'must be more than 0');
  if (spec.rootVolumeThroughput !== undefined && spec.rootVolumeThroughput <= 0) findings.error('spec.rootVolumeThroughput', 'must be more than 0');
}

function checkSubnetNames({ spec }: InstanceGroup, cluster: Cluster, findings: Findings): void {
  const known = (cluster.spec.subnets ?? []).map((subnet) => subnet.name);
  if ((spec.subnets ?? []).length === 0) findings.error('spec.subnets', 'at least one subnet is required');
  for (const [i, name] of (spec.subnets ?? []).entries()) {
    if (!known.includes(name)) findings.error(`spec.subnets[${i}]`, `the cluster has no subnet ${JSON.stringify(name)}`, hintFor(name, known) ?? `it has ${known.join(', ')}`);
  }
}

/** Zones say more narrowly where a group's machines run: they must be zones of its subnets. */
function checkZones({ spec }: InstanceGroup, cluster: Cluster, findings: Findings): void {
  const zones = (cluster.spec.subnets ?? []).filter((subnet) => spec.subnets?.includes(subnet.name)).flatMap((subnet) => subnet.zone ?? []);
  if (zones.length === 0) return;
  for (const [i, zone] of (spec.zones ?? []).entries())
    if (!zones.includes(zone)) findings.error(`spec.zones[${i}]`, `none of the group's subnets is in zone ${zone}`, hintFor(zone, zones) ?? `they are in ${zones.join(', ')}`);
}

function checkTaintsAndLabels({ metadata, spec }: InstanceGroup, findings: Findings): void {
  const seen = new Set<string>();
  for (const [i, taint] of (spec.taints ?? []).entries()) {
    const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(taint);
    if (!match) findings.error(`spec.taints[${i}]`, `${JSON.stringify(taint)} is not a taint`, 'write it as key=value:NoSchedule, PreferNoSchedule or NoExecute');
    else if (seen.has(`${match[1]}:${match[3]}`)) findings.error(`spec.taints[${i}]`, `${match[1]}:${match[3]} is given twice`);
    if (match) seen.add(`${match[1]}:${match[3]}`);
  }
  for (const [key, value] of Object.entries(spec.nodeLabels ?? {})) {
    if (key.split('/').length > 2) findings.error(`spec.nodeLabels["${key}"]`, 'may contain one slash at most');
    if (key === 'kops.k8s.io/instancegroup' && value !== metadata.name)
      findings.warning(`spec.nodeLabels["${key}"]`, `is ${value}, but the instance group is ${metadata.name}`, 'leave it out');
  }
}
