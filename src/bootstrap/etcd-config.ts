import { parseDurationMs } from '../lib/text.ts';
import type { Cluster, EtcdClusterSpec } from '../spec/types.ts';
import { defaultEtcdVersion, etcdArchives } from './etcd-release.ts';
import type { EtcdConfig } from './node-config.ts';

/** Members look often: etcd lets none in whose address is not known. */
const discoveryMs = 10_000;

/** What the spec says of the etcd cluster that holds the API's objects. */
export function etcdConfig(cluster: Cluster, mirror: string | undefined): EtcdConfig {
  const main = cluster.spec.etcdClusters?.find(({ name }) => name === 'main');
  const version = etcdVersion(main);
  const archives = etcdArchives(version, mirror);
  const [heartbeatMs, electionMs] = [durationOf(main?.heartbeatInterval), durationOf(main?.leaderElectionTimeout)];
  return {
    members: (main?.etcdMembers ?? []).map(({ name }) => name).sort(),
    version,
    ...(archives ? { archives } : {}),
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...(electionMs === undefined ? {} : { electionMs }),
    discoveryMs: durationOf(main?.manager?.discoveryPollInterval) ?? discoveryMs,
  };
}

/** `3.5.27`, also where the spec says `v3.5.27`. */
export function etcdVersion(etcd: EtcdClusterSpec | undefined): string {
  return etcd?.version?.replace(/^v/, '') ?? defaultEtcdVersion;
}

function durationOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? parseDurationMs(value) : undefined;
  return ms === undefined || ms <= 0 ? undefined : ms;
}
