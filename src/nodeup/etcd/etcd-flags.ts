import { join } from 'node:path';
import type { EtcdConfig } from '../../bootstrap/node-config.ts';

/** kops' ports of the etcd cluster `main`, which the rules of the cluster's firewalls know. */
const peerPort = 2380;
const clientPort = 4001;

export interface EtcdPlace {
  clusterName: string;
  /** Which member this machine is: `a`. */
  member: string;
  ip: string;
  /** Where the member's volume is mounted. */
  volume: string;
  /** Folder of the certificates. */
  certificates: string;
}

/** `a` → `etcd-a`, as etcd-manager names it. */
export function etcdName(member: string): string {
  return `etcd-${member}`;
}

/** The name that a member keeps wherever it runs: it is written into every member's data. */
export function etcdHost(member: string, clusterName: string): string {
  return `${etcdName(member)}.internal.${clusterName}`;
}

/** Where this machine's own API server asks its member. */
export function clientUrl(ip: string): string {
  return `https://${ip}:${clientPort}`;
}

/** Where the others reach a member, wherever it runs. */
export function peerUrl(member: string, clusterName: string): string {
  return `https://${etcdHost(member, clusterName)}:${peerPort}`;
}

export function etcdToken(clusterName: string): string {
  return `etcd-main.${clusterName}`;
}

/** As etcd-manager lays it out: `data`, and in it the cluster's token. */
export function dataFolder(volume: string, clusterName: string): string {
  return join(volume, 'data', etcdToken(clusterName));
}

export const certificateFiles = {
  peer: { certificate: 'peer.crt', privateKey: 'peer.key', authority: 'peer-ca.crt' },
  client: { certificate: 'server.crt', privateKey: 'server.key', authority: 'client-ca.crt' },
} as const;

/** What etcd 3.4 to 3.6 understand alike. The `initial` ones count only while the member has no data. */
export function etcdFlags(place: EtcdPlace, etcd: EtcdConfig, state: 'new' | 'existing'): string[] {
  const { clusterName, member, ip, volume, certificates } = place;
  const file = (name: string) => join(certificates, name);
  const { peer, client } = certificateFiles;
  const flags: Record<string, string | number | undefined> = {
    name: etcdName(member),
    'data-dir': dataFolder(volume, clusterName),
    'listen-peer-urls': `https://${ip}:${peerPort}`,
    'initial-advertise-peer-urls': peerUrl(member, clusterName),
    'listen-client-urls': clientUrl(ip),
    'advertise-client-urls': `https://${etcdHost(member, clusterName)}:${clientPort}`,
    'initial-cluster': etcd.members.map((name) => `${etcdName(name)}=${peerUrl(name, clusterName)}`).join(','),
    'initial-cluster-state': state,
    'initial-cluster-token': etcdToken(clusterName),
    'peer-cert-file': file(peer.certificate),
    'peer-key-file': file(peer.privateKey),
    'peer-trusted-ca-file': file(peer.authority),
    'peer-client-cert-auth': 'true',
    'cert-file': file(client.certificate),
    'key-file': file(client.privateKey),
    'trusted-ca-file': file(client.authority),
    'client-cert-auth': 'true',
    'heartbeat-interval': etcd.heartbeatMs,
    'election-timeout': etcd.electionMs,
  };
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}
