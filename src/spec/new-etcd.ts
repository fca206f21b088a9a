import type { NewClusterOptions } from './new-cluster.ts';
import type { EtcdClusterSpec } from './types.ts';

/** One etcd cluster for each name (main, events, …), with a member on every control plane. */
export function etcdClusters(options: NewClusterOptions, controlPlanes: readonly { name: string }[]): EtcdClusterSpec[] {
  const memberNames = etcdMemberNames(controlPlanes.map((group) => group.name));
  const wished = options.etcdClusters ?? ['main', 'events'];
  const names = options.networking === 'cilium-etcd' && !wished.includes('cilium') ? [...wished, 'cilium'] : wished;
  return names.map((name) => ({
    cpuRequest: name === 'main' ? '200m' : '100m',
    etcdMembers: controlPlanes.map((group, i) => ({
      ...((options.encryptEtcdStorage ?? true) ? { encryptedVolume: true } : {}),
      instanceGroup: group.name,
      name: memberNames[i] ?? '',
      ...(options.etcdStorageType === undefined ? {} : { volumeType: options.etcdStorageType }),
    })),
    manager: { backupRetentionDays: 90 },
    memoryRequest: '100Mi',
    name,
  }));
}

/** `control-plane-us-east-1a`, `…-1b` → `a`, `b`: what they have in common is cut, one letter always stays. */
export function etcdMemberNames(groupNames: readonly string[]): string[] {
  const names = groupNames.map((name) => name.replace(/^control-plane-/, ''));
  const [first = ''] = names;
  let common = 0;
  while (common < first.length - 1 && names.every((name) => name.startsWith(first.slice(0, common + 1)))) common++;
  return names.map((name) => name.slice(common)).map((name) => (/^\d/.test(name) ? `etcd-${name}` : name));
}
