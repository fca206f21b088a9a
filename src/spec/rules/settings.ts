import type { Findings } from '../findings.ts';
import type { Cluster, InstanceGroup, RollingUpdateSpec } from '../types.ts';

const reservedLabels = ['kubernetes.io/cluster/', 'k8s.io/role/', 'kops.k8s.io/'];

/** Rules that hold for a cluster and for an instance group alike. */
export function checkSettings({ spec }: Cluster | InstanceGroup, findings: Findings): void {
  for (const key of Object.keys(spec.cloudLabels ?? {})) {
    if (key === 'Name' || key === 'KubernetesCluster' || reservedLabels.some((prefix) => key.startsWith(prefix))) {
      findings.error(`spec.cloudLabels["${key}"]`, 'is a label that kops sets itself');
    }
  }
  checkRollingUpdate(spec.rollingUpdate, spec.role === 'Master', findings);
}

export function checkAuthorization({ spec }: Cluster, findings: Findings): void {
  const chosen = Object.entries(spec.authorization ?? {}).filter(([, value]) => value !== undefined && value !== null);
  if (chosen.length !== 1) findings.error('spec.authorization', `must name exactly one of rbac and alwaysAllow, not ${chosen.length === 0 ? 'none' : 'both'}`);
}

function checkRollingUpdate(rolling: RollingUpdateSpec | undefined, controlPlane: boolean, findings: Findings): void {
  if (!rolling) return;
  const { maxSurge, maxUnavailable } = rolling;
  for (const [name, value] of Object.entries({ maxSurge, maxUnavailable })) {
    if (value !== undefined && !/^\d+%?$/.test(String(value)))
      findings.error(`spec.rollingUpdate.${name}`, `${JSON.stringify(value)} is neither a number nor a percentage`, 'for example 1 or 25%');
  }
  if (controlPlane && maxSurge !== undefined && !isZero(maxSurge)) findings.error('spec.rollingUpdate.maxSurge', 'control planes cannot surge');
  if (isZero(maxSurge) && isZero(maxUnavailable)) findings.error('spec.rollingUpdate.maxSurge', 'maxSurge and maxUnavailable cannot both be 0: nothing could ever be replaced');
}

function isZero(value: number | string | undefined): boolean {
  return value === 0 || value === '0' || value === '0%';
}
