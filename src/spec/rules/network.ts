import { type Cidr, cidrContains, cidrContainsIp, cidrsOverlap, maskedCidr, parseCidr, parseIp } from '../../lib/cidr.ts';
import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster } from '../types.ts';

type Blocks = Record<'networkCIDR' | 'nonMasqueradeCIDR' | 'podCIDR' | 'serviceClusterIPRange', Cidr | undefined>;

export function checkNetwork(cluster: Cluster, findings: Findings): void {
  const { spec } = cluster;
  const blocks: Blocks = {
    networkCIDR: requiredCidr(spec.networkCIDR, 'spec.networkCIDR', findings),
    nonMasqueradeCIDR: requiredCidr(spec.nonMasqueradeCIDR, 'spec.nonMasqueradeCIDR', findings),
    podCIDR: requiredCidr(spec.podCIDR, 'spec.podCIDR', findings),
    serviceClusterIPRange: requiredCidr(spec.serviceClusterIPRange, 'spec.serviceClusterIPRange', findings),
  };
  for (const [i, text] of additionalCidrs(cluster).entries()) requiredCidr(text, `spec.additionalNetworkCIDRs[${i}]`, findings);
  checkOverlaps(cluster, blocks, findings);
  const { nonMasqueradeCIDR, podCIDR } = blocks;
  if (nonMasqueradeCIDR && podCIDR && !cidrContains(nonMasqueradeCIDR, podCIDR))
    findings.error('spec.podCIDR', `${spec.podCIDR} must be inside nonMasqueradeCIDR ${spec.nonMasqueradeCIDR}`);
  checkClusterDns(cluster, blocks.serviceClusterIPRange, findings);
  checkKubeletDns(cluster, findings);
  const clusterCidr = getPath(spec, ['kubeControllerManager', 'clusterCIDR']);
  const pods = typeof clusterCidr === 'string' ? cidrOrFinding(clusterCidr, 'spec.kubeControllerManager.clusterCIDR', findings) : undefined;
  if (nonMasqueradeCIDR && pods && !cidrContains(nonMasqueradeCIDR, pods))
    findings.error('spec.kubeControllerManager.clusterCIDR', `${clusterCidr} must be inside nonMasqueradeCIDR ${spec.nonMasqueradeCIDR}`);
  const options = Object.keys(spec.networking ?? {});
  if (options.length !== 1) findings.error('spec.networking', `must name exactly one network, not ${options.length === 0 ? 'none' : options.join(' and ')}`);
}

function checkOverlaps(cluster: Cluster, blocks: Blocks, findings: Findings): void {
  const { networkCIDR, nonMasqueradeCIDR, podCIDR, serviceClusterIPRange } = blocks;
  const { spec } = cluster;
  if (podCIDR && serviceClusterIPRange && cidrsOverlap(podCIDR, serviceClusterIPRange)) {
    findings.error('spec.serviceClusterIPRange', `${spec.serviceClusterIPRange} overlaps podCIDR ${spec.podCIDR}`);
  }
  if (nativePodAddresses(cluster) || !nonMasqueradeCIDR) return;
  if (networkCIDR && cidrsOverlap(networkCIDR, nonMasqueradeCIDR)) findings.error('spec.nonMasqueradeCIDR', `${spec.nonMasqueradeCIDR} overlaps networkCIDR ${spec.networkCIDR}`);
  for (const text of additionalCidrs(cluster)) {
    const cidr = parseCidr(text);
    if (cidr && cidrsOverlap(cidr, nonMasqueradeCIDR)) findings.error('spec.nonMasqueradeCIDR', `${spec.nonMasqueradeCIDR} overlaps additionalNetworkCIDRs ${text}`);
  }
}

function checkClusterDns(cluster: Cluster, services: Cidr | undefined, findings: Findings): void {
  const address = cluster.spec.kubeDNS?.serverIP;
  if (!services || address === undefined) return;
  const ip = parseIp(address);
  if (ip === undefined || !cidrContainsIp(services, ip))
    findings.error('spec.kubeDNS.serverIP', `${address} must be an address inside serviceClusterIPRange ${cluster.spec.serviceClusterIPRange}`);
}

const usualNodeLocalIp = '169.254.20.10';

/** Pods ask the cluster's DNS server, or the one on their machine. */
function checkKubeletDns({ spec }: Cluster, findings: Findings): void {
  const asked = spec.kubelet?.clusterDNS;
  if (asked === undefined || asked === '') return;
  const local = getPath(spec, ['kubeDNS', 'nodeLocalDNS', 'enabled']) === true ? (getPath(spec, ['kubeDNS', 'nodeLocalDNS', 'localIP']) ?? usualNodeLocalIp) : undefined;
  if (asked === spec.kubeDNS?.serverIP || asked === local) return;
  const known = [spec.kubeDNS?.serverIP, local].filter((ip) => ip !== undefined).join(' or ');
  findings.error('spec.kubelet.clusterDNS', `is ${asked}, but the cluster's DNS server is ${known}`, 'leave it out');
}

/** Pods have addresses of the cloud's network. */
export function nativePodAddresses(cluster: Cluster): boolean {
  const { amazonvpc, cilium } = (cluster.spec.networking ?? {}) as { amazonvpc?: unknown; cilium?: { ipam?: string } };
  return amazonvpc !== undefined || cilium?.ipam === 'eni';
}

export function additionalCidrs(cluster: Cluster): string[] {
  return (cluster.spec.additionalNetworkCIDRs as string[] | undefined) ?? [];
}

function requiredCidr(text: string | undefined, path: string, findings: Findings): Cidr | undefined {
  if (text === undefined) {
    findings.error(path, 'is required');
    return undefined;
  }
  return cidrOrFinding(text, path, findings);
}

/** The block, or a finding that proposes what was probably meant. IPv6 passes unread. */
export function cidrOrFinding(text: string, path: string, findings: Findings): Cidr | undefined {
  const cidr = parseCidr(text);
  if (cidr || isIpv6Cidr(text)) return cidr;
  const corrected = maskedCidr(text);
  if (corrected !== undefined) findings.error(path, `${text} has host bits set`, `did you mean ${corrected}?`);
  else findings.error(path, `${JSON.stringify(text)} is not an address block`, parseIp(text) === undefined ? 'for example 10.0.0.0/16' : `did you mean ${text}/32?`);
  return undefined;
}

function isIpv6Cidr(text: string): boolean {
  const match = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\/(\d{1,3})$/.exec(text);
  return match !== null && Number(match[1]) <= 128;
}
