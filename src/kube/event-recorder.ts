import { timestamp } from '../lib/clock.ts';
import type { Environment } from '../lib/environment.ts';
import { messageOf } from '../lib/errors.ts';
import type { KubeClient } from './client.ts';
import { createEventCorrelator } from './event-recorder-correlate.ts';
import type { EventObject, KubeObject, ObjectReference } from './objects.ts';
import { resourceTypes } from './resource-types.ts';
import { isStatus } from './status.ts';

export interface EventRecorderOptions {
  client: KubeClient;
  environment: Environment;
  /** `kubelet`, `default-scheduler`, `deployment-controller`. */
  component: string;
  /** The node, for node components. */
  host?: string;
}

/** Writes core/v1 Events without holding up its caller: in order, in the background, the same one again as a higher count. */
export interface EventRecorder {
  event(about: KubeObject | ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Resolves when all that was recorded so far is written or given up. */
  flush(): Promise<void>;
}

const queueLimit = 4096;
const writesAtOnce = 4;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { environment } = options;
  const correlator = createEventCorrelator(environment.clock);
  /** One chain for each object, so that counts go up in order; several objects at a time. */
  const pending: { reference: ObjectReference; type: string; reason: string; message: string }[] = [];
  const busy = new Set<string>();
  let idle: (() => void)[] = [];
  let last = 0n;
  /** Rising, as a clock of nanoseconds would be: clients that list events by name see them in their order. */
  const nextSuffix = (): string => {
    const now = BigInt(Math.floor(environment.clock.now())) * 1_000_000n + BigInt(environment.random.integer(1_000_000));
    last = now > last ? now : last + 1n;
    return last.toString(16);
  };

  const next = () => {
    while (busy.size < writesAtOnce) {
      const index = pending.findIndex((event) => !busy.has(subjectOf(event.reference)));
      const event = index < 0 ? undefined : pending.splice(index, 1)[0];
      if (!event) break;
      const subject = subjectOf(event.reference);
      busy.add(subject);
      writeEvent(options, correlator, event, nextSuffix)
        .catch((error: unknown) => environment.log.debug('an event was not written', { reason: event.reason, error: messageOf(error) }))
        .finally(() => {
          busy.delete(subject);
          next();
        });
    }
    if (busy.size > 0 || pending.length > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  };

  return {
    event: (about, type, reason, message) => {
      // As client-go: better to lose events than to hold up the work or to fill the memory.
      if (pending.length >= queueLimit) return;
      pending.push({ reference: referenceTo(about), type, reason, message });
      next();
    },
    flush: () => (busy.size === 0 && pending.length === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}

async function writeEvent(
  options: EventRecorderOptions,
  correlator: ReturnType<typeof createEventCorrelator>,
  event: { reference: ObjectReference; type: string; reason: string; message: string },
  nextSuffix: () => string,
): Promise<void> {
  const { client, environment } = options;
  const entry = correlator.correlate(event);
  if (!entry) return;
  const now = timestamp(environment.clock);
  const namespace = event.reference.namespace ?? 'default';
  entry.count++;
  if (entry.name) {
    try {
      await client.patch(resourceTypes.events, namespace, entry.name, { count: entry.count, lastTimestamp: now, message: entry.message }, 'application/merge-patch+json');
      return;
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      entry.count = 1;
      entry.firstTimestamp = now;
    }
  }
  entry.firstTimestamp ??= now;
  const name = `${event.reference.name}.${nextSuffix()}`;
  await client.create<EventObject>(resourceTypes.events, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: event.reference,
    reason: event.reason,
    message: entry.message,
    source: options.host === undefined ? { component: options.component } : { component: options.component, host: options.host },
    firstTimestamp: entry.firstTimestamp,
    lastTimestamp: now,
    count: entry.count,
    type: event.type,
    eventTime: null,
    reportingComponent: options.component,
    reportingInstance: options.host ?? '',
  });
  entry.name = name;
}

function subjectOf(reference: ObjectReference): string {
  return reference.uid ?? `${reference.kind}/${reference.namespace}/${reference.name}`;
}

function referenceTo(about: KubeObject | ObjectReference): ObjectReference {
  if (!isObject(about)) return about;
  const { name, namespace, uid, resourceVersion } = about.metadata;
  const reference: ObjectReference = { kind: about.kind, apiVersion: about.apiVersion, name };
  if (namespace !== undefined) reference.namespace = namespace;
  if (uid !== undefined) reference.uid = uid;
  if (resourceVersion !== undefined) reference.resourceVersion = resourceVersion;
  return reference;
}

function isObject(about: KubeObject | ObjectReference): about is KubeObject {
  return 'metadata' in about;
}
