import type { Clock } from '../lib/clock.ts';
import type { ObjectReference } from './objects.ts';

/** An event as it stands at the server: repeated, it only counts up. */
export interface CorrelatedEvent {
  message: string;
  count: number;
  /** Undefined until it was written once. */
  name: string | undefined;
  firstTimestamp: string | undefined;
}

export interface EventCorrelator {
  /** Undefined: too many about this object, the event is dropped. */
  correlate(event: { reference: ObjectReference; type: string; reason: string; message: string }): CorrelatedEvent | undefined;
}

// client-go's figures.
const rememberedEvents = 4096;
const similarLimit = 10;
const similarWindowMs = 600_000;
const burst = 25;
const refillMs = 300_000;

/** client-go's EventCorrelator: a token bucket for each object, similar events combined beyond ten in ten minutes, equal ones counted. */
export function createEventCorrelator(clock: Clock): EventCorrelator {
  const buckets = new RecentMap<{ tokens: number; atMs: number }>();
  const groups = new RecentMap<{ messages: Set<string>; atMs: number }>();
  const known = new RecentMap<CorrelatedEvent>();

  const allowed = (subject: string): boolean => {
    const now = clock.now();
    const bucket = buckets.get(subject) ?? { tokens: burst, atMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.atMs) / refillMs);
    bucket.atMs = now;
    buckets.set(subject, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  };

  const combined = (group: string, message: string): boolean => {
    const now = clock.now();
    let entry = groups.get(group);
    if (!entry || now - entry.atMs > similarWindowMs) entry = { messages: new Set(), atMs: now };
    entry.atMs = now;
    entry.messages.add(message);
    groups.set(group, entry);
    if (entry.messages.size < similarLimit) return false;
    entry.messages.delete(message);
    return true;
  };

  return {
    correlate: ({ reference, type, reason, message }) => {
      const subject = [reference.kind, reference.namespace, reference.name, reference.uid, reference.apiVersion].join('\n');
      if (!allowed(subject)) return undefined;
      const group = [subject, reference.fieldPath, type, reason].join('\n');
      const similar = combined(group, message);
      const key = similar ? group : `${group}\n${message}`;
      const entry = known.get(key) ?? { message: '', count: 0, name: undefined, firstTimestamp: undefined };
      entry.message = similar ? `(combined from similar events): ${message}` : message;
      known.set(key, entry);
      return entry;
    },
  };
}

/** Forgets what was used longest ago. */
class RecentMap<V> {
  private readonly entries = new Map<string, V>();

  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= rememberedEvents) return;
    const oldest = this.entries.keys().next().value;
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
