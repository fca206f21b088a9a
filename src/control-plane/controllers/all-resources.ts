import { loadApiTables } from '../../kube/api/tables.ts';
import type { ResourceType } from '../../kube/client.ts';

/** Events are many, and nobody owns them. */
const left = new Set(['v1/events', 'events.k8s.io/v1/events']);

/** Every served resource that can be listed, watched and deleted; each once, in its preferred version. */
export function deletableResources(): ResourceType[] {
  const found = new Map<string, ResourceType>();
  for (const [key, { group, version, resource, kind, namespaced, verbs }] of loadApiTables().resources) {
    if (left.has(key) || !['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)) || found.has(`${group}/${resource}`)) continue;
    found.set(`${group}/${resource}`, { group, version, resource, kind, namespaced });
  }
  return [...found.values()];
}
