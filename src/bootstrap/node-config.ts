import { createHash } from 'node:crypto';
import type { InterruptionSettings } from '../cloud/controllers.ts';
import { canonicalJson } from '../lib/json.ts';

export type NodeRole = 'ControlPlane' | 'Node';

/**
 * Everything that decides how a node of one instance group runs: published as a document, hashed into the user data.
 * Addresses of running things are not in it (they are in the BootConfig), so that moving an endpoint rolls nothing.
 */
export interface NodeConfig {
  clusterName: string;
  instanceGroup: string;
  role: NodeRole;
  /** `v1.36.0` */
  kubernetesVersion: string;
  networking: {
    /** Where nodes and load balancers have their addresses. */
    networkCIDR: string;
    podCIDR: string;
    serviceClusterIPRange: string;
    clusterDNS: string;
    clusterDomain: string;
    /** Prefix of each node's part of podCIDR. */
    nodePodCIDRPrefix: number;
  };
  kubelet: {
    labels: Record<string, string>;
    /** `key=value:Effect` */
    taints: string[];
    maxPods: number;
  };
  /** Control plane only. */
  controlPlane?: {
    store: 'memory' | 'wal' | 'etcd';
    /** Control planes that share the store. Absent: this one alone. */
    storeMembers?: number;
    /** Of the store `etcd`. */
    etcd?: EtcdConfig;
    /** Names and addresses in the API server's certificate besides the standard ones. */
    certificateNames: string[];
    serviceNodePortRange: string;
    authorization: 'rbac' | 'alwaysAllow';
    /** Key set names it must fetch: `kubernetes-ca`, `service-account`, with etcd those of its members and clients. */
    keysets: string[];
    cloudControllers: boolean;
    /** Names that the cloud gives to workers of the cluster, where it has such: roles. Nobody else may join. */
    workerIdentities?: string[];
    /** Where the cloud announces the end of instances. Absent: nobody drains their nodes. */
    interruptions?: InterruptionSettings;
  };
}

/** The etcd cluster that control planes on machines of their own form: a member on each. */
export interface EtcdConfig {
  /** Names of all members: `a`, `b`, `c`. Which one a machine is, its volume says. */
  members: string[];
  /** `3.5.27` */
  version: string;
  /** The release by architecture; absent when there is no known checksum of it. */
  archives?: Record<'amd64' | 'arm64', { url: string; sha256: string }>;
  /** Absent: etcd's own. */
  heartbeatMs?: number;
  electionMs?: number;
  /** How often a member looks where the others are. */
  discoveryMs: number;
}

/** SHA-256 in base64 of the document's canonical form. */
export function hashNodeConfig(config: NodeConfig): string {
  return createHash('sha256').update(canonicalJson(config)).digest('base64');
}

/** What user data carries: enough to find and check the document. */
export interface BootConfig {
  clusterName: string;
  instanceGroup: string;
  role: NodeRole;
  provider: string;
  nodeupConfigHash: string;
  /** Where the cluster's documents lie, on clouds that keep them in an object store: `s3://bucket/demo.example.com`. */
  configBase?: string;
  /** Path of the NodeConfig document; read directly by control planes. */
  documentPath: string;
  /** How nodes reach the API and the join server: `api.internal.<cluster>`, a name the cloud's DNS gives the API load balancer. */
  apiServer: { host: string; port: number; joinPort: number };
  /** PEM of the cluster's CA: what a worker trusts when it joins. */
  certificateAuthority: string;
}
