/** kops' option (any case) → our flag. Lists repeat their values with commas; switches stand alone. */
const flagOf: Readonly<Record<string, string>> = {
  CloudProvider: '--cloud',
  Zones: '--zones',
  ControlPlaneZones: '--control-plane-zones',
  MasterZones: '--control-plane-zones',
  ControlPlaneCount: '--control-plane-count',
  MasterCount: '--control-plane-count',
  NodeCount: '--node-count',
  APIServerCount: '--api-server-count',
  ControlPlaneSizes: '--control-plane-size',
  ControlPlaneSize: '--control-plane-size',
  MasterSize: '--control-plane-size',
  NodeSizes: '--node-size',
  NodeSize: '--node-size',
  APIServerSizes: '--api-server-size',
  ControlPlaneVolumeSize: '--control-plane-volume-size',
  MasterVolumeSize: '--control-plane-volume-size',
  NodeVolumeSize: '--node-volume-size',
  ControlPlaneVolumeType: '--control-plane-volume-type',
  NodeVolumeType: '--node-volume-type',
  Image: '--image',
  ControlPlaneImage: '--control-plane-image',
  MasterImage: '--control-plane-image',
  NodeImage: '--node-image',
  BastionImage: '--bastion-image',
  ControlPlaneSecurityGroups: '--control-plane-security-groups',
  MasterSecurityGroups: '--control-plane-security-groups',
  NodeSecurityGroups: '--node-security-groups',
  ControlPlaneTenancy: '--control-plane-tenancy',
  MasterTenancy: '--control-plane-tenancy',
  NodeTenancy: '--node-tenancy',
  AssociatePublicIP: '--associate-public-ip',
  KubernetesVersion: '--kubernetes-version',
  KubernetesFeatureGates: '--kubernetes-feature-gates',
  Channel: '--channel',
  Networking: '--networking',
  NetworkCIDRs: '--network-cidr',
  NetworkCIDR: '--network-cidr',
  NetworkID: '--network-id',
  VPCID: '--network-id',
  SubnetIDs: '--subnets',
  UtilitySubnetIDs: '--utility-subnets',
  DisableSubnetTags: '--disable-subnet-tags',
  Topology: '--topology',
  Bastion: '--bastion',
  IPv6: '--ipv6',
  Egress: '--egress',
  AdminAccess: '--admin-access',
  SSHAccess: '--ssh-access',
  DNSType: '--dns',
  DNSZone: '--dns-zone',
  APILoadBalancerType: '--api-loadbalancer-type',
  APISSLCertificate: '--api-ssl-certificate',
  APIPublicName: '--api-public-name',
  PublicName: '--api-public-name',
  MasterPublicName: '--api-public-name',
  Authorization: '--authorization',
  CloudLabels: '--cloud-labels',
  EtcdClusters: '--etcd-clusters',
  EtcdStorageType: '--etcd-storage-type',
  EncryptEtcdStorage: '--encrypt-etcd-storage',
  InstanceManager: '--instance-manager',
  DiscoveryStore: '--discovery-store',
  Sets: '--set',
  Unsets: '--unset',
};

/** Said by the runner itself, or without an effect on the objects. */
const ignored = new Set(['clustername', 'configbase', 'sshpublickeys', 'target', 'outdir', 'out', 'yes', 'dryrun', 'output', 'apiloadbalancerclass']);

const byLowerCase = new Map(Object.entries(flagOf).map(([option, flag]) => [option.toLowerCase(), flag]));

/** The flags, and the options that have none: those make a case differ, and are named. */
export function optionsToFlags(options: Readonly<Record<string, unknown>>): { flags: string[]; unknown: string[] } {
  const flags: string[] = [];
  const unknown: string[] = [];
  for (const [option, value] of Object.entries(options)) {
    const flag = byLowerCase.get(option.toLowerCase());
    if (flag) flags.push(...flagWords(flag, value));
    else if (!ignored.has(option.toLowerCase())) unknown.push(option);
  }
  return { flags, unknown };
}

function flagWords(flag: string, value: unknown): string[] {
  if (value === true) return [flag];
  if (value === false) return flag === '--associate-public-ip' || flag === '--encrypt-etcd-storage' ? [flag.replace('--', '--no-')] : [];
  if (!Array.isArray(value)) return [`${flag}=${value}`];
  // A setting may contain commas itself.
  return flag === '--set' || flag === '--unset' ? value.map((item) => `${flag}=${item}`) : [`${flag}=${value.join(',')}`];
}
