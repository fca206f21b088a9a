import type { Environment } from '../lib/environment.ts';
import type { CloudControllers } from './controllers.ts';

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

/** Whose proof it is. `admitted`: names that the cloud gives to workers of this cluster, where it has such. Throws CloudError `denied` with the reason. */
export type IdentityVerifier = (token: string, audience: string, admitted: readonly string[]) => Promise<VerifiedIdentity>;

export interface InstanceContext extends Environment {
  clusterName: string;
  /** Where the cluster's documents lie: `s3://bucket/demo.example.com`. */
  configBase: string;
  /** Goes before absolute paths of the machine: '' on a real one. */
  root: string;
}

export interface OwnMetadata extends Omit<MachineMetadata, 'userData'> {
  /** Address blocks of the network that the instance is in. */
  networkCidrs: string[];
}

/**
 * A cloud as the software on one of its instances sees it: the facets `metadata`, `documents` and `identity`, with the instance's own
 * permissions. Every method may throw CloudError.
 */
export interface InstanceFacet {
  metadata(): Promise<OwnMetadata>;
  /** Attaches the disk of a member of this etcd cluster (`main`) that lies in this zone; waits while another instance has it. */
  attachEtcdVolume(etcdCluster: string): Promise<AttachedVolume>;
  /** Where the members of this etcd cluster are now: the instances that have their disks. */
  etcdPeers(etcdCluster: string): Promise<EtcdPeer[]>;
  /** Address of a host; of the internal name of the API also where no DNS knows it. Undefined: not yet. */
  resolve(host: string): Promise<string | undefined>;
  /** A document below the cluster's folder. */
  fetchDocument(path: string): Promise<Uint8Array>;
  /** An object of this cloud's object store by its URL (`s3://…`); undefined when the URL is none of its own. */
  fetchObject(url: string): Promise<Uint8Array> | undefined;
  /** A short-lived proof of who this instance is, bound to `audience`. */
  identityToken(audience: string): Promise<string>;
  /** Asked on a control plane. */
  verifyIdentity: IdentityVerifier;
  /** For the cloud controllers of a control plane. */
  readonly controllers: CloudControllers;
  close(): Promise<void>;
}

export interface EtcdPeer {
  /** `a` */
  member: string;
  /** Absent while no instance has its disk. */
  address?: string;
}

export interface AttachedVolume {
  /** `a.etcd-main.demo.example.com` */
  name: string;
  /** Whose disk it is: `a`. */
  member: string;
  /** Path of the block device. */
  device: string;
}
