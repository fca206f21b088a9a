import type { KopsObject } from './types.ts';

type Aliases = readonly (readonly [string, string])[];

/** Paths as kops' own `--set` has them, which follow a later version of its API → those of v1alpha2. */
export const clusterAliases: Aliases = [
  ['spec.api.access', 'spec.kubernetesApiAccess'],
  ['spec.api.additionalSANs', 'spec.additionalSans'],
  ['spec.api.publicName', 'spec.masterPublicName'],
  ['spec.authentication.oidc.caFile', 'spec.kubeAPIServer.oidcCAFile'],
  ['spec.authentication.oidc.clientID', 'spec.kubeAPIServer.oidcClientID'],
  ['spec.authentication.oidc.groupsPrefix', 'spec.kubeAPIServer.oidcGroupsPrefix'],
  ['spec.authentication.oidc.issuerURL', 'spec.kubeAPIServer.oidcIssuerURL'],
  ['spec.authentication.oidc.usernameClaim', 'spec.kubeAPIServer.oidcUsernameClaim'],
  ['spec.authentication.oidc.usernamePrefix', 'spec.kubeAPIServer.oidcUsernamePrefix'],
  ['spec.cloudProvider.aws.disableSecurityGroupIngress', 'spec.cloudConfig.disableSecurityGroupIngress'],
  ['spec.cloudProvider.aws.ebsCSIDriver', 'spec.cloudConfig.awsEBSCSIDriver'],
  ['spec.cloudProvider.aws.elbSecurityGroup', 'spec.cloudConfig.elbSecurityGroup'],
  ['spec.cloudProvider.aws.loadBalancerController', 'spec.awsLoadBalancerController'],
  ['spec.cloudProvider.aws.nlbSecurityGroupMode', 'spec.cloudConfig.nlbSecurityGroupMode'],
  ['spec.cloudProvider.aws.nodeIPFamilies', 'spec.cloudConfig.nodeIPFamilies'],
  ['spec.cloudProvider.aws.nodeTerminationHandler', 'spec.nodeTerminationHandler'],
  ['spec.cloudProvider.aws.podIdentityWebhook', 'spec.podIdentityWebhook'],
  ['spec.cloudProvider.aws.warmPool', 'spec.warmPool'],
  ['spec.configStore.base', 'spec.configBase'],
  ['spec.configStore.keypairs', 'spec.keyStore'],
  ['spec.configStore.secrets', 'spec.secretStore'],
  ['spec.controlPlaneKubelet', 'spec.masterKubelet'],
  ['spec.networking.additionalNetworkCIDRs', 'spec.additionalNetworkCIDRs'],
  ['spec.networking.egressProxy', 'spec.egressProxy'],
  ['spec.networking.gcp', 'spec.networking.gce'],
  ['spec.networking.networkCIDR', 'spec.networkCIDR'],
  ['spec.networking.networkID', 'spec.networkID'],
  ['spec.networking.nonMasqueradeCIDR', 'spec.nonMasqueradeCIDR'],
  ['spec.networking.podCIDR', 'spec.podCIDR'],
  ['spec.networking.serviceClusterIPRange', 'spec.serviceClusterIPRange'],
  ['spec.networking.subnets', 'spec.subnets'],
  ['spec.networking.topology.dns', 'spec.topology.dns.type'],
  ['spec.networking.topology.bastion', 'spec.topology.bastion'],
];

export const instanceGroupAliases: Aliases = [
  ['spec.rootVolume.deleteOnTermination', 'spec.rootVolumeDeleteOnTermination'],
  ['spec.rootVolume.encryption', 'spec.rootVolumeEncryption'],
  ['spec.rootVolume.encryptionKey', 'spec.rootVolumeEncryptionKey'],
  ['spec.rootVolume.iops', 'spec.rootVolumeIops'],
  ['spec.rootVolume.optimization', 'spec.rootVolumeOptimization'],
  ['spec.rootVolume.size', 'spec.rootVolumeSize'],
  ['spec.rootVolume.throughput', 'spec.rootVolumeThroughput'],
  ['spec.rootVolume.type', 'spec.rootVolumeType'],
];

const aliases: Partial<Record<KopsObject['kind'], Aliases>> = { Cluster: clusterAliases, InstanceGroup: instanceGroupAliases };

/** The path in v1alpha2; without regard to case, as kops reads paths. */
export function currentName(kind: KopsObject['kind'], path: string): string {
  const found = aliases[kind]?.find(([alias]) => path.toLowerCase().startsWith(alias.toLowerCase()) && /^(?:[.[=]|$)/.test(path.slice(alias.length)));
  return found ? `${found[1]}${path.slice(found[0].length)}` : path;
}
