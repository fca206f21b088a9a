import { KopsError } from '../lib/errors.ts';
import { featureGateFields, featureGates } from './feature-gates.ts';
import { networkingOption } from './networking.ts';
import { etcdClusters } from './new-etcd.ts';
import { newInstanceGroups, planControlPlanes } from './new-instance-groups.ts';
import { newSubnets, topologyOf } from './new-subnets.ts';
import { apiVersion, type Cluster, type ClusterSpec, type InstanceGroup, type SubnetSpec } from './types.ts';
import { defaultKubernetesVersion } from './versions.ts';

/** What `create cluster` can be told; names as the flags. What is absent is left to completion. */
export interface NewClusterOptions {
  name: string;
  cloud: string;
  zones: string[];
  /** Where the cluster's objects lie: `<state store>/<name>`. */
  configBase: string;
  controlPlaneZones?: string[];
  controlPlaneCount?: number;
  nodeCount?: number;
  apiServerCount?: number;
  /** One machine type, or several separated by commas: the first is the primary one, all may be started. */
  controlPlaneSize?: string;
  nodeSize?: string;
  apiServerSize?: string;
  /** GB. */
  controlPlaneVolumeSize?: number;
  nodeVolumeSize?: number;
  controlPlaneVolumeType?: string;
  nodeVolumeType?: string;
  controlPlaneImage?: string;
  nodeImage?: string;
  bastionImage?: string;
  /** For roles without an image of their own. */
  image?: string;
  controlPlaneSecurityGroups?: string[];
  nodeSecurityGroups?: string[];
  controlPlaneTenancy?: string;
  nodeTenancy?: string;
  associatePublicIp?: boolean;
  kubernetesVersion?: string;
  /** `Name`, `+Name` or `-Name`. */
  kubernetesFeatureGates?: string[];
  networking?: string;
  /** Without it: private with IPv6, else public. */
  topology?: string;
  bastion?: boolean;
  ipv6?: boolean;
  egress?: string;
  /** The first is the network's own; each further one becomes an extra subnet. */
  networkCidrs?: string[];
  networkId?: string;
  /** Existing subnets: zone → id. */
  sharedSubnets?: Readonly<Record<string, string>>;
  sharedUtilitySubnets?: Readonly<Record<string, string>>;
  disableSubnetTags?: boolean;
  adminAccess?: string[];
  sshAccess?: string[];
  cloudLabels?: Record<string, string>;
  authorization?: string;
  channel?: string;
  dns?: string;
  dnsZone?: string;
  apiLoadBalancerType?: string;
  apiSslCertificate?: string;
  apiPublicName?: string;
  etcdClusters?: string[];
  encryptEtcdStorage?: boolean;
  etcdStorageType?: string;
  /** cloudgroups or karpenter. */
  instanceManager?: string;
  /** A public bucket for OIDC discovery documents; a folder with the cluster's name is used in it. */
  discoveryStore?: string;
}

export interface NewCluster {
  cluster: Cluster;
  instanceGroups: InstanceGroup[];
}

/** The objects `kops create cluster` writes for these options, before look-ups and assignments. Pure. Throws usage errors. */
export function newCluster(options: NewClusterOptions): NewCluster {
  requireKarpenterStore(options);
  const controlPlanes = planControlPlanes(options);
  const subnets = newSubnets(options);
  const cluster: Cluster = { apiVersion, kind: 'Cluster', metadata: { name: options.name }, spec: clusterSpec(options, subnets, controlPlanes) };
  return { cluster, instanceGroups: newInstanceGroups(options, controlPlanes, subnets) };
}

const everywhere = ['0.0.0.0/0', '::/0'];

