import type { Findings } from '../findings.ts';
import { hintFor } from '../schema.ts';
import type { Cluster, EtcdClusterSpec, InstanceGroup } from '../types.ts';

const names = ['main', 'events', 'leases', 'cilium'];

export function checkEtcd(cluster: Cluster, groups: readonly InstanceGroup[], findings: Findings): void {
  const clusters = cluster.spec.etcdClusters ?? [];
  if (clusters.length === 0) {
    findings.error('spec.etcdClusters', 'at least the etcd cluster "main" is required');
    return;
  }
  if (!clusters.some((etcd) => etcd.name === 'main')) findings.error('spec.etcdClusters', 'one of them must be named "main"');
  const controlPlanes = groups.filter((group) => group.spec.role === 'Master').map((group) => group.metadata.name);
  const seen = new Set<string>();
  for (const [i, etcd] of clusters.entries()) {
    const path = `spec.etcdClusters[${i}]`;
    if (!names.includes(etcd.name)) findings.error(`${path}.name`, `must be one of ${names.join(', ')}, not ${JSON.stringify(etcd.name)}`, hintFor(String(etcd.name), names));
    if (seen.has(etcd.name)) findings.error(`${path}.name`, `${etcd.name} is used twice`);
    seen.add(etcd.name);
    checkMembers(etcd, `${path}.etcdMembers`, controlPlanes, findings);
    checkManagement(etcd, path, clusters, findings);
    checkBackups(etcd, path, clusters.slice(0, i), findings);
  }
}

function checkMembers(etcd: EtcdClusterSpec, path: string, controlPlanes: readonly string[], findings: Findings): void {
  const members = etcd.etcdMembers ?? [];
  if (members.length % 2 === 0) findings.error(path, `${members.length} members cannot form a majority: the number must be odd`);
  const memberNames = new Set<string>();
  for (const [i, member] of members.entries()) {
    if (!member.instanceGroup) findings.error(`${path}[${i}].instanceGroup`, 'is required');
    if (!member.name) findings.error(`${path}[${i}].name`, 'is required');
    else if (memberNames.has(member.name)) findings.error(`${path}[${i}].name`, `${member.name} is used twice`);
    memberNames.add(member.name);
    if (member.instanceGroup && !controlPlanes.includes(member.instanceGroup)) {
      findings.error(
        `${path}[${i}].instanceGroup`,
        `${JSON.stringify(member.instanceGroup)} is not a control plane instance group`,
        hintFor(String(member.instanceGroup), controlPlanes),
      );
    }
  }
  for (const group of controlPlanes) {
    if (!members.some((member) => member.instanceGroup === group)) findings.error(path, `control plane instance group ${group} has no member in etcd cluster ${etcd.name}`);
  }
}

const oldestEtcd = [1, 12];

function checkBackups(etcd: EtcdClusterSpec, path: string, before: readonly EtcdClusterSpec[], findings: Findings): void {
  const store = backupStore(etcd);
  if (store === undefined) return;
  const other = before.find((one) => backupStore(one) === store);
  if (other) findings.error(`${path}.backups.backupStore`, `${store} is the backup store of etcd cluster ${other.name} already`, 'give each a folder of its own');
  if (/^(file|\/)/.test(store)) findings.error(`${path}.backups.backupStore`, `machines of the cluster cannot read ${store}`, 'for example s3://my-bucket/backups/main');
}

function backupStore(etcd: EtcdClusterSpec): string | undefined {
  return (etcd.backups as { backupStore?: string } | undefined)?.backupStore?.replace(/\/+$/, '');
}

function checkManagement(etcd: EtcdClusterSpec, path: string, clusters: readonly EtcdClusterSpec[], findings: Findings): void {
  if (etcd.provider !== undefined && etcd.provider !== 'Manager') findings.error(`${path}.provider`, `must be Manager, not ${JSON.stringify(etcd.provider)}`);
  if (etcd.image !== undefined && etcd.version === undefined) findings.error(`${path}.image`, 'needs a version, too');
  const [, minor, patch] = /^v?3\.(\d+)\.(\d+)$/.exec(etcd.version ?? '')?.map(Number) ?? [];
  if (etcd.version !== undefined && (minor === undefined || patch === undefined))
    findings.error(`${path}.version`, `${JSON.stringify(etcd.version)} is not a version of etcd 3`, 'for example 3.6.12');
  else if (minor !== undefined && patch !== undefined && (minor < (oldestEtcd[0] ?? 0) || (minor === oldestEtcd[0] && patch < (oldestEtcd[1] ?? 0))))
    findings.error(`${path}.version`, `${etcd.version} is too old`, `the oldest that is supported is 3.${oldestEtcd.join('.')}`);
  const other = clusters.find((one) => one.version !== undefined && etcd.version !== undefined && one.version !== etcd.version);
  if (other) findings.error(`${path}.version`, `is ${etcd.version}, but etcd cluster ${other.name} has ${other.version}: all need the same`);
  const days = etcd.manager?.backupRetentionDays;
  if (days !== undefined && days < 1) findings.error(`${path}.manager.backupRetentionDays`, `must be 1 or more, not ${days}`);
}
