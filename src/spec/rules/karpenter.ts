import type { Findings } from '../findings.ts';
import type { Cluster, InstanceGroup } from '../types.ts';

/** An instance group whose machines Karpenter starts. */
export function checkKarpenter({ spec }: InstanceGroup, cluster: Cluster, findings: Findings): void {
  const { karpenter, iam } = cluster.spec as { karpenter?: { enabled?: boolean; featureGates?: string }; iam?: { useServiceAccountExternalPermissions?: boolean } };
  if (spec.role !== 'Node') findings.error('spec.manager', `Karpenter runs instance groups of role Node, not ${spec.role}`);
  if (karpenter?.enabled !== true) findings.error('spec.manager', 'Karpenter is not enabled in the cluster', 'set spec.karpenter.enabled to true in the cluster');
  if (iam?.useServiceAccountExternalPermissions !== true)
    findings.error('spec.manager', 'Karpenter needs permissions for service accounts', 'set spec.iam.useServiceAccountExternalPermissions to true in the cluster');
  if (spec.maxSize !== undefined && spec.maxSize <= 0) findings.error('spec.maxSize', 'must be more than 0');
  const fixed = (karpenter?.featureGates ?? '').split(',').some((gate) => gate.trim() === 'StaticCapacity=true');
  if (spec.minSize !== undefined && !fixed) {
    const hint = 'set spec.karpenter.featureGates to StaticCapacity=true in the cluster, or leave minSize out';
    findings.error('spec.minSize', 'a fixed number of machines needs the feature gate StaticCapacity', hint);
  }
}
