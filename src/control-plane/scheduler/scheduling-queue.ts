import type { Clock, Timer } from '../../lib/clock.ts';
import type { ClusterEvent } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

interface Entry {
  info: PodInfo;
  attempts: number;
  lastAttemptMs: number;
  state: 'active' | 'backoff' | 'unschedulable' | 'taken';
  /** Events after which another try makes sense. */
  wakes: ReadonlySet<ClusterEvent>;
  timer: Timer | undefined;
}

const firstBackoffMs = 1000;
const longestBackoffMs = 10_000;
const longestUnschedulableMs = 300_000;

/** Pods that wait for a node: ready to be tried (highest priority first, then first come), backing off, or waiting for the cluster to change. */
export class SchedulingQueue {
  private readonly clock: Clock;
  private readonly onReady: () => void;
  private readonly entries = new Map<string, Entry>();
  /** Ready pods by priority; uids in order of arrival. */
  private readonly ready = new Map<number, Set<string>>();

  constructor(clock: Clock, onReady: () => void) {
    this.clock = clock;
    this.onReady = onReady;
  }

  get size(): number {
    return this.entries.size;
  }

  add(info: PodInfo): void {
    if (this.entries.has(info.uid)) {
      this.replace(info);
      return;
    }
    this.entries.set(info.uid, { info, attempts: 0, lastAttemptMs: 0, state: 'taken', wakes: new Set(), timer: undefined });
    this.activate(info.uid);
  }

  /** The pod as it is now; `retry`: it changed in a way that may let it fit. */
  replace(info: PodInfo, retry = false): void {
    const entry = this.entries.get(info.uid);
    if (!entry) return;
    if (entry.state === 'active') this.ready.get(entry.info.priority)?.delete(info.uid);
    entry.info = info;
    if (entry.state === 'active' || (retry && entry.state === 'unschedulable')) this.activate(info.uid);
  }

  remove(uid: string): void {
    const entry = this.entries.get(uid);
    if (!entry) return;
    entry.timer?.cancel();
    this.ready.get(entry.info.priority)?.delete(uid);
    this.entries.delete(uid);
  }

  /** The next pod to try. It stays known until `remove`, `retryLater` or `park` says what became of it. */
  take(): PodInfo | undefined {
    let best: number | undefined;
    for (const [priority, uids] of this.ready) {
      if (uids.size === 0) this.ready.delete(priority);
      else if (best === undefined || priority > best) best = priority;
    }
    const uids = best === undefined ? undefined : this.ready.get(best);
    const uid = uids?.values().next().value;
    const entry = uid === undefined ? undefined : this.entries.get(uid);
    if (!uids || !entry) return undefined;
    uids.delete(entry.info.uid);
    entry.state = 'taken';
    entry.attempts++;
    entry.lastAttemptMs = this.clock.now();
    return entry.info;
  }

  /** It should have worked: again after its back-off. */
  retryLater(uid: string): void {
    const entry = this.entries.get(uid);
    if (entry) this.backOff(entry);
  }

  /** It fits nowhere: again when one of the events happens, or after five minutes. */
  park(uid: string, wakes: ReadonlySet<ClusterEvent>): void {
    const entry = this.entries.get(uid);
    if (!entry) return;
    entry.state = 'unschedulable';
    entry.wakes = wakes;
    entry.timer?.cancel();
    entry.timer = this.clock.setTimer(longestUnschedulableMs, () => this.activate(uid), { background: true });
  }

  wake(event: ClusterEvent): void {
    for (const entry of this.entries.values()) {
      if (entry.state === 'unschedulable' && entry.wakes.has(event)) this.backOff(entry);
    }
  }

  clear(): void {
    for (const entry of this.entries.values()) entry.timer?.cancel();
    this.entries.clear();
    this.ready.clear();
  }

  private backOff(entry: Entry): void {
    const delayMs = Math.min(firstBackoffMs * 2 ** Math.min(entry.attempts - 1, 10), longestBackoffMs);
    const waitMs = entry.lastAttemptMs + delayMs - this.clock.now();
    entry.state = 'backoff';
    entry.timer?.cancel();
    if (waitMs <= 0) this.activate(entry.info.uid);
    else entry.timer = this.clock.setTimer(waitMs, () => this.activate(entry.info.uid), { background: true });
  }

  private activate(uid: string): void {
    const entry = this.entries.get(uid);
    if (!entry) return;
    entry.timer?.cancel();
    entry.timer = undefined;
    entry.state = 'active';
    const { priority } = entry.info;
    let uids = this.ready.get(priority);
    if (!uids) {
      uids = new Set();
      this.ready.set(priority, uids);
    }
    uids.add(uid);
    this.onReady();
  }
}
