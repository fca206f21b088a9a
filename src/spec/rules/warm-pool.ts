import type { Findings } from '../findings.ts';
import type { Cluster, InstanceGroup } from '../types.ts';

interface WarmPool {
  minSize?: number;
  maxSize?: number;
  additionalImages?: unknown;
}

/** Machines that wait, stopped, until they are needed. */
export function checkWarmPool({ kind, spec }: Cluster | InstanceGroup, findings: Findings): void {
  const pool = spec.warmPool as WarmPool | undefined;
  if (!pool) return;
  const { minSize = 0, maxSize } = pool;
  if (minSize < 0) findings.error('spec.warmPool.minSize', `must be 0 or more, not ${minSize}`);
  if (maxSize !== undefined && maxSize < 0) findings.error('spec.warmPool.maxSize', `must be 0 or more, not ${maxSize}`);
  else if (maxSize !== undefined && maxSize !== 0 && maxSize < minSize) findings.error('spec.warmPool.maxSize', `${maxSize} is less than minSize ${minSize}`);
  if (kind === 'Cluster') {
    if (pool.additionalImages !== undefined) findings.error('spec.warmPool.additionalImages', 'is for instance groups only', 'set it in the specs of the groups');
    return;
  }
  if (maxSize === 0) return;
  if (spec.role !== 'Node' && spec.role !== 'APIServer') findings.error('spec.warmPool', `is for groups of role Node or APIServer, not ${spec.role}`);
  if (spec.maxPrice !== undefined) findings.error('spec.warmPool', 'cannot be used with spot instances');
}
