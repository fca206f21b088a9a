/** kops.k8s.io/v1alpha2 as our own code reads it. The schema (schema.ts) knows every field; these types name those we act on. */
export const apiVersion = 'kops.k8s.io/v1alpha2';
export const clusterLabel = 'kops.k8s.io/cluster';

export interface KopsMeta {
  name: string;
  creationTimestamp?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface Cluster {
  apiVersion: string;
  kind: 'Cluster';
  metadata: KopsMeta;
  spec: ClusterSpec;
}

export type SubnetType = 'Public' | 'Private' | 'DualStack' | 'Utility';

export interface SubnetSpec {
  name: string;
  type: SubnetType;
  zone?: string;
  region?: string;
  cidr?: string;
  ipv6CIDR?: string;
  id?: string;
  egress?: string;
  [field: string]: unknown;
}

export interface EtcdClusterSpec {
  name: string;
  etcdMembers: { name: string; instanceGroup: string; encryptedVolume?: boolean; volumeType?: string; volumeSize?: number; volumeIops?: number; volumeThroughput?: number }[];
  cpuRequest?: string;
  memoryRequest?: string;
  version?: string;
  manager?: { backupRetentionDays?: number; [field: string]: unknown };
  [field: string]: unknown;
}

export interface ClusterSpec {
  channel?: string;
  cloudProvider?: string;
  configBase?: string;
  kubernetesVersion?: string;
  networkCIDR?: string;
  networkID?: string;
  nonMasqueradeCIDR?: string;
  podCIDR?: string;
  serviceClusterIPRange?: string;
  clusterDNSDomain?: string;
  subnets?: SubnetSpec[];
  topology?: { dns?: { type?: 'Public' | 'Private' | 'None' }; bastion?: Record<string, unknown> };
  networking?: Record<string, unknown>;
  api?: { dns?: Record<string, unknown>; loadBalancer?: { class?: string; type?: 'Public' | 'Internal'; [field: string]: unknown } };
  kubernetesApiAccess?: string[];
  sshAccess?: string[];
  sshKeyName?: string;
  masterPublicName?: string;
  additionalSans?: string[];
  etcdClusters?: EtcdClusterSpec[];
  cloudLabels?: Record<string, string>;
  authorization?: { rbac?: Record<string, never>; alwaysAllow?: Record<string, never> };
  iam?: { allowContainerRegistry?: boolean; legacy?: boolean; [field: string]: unknown };
  kubelet?: Record<string, unknown>;
  kubeDNS?: { serverIP?: string; [field: string]: unknown };
  updatePolicy?: 'automatic' | 'external';
  rollingUpdate?: RollingUpdateSpec;
  [field: string]: unknown;
}

export interface RollingUpdateSpec {
  maxUnavailable?: number | string;
  maxSurge?: number | string;
  drainAndTerminate?: boolean;
}

export interface InstanceGroup {
  apiVersion: string;
  kind: 'InstanceGroup';
  metadata: KopsMeta;
  spec: InstanceGroupSpec;
}

export type InstanceGroupRole = 'Master' | 'APIServer' | 'Node' | 'Bastion';

export interface InstanceGroupSpec {
  role: InstanceGroupRole;
  image?: string;
  machineType?: string;
  minSize?: number;
  maxSize?: number;
  subnets?: string[];
  zones?: string[];
  rootVolumeSize?: number;
  rootVolumeType?: string;
  rootVolumeIops?: number;
  rootVolumeThroughput?: number;
  rootVolumeEncryption?: boolean;
  associatePublicIp?: boolean;
  taints?: string[];
  nodeLabels?: Record<string, string>;
  cloudLabels?: Record<string, string>;
  kubelet?: Record<string, unknown>;
  maxPrice?: string;
  rollingUpdate?: RollingUpdateSpec;
  [field: string]: unknown;
}

export interface SSHCredential {
  apiVersion: string;
  kind: 'SSHCredential';
  metadata: KopsMeta;
  spec: { publicKey: string };
}

export type KopsObject = Cluster | InstanceGroup | SSHCredential;

/** An object of any other API that is kept with a cluster: an addon, in kops' word. */
export interface AddonObject {
  apiVersion: string;
  kind: string;
  metadata: KopsMeta & { namespace?: string };
  [field: string]: unknown;
}

/** What a file may hold. */
export type SpecObject = KopsObject | AddonObject;

export function isAddon(object: SpecObject): object is AddonObject {
  return object.apiVersion !== apiVersion;
}

/** Where a value of the completed spec comes from. */
export type ValueSource = 'user' | 'default' | 'provider';

/** Dotted path (`spec.subnets[0].cidr`) → source; a path that is missing has its parent's source. */
export type Provenance = Record<string, ValueSource>;

/** Everything about one cluster, completed. The input of the model, the plan and the node documents. */
export interface CompletedCluster {
  cluster: Cluster;
  instanceGroups: InstanceGroup[];
  provenance: { cluster: Provenance; instanceGroups: Record<string, Provenance> };
}

/** One thing that is wrong, or odd, in what the user asked for. */
export interface Finding {
  severity: 'error' | 'warning';
  /** `Cluster/demo.k8s.local` or `InstanceGroup/nodes-1a`. */
  object: string;
  path: string;
  message: string;
  hint?: string;
}
