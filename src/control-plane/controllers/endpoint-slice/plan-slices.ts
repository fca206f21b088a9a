import { controllerReference, type Endpoint, type EndpointSlice, type KubeObject, type Service } from '../../../kube/objects.ts';
import { canonicalJson, deepEqual } from '../../../lib/json.ts';
import type { EndpointGroup } from './service-endpoints.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

const maxEndpoints = 100;

/** Whose slices they are. */
export interface SliceSource {
  service: Service;
  /** The value of the managed-by label. */
  manager: string;
  /** With whom the slices go. */
  owner: KubeObject;
}

export interface SlicePlan {
  create: EndpointSlice[];
  update: EndpointSlice[];
  remove: EndpointSlice[];
}

/** What to write so that the slices show the groups: endpoints stay in the slice where they are, new ones fill what has room. */
export function planSlices(source: SliceSource, groups: readonly EndpointGroup[], existing: readonly EndpointSlice[]): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  // A Service without endpoints has one empty slice: clients tell "nobody" from "not yet known" by it.
  const wanted = groups.length > 0 ? groups : [{ ports: [], endpoints: [] }];
  const unused = new Set(existing);
  for (const group of wanted) {
    const own = existing.filter((slice) => unused.has(slice) && canonicalJson(slice.ports ?? []) === canonicalJson(group.ports));
    for (const slice of own) unused.delete(slice);
    planGroup(source, group, own, plan);
  }
  plan.remove.push(...unused);
  return plan;
}

function planGroup(source: SliceSource, group: EndpointGroup, own: readonly EndpointSlice[], plan: SlicePlan): void {
  const left = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const drafts = own.map((slice) => {
    const endpoints: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const current = left.get(identity(endpoint));
      if (!current) continue;
      left.delete(identity(endpoint));
      endpoints.push(current);
    }
    return { slice, endpoints };
  });
  const added = [...left.values()];
  for (const draft of drafts) draft.endpoints.push(...added.splice(0, maxEndpoints - draft.endpoints.length));
  while (added.length > 0) plan.create.push(sliceFor(source, group, added.splice(0, maxEndpoints)));
  const kept = drafts.filter(({ endpoints }) => endpoints.length > 0);
  const empty = drafts.filter(({ endpoints }) => endpoints.length === 0);
  const placeholder = kept.length === 0 && group.endpoints.length === 0 ? empty.shift() : undefined;
  if (placeholder) kept.push(placeholder);
  else if (group.endpoints.length === 0 && kept.length === 0) plan.create.push(sliceFor(source, group, []));
  plan.remove.push(...empty.map(({ slice }) => slice));
  for (const { slice, endpoints } of kept) {
    const labels = { ...slice.metadata.labels, ...labelsFor(source) };
    if (deepEqual(endpoints, slice.endpoints ?? []) && deepEqual(labels, slice.metadata.labels)) continue;
    plan.update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints });
  }
}

function identity({ targetRef, addresses }: Endpoint): string {
  return `${targetRef?.uid ?? ''}/${addresses.join(',')}`;
}

function sliceFor(source: SliceSource, { ports }: EndpointGroup, endpoints: Endpoint[]): EndpointSlice {
  const { name, namespace } = source.service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: labelsFor(source),
      ownerReferences: [controllerReference(source.owner)],
    },
    addressType: 'IPv4',
    endpoints,
    ports,
  };
}

function labelsFor({ service, manager }: SliceSource): Record<string, string> {
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  return { ...service.metadata.labels, ...headless, [serviceNameLabel]: service.metadata.name, [managedByLabel]: manager };
}
