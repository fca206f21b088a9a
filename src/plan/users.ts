import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, resourceKey } from '../cloud/resource.ts';

/** Keys of everything among `candidates` that must be gone before one of `starts` can be, directly or not. */
export function usersOf(starts: readonly ActualResource[], candidates: readonly ActualResource[], kinds: ReadonlyMap<string, ResourceKind>): Set<string> {
  const found = new Set<string>();
  const visit = (actual: ActualResource): void => {
    for (const user of kinds.get(actual.kind)?.deleteAfter?.(actual, candidates) ?? []) {
      if (found.has(resourceKey(user))) continue;
      found.add(resourceKey(user));
      visit(user);
    }
  };
  for (const actual of starts) visit(actual);
  return found;
}
