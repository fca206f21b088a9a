import { CloudError } from '../../../src/cloud/errors.ts';
import { referencedIds } from './kind-rules.ts';
import type { ClusterState, StoredResource } from './state.ts';

/** Throws CloudError `notFound` or `notYetVisible` for an id in the attributes that names nothing, or nothing yet. */
export function checkReferences(state: ClusterState, attributes: Record<string, unknown>, operation: string, now: number): void {
  for (const id of referencedIds(attributes)) {
    const found = state.resources.find((resource) => resource.id === id);
    if (!found) throw new CloudError('notFound', operation, `${id} does not exist`, { object: id });
    if (found.visibleAt > now) throw new CloudError('notYetVisible', operation, `${id} does not exist yet`, { object: id });
  }
}

/** Throws CloudError `quota` when one more would be too many over all clusters. */
export function checkQuota(clusters: readonly ClusterState[], kind: string, quota: number, operation: string): void {
  const used = clusters.reduce((sum, state) => sum + state.resources.filter((resource) => resource.kind === kind).length, 0);
  if (used >= quota) throw new CloudError('quota', operation, `the quota of ${quota} ${kind} resources is used up`, { object: kind });
}

/** Throws CloudError `dependency` naming everything that still uses the resource. */
export function checkUnused(state: ClusterState, resource: StoredResource, operation: string): void {
  const users = state.resources.filter((other) => other !== resource && referencedIds(other.attributes).includes(resource.id)).map((other) => other.id);
  const instances = state.instances.filter((instance) => instance.subnetId === resource.id || state.attachments[resource.id] === instance.id).map((instance) => instance.id);
  const blockers = [...users, ...instances];
  if (blockers.length === 0) return;
  throw new CloudError('dependency', operation, `${resource.kind} ${resource.name} (${resource.id}) has dependents: ${blockers.join(', ')}`, { object: resource.name, blockers });
}
