import type { MachineMetadata } from '../cloud/instance.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Disk } from '../lib/disk.ts';
import type { Environment } from '../lib/environment.ts';

/** An instance as the software on it sees it: metadata, disks, network. Each provider's machine driver makes these. */
export interface Machine {
  readonly environment: Environment;
  readonly metadata: MachineMetadata;
  readonly fabric: Fabric;
  /** The root disk: gone with the instance. */
  readonly disk: Disk;
  /** Attached volumes by their name tag (`a.etcd-main.demo.k8s.local`): they outlive the instance. */
  readonly volumes: ReadonlyMap<string, Disk>;
  /** The cloud's own DNS, as seen from this instance: `api.internal.<cluster>` is the address of the API load balancer. */
  resolve(host: string): Promise<string | undefined>;
  /** Told what pods and Services of the cluster have as addresses, before anything of them listens. Absent where they are the fabric's own. */
  openNetwork?(networking: { networkCIDR: string; podCIDR: string; serviceClusterIPRange: string; nodePodCIDRPrefix: number }): Promise<void>;
  /** Documents this instance may read (its role decides). Throws CloudError notFound or denied. */
  fetchDocument(path: string): Promise<Uint8Array>;
  /** A short-lived proof of who this instance is, bound to `audience` (the hash of what it is sent with). */
  identityToken(audience: string): Promise<string>;
}

export type { IdentityVerifier, MachineMetadata, VerifiedIdentity } from '../cloud/instance.ts';
