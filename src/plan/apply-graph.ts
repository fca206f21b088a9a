import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, type DesiredResource, refsIn, resourceKey } from '../cloud/resource.ts';
import { Graph } from './graph.ts';
import type { PlannedChange } from './plan.ts';
import { usersOf } from './users.ts';

const removal = (key: string) => `remove ${key}`;

/** The resource whose removal a step is, or undefined for any other step. */
export function removalOf(step: string): string | undefined {
  return step.startsWith('remove ') ? step.slice('remove '.length) : undefined;
}

/**
 * Steps of an apply: `Kind/name`, and `remove Kind/name` for what goes (a deletion, or the old half of a replacement).
 * A change waits for what it refers to. A removal waits for the removals of its users. A deletion that stands in nobody's
 * way comes last, so that changes which stop using it are done first.
 */
export function applyGraph(changes: readonly PlannedChange[], kinds: ReadonlyMap<string, ResourceKind>): Graph {
  const graph = new Graph();
  const removed = changes.flatMap((change) => (change.action === 'delete' || change.action === 'replace' ? [change.actual] : []));
  const users = (actual: ActualResource) => kinds.get(actual.kind)?.deleteAfter?.(actual, removed) ?? [];
  for (const actual of removed) {
    graph.add(removal(resourceKey(actual)));
    for (const user of users(actual)) graph.connect(removal(resourceKey(actual)), removal(resourceKey(user)));
  }
  for (const change of changes) {
    if (change.action === 'delete') continue;
    const key = resourceKey(change);
    graph.add(key);
    if (change.action === 'replace') graph.connect(key, removal(key));
    for (const target of referencedBy(change.desired)) graph.connect(key, target);
  }
  const urgent = usersOf(
    changes.flatMap((change) => (change.action === 'replace' ? [change.actual] : [])),
    removed,
    kinds,
  );
  const kept = changes.filter((change) => change.action !== 'delete').map(resourceKey);
  for (const change of changes) {
    if (change.action !== 'delete' || urgent.has(resourceKey(change))) continue;
    for (const key of kept) graph.connect(removal(resourceKey(change)), key);
  }
  return graph;
}

function referencedBy(desired: DesiredResource): string[] {
  return [...refsIn(desired.attributes).map((reference) => resourceKey(reference.$ref)), ...(desired.dependsOn ?? []).map(resourceKey)];
}
