import { type EndpointSlice, keyOf, type NodeObject, objectKey, type Pod, type Service } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { type StartController, stopAll } from '../controller.ts';
import { managedByLabel, manager, planSlices, serviceNameLabel } from './plan-slices.ts';
import { serviceEndpoints } from './service-endpoints.ts';
import { hasSelector, membersOf, watchServiceMembers } from './services-of-pods.ts';

/** How long a write of our own may take to come back before we act without having seen it. */
const patienceMs = 10_000;

/** Keeps EndpointSlices true to the pods behind each Service. */
export const startEndpointSliceController: StartController = (context) => {
  const { client, informers, environment } = context;
  const services = informers.for<Service>(resourceTypes.services);
  const pods = informers.for<Pod>(resourceTypes.pods);
  const slices = informers.for<EndpointSlice>(resourceTypes.endpointSlices);
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  pods.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  slices.addIndex('service', (slice) => (ours(slice) ? [serviceKey(slice)] : []));
  const queue = context.queue('endpointslice', reconcile);
  /** Versions we wrote and the informer has not shown yet, by Service. Acting before would create the same slice twice. */
  const unseen = new Map<string, Map<string, { version: number; untilMs: number }>>();

  async function reconcile(key: string): Promise<void> {
    const waitMs = behind(key);
    if (waitMs > 0) return queue.addAfter(key, waitMs);
    const service = services.get(key);
    const existing = slices.byIndex('service', key).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    // Slices of a Service that went are the garbage collector's; of one that lost its selector they become the user's own.
    if (!service || service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return;
    const members = membersOf(service, pods.byIndex('namespace', service.metadata.namespace ?? ''));
    const groups = serviceEndpoints(service, members, (name) => nodes.get(name));
    const plan = planSlices(service, groups, existing);
    for (const slice of plan.create) wrote(key, await client.create(resourceTypes.endpointSlices, slice));
    for (const slice of plan.update) wrote(key, await client.update(resourceTypes.endpointSlices, slice));
    for (const slice of plan.remove) await remove(slice);
  }

  async function remove({ metadata }: EndpointSlice): Promise<void> {
    try {
      await client.delete(resourceTypes.endpointSlices, metadata.namespace, metadata.name, { preconditions: { uid: metadata.uid ?? '' } });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  function wrote(key: string, slice: EndpointSlice): void {
    const versions = unseen.get(key) ?? new Map();
    versions.set(objectKey(slice), { version: versionOf(slice), untilMs: environment.clock.now() + patienceMs });
    unseen.set(key, versions);
  }

  /** Milliseconds to wait at most; the informer's event comes earlier and wakes the Service. */
  function behind(key: string): number {
    const versions = unseen.get(key);
    let waitMs = 0;
    for (const [name, { version, untilMs }] of versions ?? []) {
      const left = untilMs - environment.clock.now();
      const known = slices.get(name);
      if ((known && versionOf(known) >= version) || left <= 0) versions?.delete(name);
      else waitMs = Math.max(waitMs, left);
    }
    if (versions?.size === 0) unseen.delete(key);
    return waitMs;
  }

  const sliceChanged = (slice: EndpointSlice) => {
    if (ours(slice)) queue.add(serviceKey(slice));
  };
  return stopAll([
    queue,
    ...watchServiceMembers(services, pods, nodes, (key, urgent) => queue.add(key, urgent)),
    slices.handle({ add: sliceChanged, update: (_old, slice) => sliceChanged(slice), deleted: sliceChanged }),
  ]);
};

function ours({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[managedByLabel] === manager;
}

function serviceKey({ metadata }: EndpointSlice): string {
  return keyOf(metadata.namespace, metadata.labels?.[serviceNameLabel] ?? '');
}

function versionOf({ metadata }: EndpointSlice): number {
  return Number(metadata.resourceVersion ?? 0);
}
