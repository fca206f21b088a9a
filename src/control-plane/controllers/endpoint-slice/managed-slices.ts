import type { KubeClient } from '../../../kube/client.ts';
import type { Informer } from '../../../kube/informer.ts';
import { type EndpointSlice, keyOf, objectKey } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import type { Clock } from '../../../lib/clock.ts';
import { managedByLabel, type SlicePlan, serviceNameLabel } from './plan-slices.ts';

/** How long a write of our own may take to come back before we act without having seen it. */
const patienceMs = 10_000;

/** The slices of one manager, by Service. Knows what it wrote and has not seen yet: acting before would create the same slice twice. */
export class ManagedSlices {
  private readonly client: KubeClient;
  private readonly slices: Informer<EndpointSlice>;
  private readonly manager: string;
  private readonly clock: Clock;
  private readonly unseen = new Map<string, Map<string, { version: number; untilMs: number }>>();

  constructor(client: KubeClient, slices: Informer<EndpointSlice>, manager: string, clock: Clock) {
    this.client = client;
    this.slices = slices;
    this.manager = manager;
    this.clock = clock;
    slices.addIndex('managedService', (slice) => [`${slice.metadata.labels?.[managedByLabel]} ${serviceKeyOf(slice)}`]);
  }

  of(service: string): EndpointSlice[] {
    return this.slices.byIndex('managedService', `${this.manager} ${service}`).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Calls back with the Service's key for every change of a slice of this manager. */
  handle(changed: (service: string) => void): () => void {
    const notify = (slice: EndpointSlice) => slice.metadata.labels?.[managedByLabel] === this.manager && changed(serviceKeyOf(slice));
    return this.slices.handle({ add: notify, update: (_old, slice) => notify(slice), deleted: notify });
  }

  async write(service: string, { create, update, remove }: SlicePlan): Promise<void> {
    for (const slice of create) this.wrote(service, await this.client.create(resourceTypes.endpointSlices, slice));
    for (const slice of update) this.wrote(service, await this.client.update(resourceTypes.endpointSlices, slice));
    for (const { metadata } of remove) {
      try {
        await this.client.delete(resourceTypes.endpointSlices, metadata.namespace, metadata.name, { preconditions: { uid: metadata.uid ?? '' } });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }
  }

  /** Milliseconds to wait at most until the informer shows what was written; its event comes earlier. */
  behind(service: string): number {
    const versions = this.unseen.get(service);
    let waitMs = 0;
    for (const [name, { version, untilMs }] of versions ?? []) {
      const left = untilMs - this.clock.now();
      const known = this.slices.get(name);
      if ((known && versionOf(known) >= version) || left <= 0) versions?.delete(name);
      else waitMs = Math.max(waitMs, left);
    }
    if (versions?.size === 0) this.unseen.delete(service);
    return waitMs;
  }

  private wrote(service: string, slice: EndpointSlice): void {
    const versions = this.unseen.get(service) ?? new Map();
    versions.set(objectKey(slice), { version: versionOf(slice), untilMs: this.clock.now() + patienceMs });
    this.unseen.set(service, versions);
  }
}

function serviceKeyOf({ metadata }: EndpointSlice): string {
  return keyOf(metadata.namespace, metadata.labels?.[serviceNameLabel] ?? '');
}

function versionOf({ metadata }: EndpointSlice): number {
  return Number(metadata.resourceVersion ?? 0);
}
