import type { MachineMetadata } from '../cloud/instance.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Disk } from '../lib/disk.ts';
import type { Environment } from '../lib/environment.ts';
import type { Keyset } from '../pki/keyset.ts';
import type { EtcdConfig } from './node-config.ts';

/** An instance as the software on it sees it: metadata, disks, network. Each provider's machine driver makes these. */
export interface Machine {
  readonly environment: Environment;
  readonly metadata: MachineMetadata;
  readonly fabric: Fabric;
  /** The root disk: gone with the instance. */
  readonly disk: Disk;
  /** Attached volumes by their name tag (`a.etcd-main.demo.k8s.local`): they outlive the instance. */
  readonly volumes: ReadonlyMap<string, Disk>;
  /** What the volume of a control plane holds: the log of one member, data of our etcd, or somebody else's (etcd-manager's). Absent where it can only be a log. */
  readonly etcdVolumeHolds?: 'nothing' | 'log' | 'etcd' | 'foreign';
  /** Runs the member of etcd whose volume this machine has. Resolves when it runs; it may have to wait for others before it answers. Absent where machines run no programs. */
  startEtcd?(etcd: EtcdConfig, keysets: { peers: Keyset; clients: Keyset }): Promise<EtcdMember>;
  /** The cloud's own DNS, as seen from this instance: `api.internal.<cluster>` is the address of the API load balancer. */
  resolve(host: string): Promise<string | undefined>;
  /** Told what pods and Services of the cluster have as addresses, before anything of them listens. Absent where they are the fabric's own. */
  openNetwork?(networking: { networkCIDR: string; podCIDR: string; serviceClusterIPRange: string; nodePodCIDRPrefix: number }): Promise<void>;
  /** Documents this instance may read (its role decides). Throws CloudError notFound or denied. */
  fetchDocument(path: string): Promise<Uint8Array>;
  /** A short-lived proof of who this instance is, bound to `audience` (the hash of what it is sent with). */
  identityToken(audience: string): Promise<string>;
}

/** How the API server of a machine asks the member of etcd on it. */
export interface EtcdMember {
  /** `https://10.0.1.10:4001` */
  endpoints: string[];
  /** PEM. */
  tls: { certificateAuthority: string; certificate: string; privateKey: string };
  stop(): Promise<void>;
}

export type { IdentityVerifier, MachineMetadata, VerifiedIdentity } from '../cloud/instance.ts';
