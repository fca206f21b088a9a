/** Paths as kops' own `--set` has them, which follow a later version of its API → those of v1alpha2. */
const aliases: readonly (readonly [string, string])[] = [
  ['spec.api.access', 'spec.kubernetesApiAccess'],
  ['spec.api.additionalSANs', 'spec.additionalSans'],
  ['spec.api.publicName', 'spec.masterPublicName'],
  ['spec.configStore.base', 'spec.configBase'],
  ['spec.networking.additionalNetworkCIDRs', 'spec.additionalNetworkCIDRs'],
  ['spec.networking.egressProxy', 'spec.egressProxy'],
  ['spec.networking.networkCIDR', 'spec.networkCIDR'],
  ['spec.networking.networkID', 'spec.networkID'],
  ['spec.networking.nonMasqueradeCIDR', 'spec.nonMasqueradeCIDR'],
  ['spec.networking.podCIDR', 'spec.podCIDR'],
  ['spec.networking.serviceClusterIPRange', 'spec.serviceClusterIPRange'],
  ['spec.networking.subnets', 'spec.subnets'],
  ['spec.networking.topology.dns', 'spec.topology.dns.type'],
  ['spec.networking.topology.bastion', 'spec.topology.bastion'],
];

/** The path in v1alpha2; without regard to case, as kops reads paths. */
export function currentName(path: string): string {
  const found = aliases.find(([alias]) => path.toLowerCase().startsWith(alias.toLowerCase()) && /^(?:[.[=]|$)/.test(path.slice(alias.length)));
  return found ? `${found[1]}${path.slice(found[0].length)}` : path;
}
