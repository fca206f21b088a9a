import { cidrsOverlap, formatCidr, nthIp, parseCidr, subCidr } from '../lib/cidr.ts';
import { completeInstanceGroup } from './complete-instance-group.ts';
import { Draft } from './draft.ts';
import { allocateKopsSubnets } from './kops-subnets.ts';
import type { SpecCatalog, SpecRules, SubnetLayout } from './provider-view.ts';
import { nativePodAddresses } from './rules/network.ts';
import { allocateSubnets } from './subnets.ts';
import type { Cluster, ClusterSpec, CompletedCluster, InstanceGroup } from './types.ts';
import { defaultKubernetesVersion, normalizeKubernetesVersion } from './versions.ts';

const ipv6Everything = '::/0';
const ipv6Services = 'fd00:5e4f:ce::/108';
const ipv6ClusterDns = 'fd00:5e4f:ce::a';

export interface UserSpecs {
  cluster: Cluster;
  instanceGroups: readonly InstanceGroup[];
}

/** What completion needs of a provider: data and pure functions. */
export interface CompletionContext {
  catalog: SpecCatalog;
  providerSpec: SpecRules;
  facts: object;
}

/** Fills in everything that was left open and notes where each value came from. Pure: the same input gives the same spec. */
export function completeCluster(user: UserSpecs, context: CompletionContext): CompletedCluster {
  const draft = new Draft(user.cluster);
  draft.fillAll(context.providerSpec.clusterDefaults(user.cluster, context.facts), 'provider');
  fillVersions(draft);
  fillNetwork(draft, context.providerSpec.subnetLayout ?? 'room');
  fillAccess(draft);
  fillEtcd(draft);
  const groups = user.instanceGroups.map((group) => [group.metadata.name, completeInstanceGroup(draft.object, group, context)] as const);
  return {
    cluster: draft.object,
    instanceGroups: groups.map(([, group]) => group.object),
    provenance: { cluster: draft.provenance, instanceGroups: Object.fromEntries(groups.map(([name, group]) => [name, group.provenance])) },
  };
}

function fillVersions(draft: Draft<Cluster>): void {
  draft.fill('spec.channel', 'stable');
  draft.fill('spec.kubernetesVersion', defaultKubernetesVersion);
  draft.object.spec.kubernetesVersion = normalizeKubernetesVersion(String(draft.object.spec.kubernetesVersion));
  draft.fill('spec.updatePolicy', 'automatic');
}

function fillNetwork(draft: Draft<Cluster>, layout: SubnetLayout): void {
  const { spec } = draft.object;
  if (!spec.networking) {
    draft.fill('spec.networking', { cilium: { enableNodePort: true } });
    draft.fill('spec.kubeProxy.enabled', false);
  }
  draft.fill('spec.networkCIDR', '172.20.0.0/16');
  draft.fill('spec.nonMasqueradeCIDR', nativePodAddresses(draft.object) ? spec.networkCIDR : '100.64.0.0/10');
  fillPodAndServiceBlocks(draft);
  draft.fill('spec.clusterDNSDomain', 'cluster.local');
  draft.fill('spec.kubeDNS.provider', 'CoreDNS');
  const services = parseCidr(spec.serviceClusterIPRange ?? '');
  if (services) draft.fill('spec.kubeDNS.serverIP', nthIp(services, 10));
  else if (spec.serviceClusterIPRange === ipv6Services) draft.fill('spec.kubeDNS.serverIP', ipv6ClusterDns);
  draft.fill('spec.topology.dns.type', 'None');
  fillSubnets(draft, layout);
}

/** Pods get the upper half of what is not masqueraded, services its first eighth, as in kops. Where pods have addresses of the network, services lie beside it. */
function fillPodAndServiceBlocks(draft: Draft<Cluster>): void {
  const { spec } = draft.object;
  if (spec.nonMasqueradeCIDR === ipv6Everything) {
    draft.fill('spec.podCIDR', ipv6Everything);
    draft.fill('spec.serviceClusterIPRange', ipv6Services);
  }
  const range = parseCidr(spec.nonMasqueradeCIDR ?? '');
  const network = parseCidr(spec.networkCIDR ?? '');
  if (nativePodAddresses(draft.object) && range && network && cidrsOverlap(range, network)) {
    draft.fill('spec.podCIDR', spec.nonMasqueradeCIDR);
    draft.fill('spec.serviceClusterIPRange', '100.64.0.0/13');
  }
  if (!range || range.prefix > 28) return;
  draft.fill('spec.podCIDR', formatCidr(subCidr(range, range.prefix + 1, 1)));
  draft.fill('spec.serviceClusterIPRange', formatCidr(subCidr(range, range.prefix + 3, 0)));
}

function fillSubnets(draft: Draft<Cluster>, layout: SubnetLayout): void {
  const { spec } = draft.object;
  const before = spec.subnets ?? [];
  const reserved = [nativePodAddresses(draft.object) ? undefined : spec.podCIDR, spec.serviceClusterIPRange].filter((text) => text !== undefined);
  const network = spec.networkCIDR ?? '';
  const { subnets } = layout === 'kops' ? allocateKopsSubnets(before, network) : allocateSubnets(before, network, reserved);
  for (const [i, subnet] of subnets.entries()) draft.fill(['spec', 'subnets', i, 'cidr'], subnet.cidr);
}

function fillAccess(draft: Draft<Cluster>): void {
  const { metadata, spec } = draft.object;
  if (!spec.api?.dns && !spec.api?.loadBalancer) draft.fill(needsLoadBalancer(spec) ? 'spec.api.loadBalancer' : 'spec.api.dns', {});
  if (spec.api?.loadBalancer) {
    draft.fill('spec.api.loadBalancer.class', 'Network');
    draft.fill('spec.api.loadBalancer.type', 'Public');
  }
  draft.fill('spec.kubernetesApiAccess', ['0.0.0.0/0', '::/0']);
  draft.fill('spec.sshAccess', ['0.0.0.0/0', '::/0']);
  draft.fill('spec.masterPublicName', `api.${metadata.name}`);
  draft.fill('spec.masterInternalName', `api.internal.${metadata.name}`);
  draft.fill('spec.authorization', { rbac: {} });
  draft.fill('spec.iam.allowContainerRegistry', true);
  draft.fill('spec.kubelet.anonymousAuth', false);
}

/** Clients find the API by its name in DNS, or where there is none or the control plane may be private, by a load balancer. */
function needsLoadBalancer(spec: ClusterSpec): boolean {
  return spec.topology?.dns?.type === 'None' || (spec.subnets ?? []).some(({ type }) => type === 'Private' || type === 'DualStack');
}

function fillEtcd(draft: Draft<Cluster>): void {
  for (const [i, etcd] of (draft.object.spec.etcdClusters ?? []).entries()) {
    const at = ['spec', 'etcdClusters', i];
    draft.fill([...at, 'cpuRequest'], etcd.name === 'main' ? '200m' : '100m');
    draft.fill([...at, 'memoryRequest'], '100Mi');
    draft.fill([...at, 'manager', 'backupRetentionDays'], 90);
    for (const [j] of (etcd.etcdMembers ?? []).entries()) {
      // New clusters say true. A disk that exists without it is not encrypted, and could only be replaced.
      draft.fill([...at, 'etcdMembers', j, 'encryptedVolume'], false);
      draft.fill([...at, 'etcdMembers', j, 'volumeType'], 'gp3');
      draft.fill([...at, 'etcdMembers', j, 'volumeSize'], 20);
    }
  }
}
