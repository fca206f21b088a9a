import { networkingOption } from './networking.ts';
import { etcdClusters } from './new-etcd.ts';
import { newInstanceGroups, planControlPlanes } from './new-instance-groups.ts';
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
  controlPlaneSize?: string;
  nodeSize?: string;
  /** GB. */
  controlPlaneVolumeSize?: number;
  nodeVolumeSize?: number;
  controlPlaneVolumeType?: string;
  nodeVolumeType?: string;
  controlPlaneImage?: string;
  nodeImage?: string;
  controlPlaneSecurityGroups?: string[];
  nodeSecurityGroups?: string[];
  controlPlaneTenancy?: string;
  nodeTenancy?: string;
  associatePublicIp?: boolean;
  kubernetesVersion?: string;
  networking?: string;
  /** The first is the network's own; each further one becomes an extra subnet. */
  networkCidrs?: string[];
  networkId?: string;
  adminAccess?: string[];
  sshAccess?: string[];
  cloudLabels?: Record<string, string>;
  authorization?: string;
  channel?: string;
  dns?: string;
  dnsZone?: string;
  apiLoadBalancerType?: string;
  etcdClusters?: string[];
  encryptEtcdStorage?: boolean;
}

export interface NewCluster {
  cluster: Cluster;
  instanceGroups: InstanceGroup[];
}

/** The objects `kops create cluster` writes for these options, before look-ups and assignments. Pure. Throws usage errors. */
export function newCluster(options: NewClusterOptions): NewCluster {
  const controlPlanes = planControlPlanes(options);
  const subnets = newSubnets(options);
  const cluster: Cluster = { apiVersion, kind: 'Cluster', metadata: { name: options.name }, spec: clusterSpec(options, subnets, controlPlanes) };
  return { cluster, instanceGroups: newInstanceGroups(options, controlPlanes, subnets) };
}

const everywhere = ['0.0.0.0/0', '::/0'];

function clusterSpec(options: NewClusterOptions, subnets: SubnetSpec[], controlPlanes: readonly { name: string }[]): ClusterSpec {
  const [networkCIDR, ...moreCidrs] = options.networkCidrs ?? [];
  const adminAccess = options.adminAccess ?? everywhere;
  const { networking, kubeProxy } = networkingOption(options.networking ?? 'cilium');
  return {
    ...(moreCidrs.length > 0 ? { additionalNetworkCIDRs: moreCidrs } : {}),
    api: apiSpec(options),
    authorization: options.authorization?.toLowerCase() === 'alwaysallow' ? { alwaysAllow: {} } : { rbac: {} },
    channel: options.channel ?? 'stable',
    ...(options.cloudLabels ? { cloudLabels: options.cloudLabels } : {}),
    cloudProvider: options.cloud,
    configBase: options.configBase,
    ...(options.dnsZone === undefined ? {} : { dnsZone: options.dnsZone }),
    etcdClusters: etcdClusters(options, controlPlanes),
    iam: { allowContainerRegistry: true, legacy: false },
    ...(kubeProxy ? { kubeProxy } : {}),
    kubelet: { anonymousAuth: false },
    kubernetesApiAccess: adminAccess,
    kubernetesVersion: options.kubernetesVersion ?? defaultKubernetesVersion,
    ...(networkCIDR === undefined ? {} : { networkCIDR }),
    ...(options.networkId === undefined ? {} : { networkID: options.networkId }),
    networking,
    sshAccess: options.sshAccess ?? adminAccess,
    subnets,
    topology: { dns: { type: dnsType(options) } },
  };
}

function dnsType(options: NewClusterOptions): 'Public' | 'Private' | 'None' {
  const wish = options.dns?.toLowerCase() ?? (options.dnsZone === undefined ? 'none' : 'public');
  return wish === 'public' ? 'Public' : wish === 'private' ? 'Private' : 'None';
}

function apiSpec(options: NewClusterOptions): NonNullable<ClusterSpec['api']> {
  if (options.apiLoadBalancerType === undefined && dnsType(options) !== 'None') return { dns: {} };
  return { loadBalancer: { class: 'Network', type: options.apiLoadBalancerType?.toLowerCase() === 'internal' ? 'Internal' : 'Public' } };
}

function newSubnets(options: NewClusterOptions): SubnetSpec[] {
  const subnets: SubnetSpec[] = options.zones.map((zone) => ({ name: zone, type: 'Public', zone }));
  for (const [i, cidr] of (options.networkCidrs ?? []).slice(1).entries()) {
    const zone = options.zones[i % options.zones.length] ?? '';
    subnets.push({ cidr, name: `${zone}-${i + 1}`, type: 'Public', zone });
  }
  return subnets;
}
