import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import { hintFor } from '../schema.ts';
import type { Cluster, InstanceGroup } from '../types.ts';

/** Paths under `spec` of values that are one of a few; space-separated. */
export const clusterChoices: Readonly<Record<string, string>> = {
  'authentication.aws.backendMode': 'CRD MountedFile EKSConfigMap',
  'cloudConfig.nlbSecurityGroupMode': 'Managed',
  'clusterAutoscaler.expander': 'least-waste random most-pods price priority',
  'kubeAPIServer.logFormat': 'text json',
  'kubeAPIServer.auditLogFormat': 'json legacy',
  'networking.calico.awsSrcDstCheck': 'DoNothing Enable Disable',
  'networking.calico.bpfExternalServiceMode': 'Tunnel DSR',
  'networking.calico.bpfLogLevel': 'Off Info Debug',
  'networking.calico.chainInsertMode': 'insert append',
  'networking.calico.encapsulationMode': 'ipip vxlan none',
  'networking.calico.ipipMode': 'Always CrossSubnet Never',
  'networking.calico.iptablesBackend': 'Legacy NFT Auto',
  'networking.calico.vxlanMode': 'Always CrossSubnet Never',
  'networking.cilium.bpfLBAlgorithm': 'random maglev',
  'networking.cilium.enablePolicy': 'default always never',
  'networking.cilium.encryptionType': 'ipsec wireguard',
  'networking.cilium.identityAllocationMode': 'crd kvstore',
  'networking.cilium.ingress.defaultLoadBalancerMode': 'shared dedicated',
  'networking.cilium.ipam': 'hostscope kubernetes crd eni',
  'networking.cilium.monitorAggregation': 'low medium maximum',
  'networking.cilium.tunnel': 'vxlan geneve disabled',
  'networking.flannel.backend': 'udp vxlan',
};

export const instanceGroupChoices: Readonly<Record<string, string>> = {
  cpuCredits: 'standard unlimited',
  'instanceMetadata.httpTokens': 'optional required',
  instanceInterruptionBehavior: 'terminate hibernate stop',
  manager: 'CloudGroup Karpenter',
  'mixedInstancesPolicy.spotAllocationStrategy': 'lowest-price diversified capacity-optimized capacity-optimized-prioritized price-capacity-optimized',
  tenancy: 'default dedicated host',
  updatePolicy: 'automatic external',
};

/** Paths under `spec` of numbers with bounds. */
export const instanceGroupRanges: Readonly<Record<string, readonly [number, number]>> = {
  'instanceMetadata.httpPutResponseHopLimit': [1, 64],
  'mixedInstancesPolicy.onDemandAboveBase': [0, 100],
  'mixedInstancesPolicy.onDemandBase': [0, Number.MAX_SAFE_INTEGER],
};

export function checkChoices({ kind, spec }: Cluster | InstanceGroup, findings: Findings): void {
  for (const [path, words] of Object.entries(kind === 'Cluster' ? clusterChoices : instanceGroupChoices)) {
    const value = getPath(spec, path.split('.'));
    const allowed = words.split(' ');
    if (value === undefined || value === null || value === '' || allowed.includes(String(value))) continue;
    findings.error(`spec.${path}`, `must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`, hintFor(String(value), allowed));
  }
  if (kind === 'Cluster') return;
  for (const [path, [least, most]] of Object.entries(instanceGroupRanges)) {
    const value = getPath(spec, path.split('.'));
    if (typeof value !== 'number' || (value >= least && value <= most)) continue;
    findings.error(`spec.${path}`, most === Number.MAX_SAFE_INTEGER ? `must be ${least} or more, not ${value}` : `must be between ${least} and ${most}, not ${value}`);
  }
}
