import type { Environment } from '../lib/environment.ts';

/** What an instance knows of itself. */
export interface MachineMetadata {
  instanceId: string;
  providerId: string;
  nodeName: string;
  machineType: string;
  vcpus: number;
  memoryGib: number;
  architecture: 'amd64' | 'arm64';
  zone: string;
  region: string;
  privateIp: string;
  /** The boot config. */
  userData: string;
}

/** What a proof of identity proves. The control plane's join server asks the provider to verify it. */
export interface VerifiedIdentity {
  instanceId: string;
  clusterName: string;
  instanceGroup: string;
  role: 'ControlPlane' | 'Node';
  nodeName: string;
  privateIp: string;
}

export type IdentityVerifier = (token: string, audience: string) => Promise<VerifiedIdentity>;

export interface InstanceContext extends Environment {
  clusterName: string;
  /** Where the cluster's documents lie: `s3://bucket/demo.example.com`. */
  configBase: string;
}

/**
 * A cloud as the software on one of its instances sees it: the facets `metadata`, `documents` and `identity`, with the instance's own
 * permissions. Every method may throw CloudError.
 */
export interface InstanceFacet {
  metadata(): Promise<Omit<MachineMetadata, 'userData'>>;
  /** Attaches a volume of the cluster whose name begins with one of these (`a.etcd-main.`) and that lies in this zone. Resolves with name and block device of each. */
  attachVolumes(prefixes: readonly string[]): Promise<{ name: string; device: string }[]>;
  /** Address of a host; of the internal name of the API also where no DNS knows it. Undefined: not yet. */
  resolve(host: string): Promise<string | undefined>;
  /** A document below the cluster's folder. */
  fetchDocument(path: string): Promise<Uint8Array>;
  /** A short-lived proof of who this instance is, bound to `audience`. */
  identityToken(audience: string): Promise<string>;
  /** On a control plane: whose proof it is. Throws CloudError `denied` with the reason. */
  verifyIdentity: IdentityVerifier;
  close(): Promise<void>;
}
