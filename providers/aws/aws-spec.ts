import type { ClusterSpec, InstanceGroup, InstanceGroupSpec } from '../../src/spec/types.ts';

/** What AWS acts on in an instance group beside the common fields; names and meanings are kops' v1alpha2. */
export interface AwsGroupSpec extends InstanceGroupSpec {
  manager?: 'CloudGroup' | 'Karpenter';
  rootVolumeDeleteOnTermination?: boolean;
  rootVolumeEncryptionKey?: string;
  rootVolumeOptimization?: boolean;
  volumes?: readonly VolumeSpec[];
  additionalSecurityGroups?: readonly string[];
  securityGroupOverride?: string;
  externalLoadBalancers?: readonly { loadBalancerName?: string; targetGroupArn?: string }[];
  mixedInstancesPolicy?: MixedInstancesPolicySpec;
  capacityRebalance?: boolean;
  cpuCredits?: string;
  tenancy?: string;
  spotDurationInMinutes?: number;
  instanceInterruptionBehavior?: string;
  /** `48h20m` */
  maxInstanceLifetime?: string;
  instanceProtection?: boolean;
  detailedInstanceMonitoring?: boolean;
  suspendProcesses?: readonly string[];
  warmPool?: WarmPoolSpec;
  instanceMetadata?: { httpPutResponseHopLimit?: number; httpTokens?: string };
  iam?: { profile?: string };
  containerd?: { nvidiaGPU?: { enabled?: boolean } };
}

export interface VolumeSpec {
  device: string;
  size: number;
  type?: string;
  iops?: number;
  throughput?: number;
  encrypted?: boolean;
  key?: string;
  deleteOnTermination?: boolean;
}

export interface MixedInstancesPolicySpec {
  instances?: readonly string[];
  instanceRequirements?: { cpu?: QuantityRange; memory?: QuantityRange; excludedInstanceTypes?: readonly string[] };
  onDemandAllocationStrategy?: string;
  onDemandBase?: number;
  onDemandAboveBase?: number;
  spotAllocationStrategy?: string;
  spotInstancePools?: number;
}

export interface QuantityRange {
  min?: string | number;
  max?: string | number;
}

export interface WarmPoolSpec {
  minSize?: number;
  maxSize?: number;
  enableLifecycleHook?: boolean;
  /** Seconds. */
  lifecycleHookTimeout?: number;
}

/** What AWS acts on in a cluster beside the common fields. */
export interface AwsClusterSpec extends ClusterSpec {
  dnsZone?: string;
  warmPool?: WarmPoolSpec;
  nodeTerminationHandler?: {
    enabled?: boolean;
    enableSQSTerminationDraining?: boolean;
    enableRebalanceDraining?: boolean;
    managedASGTag?: string;
    excludeFromLoadBalancers?: boolean;
    deleteSQSMsgIfNodeNotFound?: boolean;
    /** Seconds. */
    podTerminationGracePeriod?: number;
  };
  /** By role, as kops names them; a JSON list of statements. */
  additionalPolicies?: Readonly<Record<string, string>>;
  externalPolicies?: Readonly<Record<string, readonly string[]>>;
  iam?: ClusterSpec['iam'] & {
    permissionsBoundary?: string;
    useServiceAccountExternalPermissions?: boolean;
    serviceAccountExternalPermissions?: readonly ServiceAccountPermissions[];
  };
  serviceAccountIssuerDiscovery?: { discoveryStore?: string; enableAWSOIDCProvider?: boolean; additionalAudiences?: readonly string[] };
  kubeAPIServer?: { serviceAccountIssuer?: string };
  karpenter?: { enabled?: boolean };
  clusterAutoscaler?: { enabled?: boolean };
  certManager?: { enabled?: boolean; managed?: boolean; hostedZoneIDs?: readonly string[] };
  awsLoadBalancerController?: { enabled?: boolean };
  snapshotController?: { enabled?: boolean };
  externalDns?: { provider?: string };
  cloudConfig?: { awsEBSCSIDriver?: { managed?: boolean } };
  containerd?: { nvidiaGPU?: { enabled?: boolean }; useECRCredentialsForMirrors?: boolean };
}

export interface ServiceAccountPermissions {
  name: string;
  namespace: string;
  aws?: { inlinePolicy?: string; policyARNs?: readonly string[] };
}

export function groupSpec(group: InstanceGroup): AwsGroupSpec {
  return group.spec as AwsGroupSpec;
}

export function clusterSpec({ spec }: { spec: ClusterSpec }): AwsClusterSpec {
  return spec as AwsClusterSpec;
}

/** Interruptions and rebalancing are announced through a queue; otherwise each node asks its own metadata. */
export function usesTerminationQueue({ nodeTerminationHandler: handler }: AwsClusterSpec): boolean {
  return handler?.enabled === true && handler.enableSQSTerminationDraining === true;
}

export function usesServiceAccountRoles({ iam }: AwsClusterSpec): boolean {
  return iam?.useServiceAccountExternalPermissions === true;
}
