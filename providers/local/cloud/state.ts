import type { NodeRole } from '../../../src/bootstrap/node-config.ts';
import type { CloudResource } from './api.ts';

/** What the cloud remembers of one cluster: one JSON file. */
export interface ClusterState {
  version: 1;
  cluster: string;
  resources: StoredResource[];
  instances: InstanceRecord[];
  /** Volume id → id of the instance it is attached to. */
  attachments: Record<string, string>;
  /** Document id → content. */
  contents: Record<string, string>;
}

export interface StoredResource extends Omit<CloudResource, 'state'> {
  createdAt: number;
  /** Before this moment lists do not show it and references to it fail. */
  visibleAt: number;
  /** Before this moment it is `pending`. */
  availableAt: number;
  /** Instance groups only. */
  targetSize?: number;
  /** An instance group that waits for its instances to go. */
  deleting?: boolean;
}

/** A bastion runs no software of the cluster: it is a machine to go through. */
export type MachineRole = NodeRole | 'Bastion';

export interface InstanceRecord {
  id: string;
  cluster: string;
  /** Id of the group's resource; instances that are detached keep it. */
  groupId: string;
  /** Name of the InstanceGroup. */
  instanceGroup: string;
  role: MachineRole;
  state: 'pending' | 'running' | 'stopped' | 'terminating';
  machineType: string;
  region: string;
  zone: string;
  subnetId: string;
  privateIp: string;
  publicIp?: string;
  nodeName: string;
  providerId: string;
  template: string;
  userData: string;
  detached: boolean;
  launchedAt: number;
}

export function emptyCluster(cluster: string): ClusterState {
  return { version: 1, cluster, resources: [], instances: [], attachments: {}, contents: {} };
}

export function isEmpty(state: ClusterState): boolean {
  return state.resources.length === 0 && state.instances.length === 0;
}
