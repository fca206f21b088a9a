import type { ClusterSpec, InstanceGroup } from '../../../src/spec/types.ts';
import { clusterSpec, groupSpec, type WarmPoolSpec } from '../aws-spec.ts';

/** A group's own pool, completed by the cluster's for workers and API servers. Undefined: the group has none, as when its greatest size is 0. */
export function warmPoolOf(cluster: { spec: ClusterSpec }, group: InstanceGroup): WarmPoolSpec | undefined {
  const own = groupSpec(group).warmPool;
  const shared = group.spec.role === 'Node' || group.spec.role === 'APIServer' ? clusterSpec(cluster).warmPool : undefined;
  const pool = own && shared ? merged(own, shared) : (own ?? shared);
  return pool?.maxSize === 0 ? undefined : pool;
}

function merged(own: WarmPoolSpec, shared: WarmPoolSpec): WarmPoolSpec {
  const maxSize = own.maxSize ?? shared.maxSize;
  return {
    minSize: own.minSize || shared.minSize || 0,
    enableLifecycleHook: own.enableLifecycleHook || shared.enableLifecycleHook || false,
    ...(maxSize === undefined ? {} : { maxSize }),
    lifecycleHookTimeout: own.lifecycleHookTimeout || shared.lifecycleHookTimeout || 0,
  };
}
