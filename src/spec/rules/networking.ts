import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster } from '../types.ts';

const removed = ['classic', 'weave', 'romana', 'lyftvpc', 'canal', 'external'];
const withoutIpv6 = ['kubenet', 'kopeio', 'flannel', 'kuberouter', 'amazonvpc', 'gce'];

/** Pods, services and nodes have IPv6 addresses. */
export function isIpv6({ spec }: Cluster): boolean {
  return spec.nonMasqueradeCIDR?.includes(':') ?? false;
}

/** The network of the pods, beyond that there is exactly one. */
export function checkNetworking(cluster: Cluster, findings: Findings): void {
  const { spec } = cluster;
  const networking = spec.networking ?? {};
  for (const name of removed) if (networking[name] !== undefined) findings.error(`spec.networking.${name}`, 'is not supported any more', 'use cilium, calico or kindnet');
  if (isIpv6(cluster)) {
    for (const name of withoutIpv6) if (networking[name] !== undefined) findings.error(`spec.networking.${name}`, 'does not support IPv6', 'use cilium or calico');
    if (spec.nonMasqueradeCIDR !== '::/0') findings.error('spec.nonMasqueradeCIDR', `must be ::/0 with IPv6, not ${spec.nonMasqueradeCIDR}`);
  }
  checkKubeProxy(cluster, findings);
  if (networking.calico) checkCalico(cluster, networking.calico as Record<string, unknown>, findings);
  if (networking.cilium) checkCilium(cluster, networking.cilium as Record<string, unknown>, findings);
}

/** These do kube-proxy's work. */
function checkKubeProxy({ spec }: Cluster, findings: Findings): void {
  if (getPath(spec, ['kubeProxy', 'enabled']) === false) return;
  const hint = 'set spec.kubeProxy.enabled to false';
  if (getPath(spec, ['networking', 'kuberouter'])) findings.error('spec.networking.kuberouter', 'requires kube-proxy to be disabled', hint);
  if (getPath(spec, ['networking', 'calico', 'bpfEnabled']) === true) findings.error('spec.networking.calico.bpfEnabled', 'requires kube-proxy to be disabled', hint);
  if (getPath(spec, ['networking', 'cilium', 'enableNodePort']) === true) findings.error('spec.networking.cilium.enableNodePort', 'requires kube-proxy to be disabled', hint);
}

function checkCalico(cluster: Cluster, calico: Record<string, unknown>, findings: Findings): void {
  const path = 'spec.networking.calico';
  checkEncapsulation(cluster, calico, path, findings);
  if (calico.wireguardEnabled === true && isIpv6(cluster)) findings.error(`${path}.wireguardEnabled`, 'WireGuard is not supported with IPv6');
  if (calico.crossSubnet !== undefined) findings.error(`${path}.crossSubnet`, 'was removed', 'use ipipMode or vxlanMode: CrossSubnet');
  if (typeof calico.typhaReplicas === 'number' && calico.typhaReplicas < 0) findings.error(`${path}.typhaReplicas`, `must be 0 or more, not ${calico.typhaReplicas}`);
  for (const name of ['ipv4AutoDetectionMethod', 'ipv6AutoDetectionMethod']) {
    const method = calico[name];
    if (typeof method === 'string' && !/^(first-found|kubernetes-internal-ip|(can-reach|interface|skip-interface|cidr)=.+)$/.test(method))
      findings.error(`${path}.${name}`, `${JSON.stringify(method)} is not a method`, 'first-found, can-reach=DESTINATION, interface=REGEX or skip-interface=REGEX');
  }
}

/** Packets between machines are wrapped in one way, or with IPv6 not at all. */
function checkEncapsulation(cluster: Cluster, calico: Record<string, unknown>, path: string, findings: Findings): void {
  const { encapsulationMode } = calico;
  if (encapsulationMode === undefined) return;
  if (encapsulationMode === 'none' && !isIpv6(cluster)) findings.error(`${path}.encapsulationMode`, 'none is only for IPv6', 'use ipip or vxlan');
  if (encapsulationMode !== 'none' && isIpv6(cluster)) findings.error(`${path}.encapsulationMode`, `must be none with IPv6, not ${encapsulationMode}`);
  for (const [mode, needed] of Object.entries({ ipipMode: 'ipip', vxlanMode: 'vxlan' })) {
    const inUse = calico[mode] !== undefined && calico[mode] !== '' && calico[mode] !== 'Never';
    if (inUse && encapsulationMode !== needed) findings.error(`${path}.${mode}`, `${calico[mode]} needs encapsulationMode: ${needed}, not ${encapsulationMode}`);
  }
}

function checkCilium(cluster: Cluster, cilium: Record<string, unknown>, findings: Findings): void {
  const path = 'spec.networking.cilium';
  const hasEtcd = (cluster.spec.etcdClusters ?? []).some((etcd) => etcd.name === 'cilium');
  if ((cilium.etcdManaged === true || cilium.identityAllocationMode === 'kvstore') && !hasEtcd) {
    const field = cilium.etcdManaged === true ? 'etcdManaged' : 'identityAllocationMode';
    findings.error(`${path}.${field}`, 'needs an etcd cluster named "cilium"', 'add one to spec.etcdClusters');
  }
  if (cilium.encryptionType !== undefined && cilium.enableEncryption !== true) findings.error(`${path}.encryptionType`, 'needs enableEncryption: true');
  if (cilium.enableEncryption === true && isIpv6(cluster)) findings.error(`${path}.enableEncryption`, 'is not supported with IPv6');
  if (cilium.ipam === 'eni' && isIpv6(cluster)) findings.error(`${path}.ipam`, 'eni does not support IPv6');
  if (cilium.enableL7Proxy === true && cilium.IPTablesRulesNoinstall === true)
    findings.error(`${path}.enableL7Proxy`, 'needs the iptables rules', 'set IPTablesRulesNoinstall to false');
  if (cilium.bpfLBSockHostNSOnly === true && cilium.bpfLBSock !== true) findings.error(`${path}.bpfLBSockHostNSOnly`, 'needs bpfLBSock: true');
  if (typeof cilium.version === 'string' && !/^v1\.18\./.test(cilium.version)) findings.error(`${path}.version`, `${cilium.version} is not supported`, 'supported is v1.18.x');
}