function clusterSpec(options: NewClusterOptions, subnets: SubnetSpec[], controlPlanes: readonly { name: string }[]): ClusterSpec {
  const adminAccess = options.adminAccess ?? everywhere;
  return {
    api: apiSpec(options),
    authorization: options.authorization?.toLowerCase() === 'alwaysallow' ? { alwaysAllow: {} } : { rbac: {} },
    channel: options.channel ?? 'stable',
    ...(options.cloudLabels ? { cloudLabels: options.cloudLabels } : {}),
    cloudProvider: options.cloud,
    configBase: options.configBase,
    ...(options.dnsZone === undefined ? {} : { dnsZone: options.dnsZone }),
    etcdClusters: etcdClusters(options, controlPlanes),
    ...identityFields(options),
    ...(options.instanceManager === 'karpenter' ? { karpenter: { enabled: true } } : {}),
    ...componentFields(options),
    kubernetesApiAccess: adminAccess,
    kubernetesVersion: options.kubernetesVersion ?? defaultKubernetesVersion,
    ...(options.apiPublicName === undefined ? {} : { masterPublicName: options.apiPublicName }),
    ...networkFields(options),
    sshAccess: options.sshAccess ?? adminAccess,
    subnets,
    topology: topologySpec(options),
  };
}

function networkFields(options: NewClusterOptions): Partial<ClusterSpec> {
  const [networkCIDR, ...moreCidrs] = options.networkCidrs ?? [];
  return {
    ...(moreCidrs.length > 0 ? { additionalNetworkCIDRs: moreCidrs } : {}),
    ...(options.disableSubnetTags ? { DisableSubnetTags: true } : {}),
    ...(networkCIDR === undefined ? {} : { networkCIDR }),
    ...(options.networkId === undefined ? {} : { networkID: options.networkId }),
    ...(options.ipv6 ? { cloudControllerManager: {}, nonMasqueradeCIDR: '::/0' } : {}),
    networking: networkingOption(options.networking ?? 'cilium').networking,
  };
}

/** Feature gates go to every component; kube-proxy may be switched off by the network. */
function componentFields(options: NewClusterOptions): Partial<ClusterSpec> {
  const { kubeProxy } = networkingOption(options.networking ?? 'cilium');
  const gates = featureGates(options.kubernetesFeatureGates ?? []);
  const components = featureGateFields(gates);
  return {
    ...components,
    ...(kubeProxy ? { kubeProxy: { ...components.kubeProxy, ...kubeProxy } } : {}),
    kubelet: { anonymousAuth: false, ...components.kubelet },
  };
}

function identityFields({ discoveryStore, name }: NewClusterOptions): Partial<ClusterSpec> {
  const iam = { allowContainerRegistry: true, legacy: false };
  if (discoveryStore === undefined) return { iam };
  return {
    iam: { ...iam, useServiceAccountExternalPermissions: true },
    serviceAccountIssuerDiscovery: { discoveryStore: `${discoveryStore.replace(/\/+$/, '')}/${name}`, enableAWSOIDCProvider: true },
  };
}

function topologySpec(options: NewClusterOptions): NonNullable<ClusterSpec['topology']> {
  const type = dnsType(options);
  return { ...(options.bastion && type !== 'None' ? { bastion: { bastionPublicName: `bastion.${options.name}` } } : {}), dns: { type } };
}

export function dnsType(options: Pick<NewClusterOptions, 'dns' | 'dnsZone'>): 'Public' | 'Private' | 'None' {
  const wish = options.dns?.toLowerCase() ?? (options.dnsZone === undefined ? 'none' : 'public');
  return wish === 'public' ? 'Public' : wish === 'private' ? 'Private' : 'None';
}

/** Nodes without public addresses, and names that nobody resolves, need a load balancer in front of the API. */
function apiSpec(options: NewClusterOptions): NonNullable<ClusterSpec['api']> {
  const { apiLoadBalancerType: wish, apiSslCertificate } = options;
  const asked = wish !== undefined || apiSslCertificate !== undefined;
  if (!asked && topologyOf(options) === 'public' && dnsType(options) !== 'None') return { dns: {} };
  return {
    loadBalancer: {
      class: 'Network',
      ...(apiSslCertificate === undefined ? {} : { sslCertificate: apiSslCertificate }),
      type: wish?.toLowerCase() === 'internal' ? 'Internal' : 'Public',
    },
  };
}

function requireKarpenterStore({ instanceManager, discoveryStore }: NewClusterOptions): void {
  if (instanceManager !== 'karpenter' || discoveryStore !== undefined) return;
  throw new KopsError('karpenter requires --discovery-store', {
    code: 'NO_DISCOVERY_STORE',
    exit: 'usage',
    suggestions: ['Name a public bucket for OIDC discovery: --discovery-store s3://my-oidc-bucket'],
  });
}
