import type { Change } from './history.ts';
import type { Mvcc } from './mvcc.ts';
import { CompactedError, type StoreEvent, type StoreWatch } from './store.ts';

interface Watcher {
  readonly sink: StoreWatch;
  /** Revisions below are not wanted, or were delivered already. */
  next: number;
  stopped: boolean;
}

/** Watchers of the same key range: events are chosen once for all of them. */
interface Group {
  readonly key: string;
  readonly end: string | undefined;
  readonly watchers: Set<Watcher>;
}

/**
 * Hands changes to watchers, in a microtask of its own: a callback that writes or watches never runs inside another one,
 * and every watcher sees revisions in order.
 */
export class WatchHub {
  private readonly mvcc: Mvcc;
  private readonly groups = new Map<string, Group>();
  private joining: { watcher: Watcher; group: Group }[] = [];
  /** Latest revision handed out. */
  delivered: number;
  /** Latest revision that may be handed out. */
  private published: number;
  private scheduled = false;

  constructor(mvcc: Mvcc) {
    this.mvcc = mvcc;
    this.delivered = mvcc.revision;
    this.published = mvcc.revision;
  }

  add(key: string, end: string | undefined, startRevision: number | undefined, sink: StoreWatch): { stop(): void } {
    const watcher: Watcher = { sink, next: startRevision || this.published + 1, stopped: false };
    this.joining.push({ watcher, group: { key, end, watchers: new Set() } });
    this.schedule();
    return { stop: () => this.remove(watcher, key, end) };
  }

  /** Revisions up to this one are durable now. */
  publish(revision: number): void {
    this.published = Math.max(this.published, revision);
    if (this.groups.size > 0 || this.joining.length > 0) this.schedule();
    else this.delivered = this.published;
  }

  private flush(): void {
    while (this.delivered < this.published) {
      const revision = ++this.delivered;
      const change = this.mvcc.history.at(revision);
      if (change) for (const group of this.groups.values()) deliver(group, change);
    }
    const joining = this.joining;
    this.joining = [];
    for (const { watcher, group } of joining) this.join(watcher, group);
  }

  /** Delivers what is due, then ends every watch. */
  close(error: Error): void {
    this.flush();
    const waiting = this.joining.map(({ watcher }) => watcher);
    const watchers = [...[...this.groups.values()].flatMap((group) => [...group.watchers]), ...waiting];
    this.groups.clear();
    this.joining = [];
    for (const watcher of watchers) finish(watcher, error);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  /** Replays what the watcher missed, then lets it follow. */
  private join(watcher: Watcher, template: Group): void {
    if (watcher.stopped) return;
    const { history, compactRevision, revision } = this.mvcc;
    const oldest = history.oldest?.revision ?? revision + 1;
    if (watcher.next < oldest && compactRevision > 0) {
      finish(watcher, new CompactedError(compactRevision));
      return;
    }
    const alone: Group = { ...template, watchers: new Set([watcher]) };
    for (let at = Math.max(watcher.next, oldest); at <= this.delivered; at++) {
      const change = history.at(at);
      if (change) deliver(alone, change);
    }
    if (watcher.stopped) return;
    const name = groupName(template.key, template.end);
    const group = this.groups.get(name) ?? template;
    group.watchers.add(watcher);
    this.groups.set(name, group);
  }

  private remove(watcher: Watcher, key: string, end: string | undefined): void {
    watcher.stopped = true;
    const name = groupName(key, end);
    const group = this.groups.get(name);
    group?.watchers.delete(watcher);
    if (group?.watchers.size === 0) this.groups.delete(name);
  }
}

function groupName(key: string, end: string | undefined): string {
  return end === undefined ? key : `${key}\0${end}`;
}

function deliver(group: Group, change: Change): void {
  let events: StoreEvent[] | undefined;
  for (const watcher of group.watchers) {
    if (watcher.stopped || change.revision < watcher.next) continue;
    events ??= change.events.filter((event) => inRange(event.item.key, group));
    if (events.length === 0) return;
    watcher.next = change.revision + 1;
    try {
      watcher.sink.events(events, change.revision);
    } catch (error) {
      group.watchers.delete(watcher);
      finish(watcher, error instanceof Error ? error : new Error(String(error)));
    }
  }
}

function inRange(key: string, group: Group): boolean {
  return group.end === undefined ? key === group.key : key >= group.key && key < group.end;
}

function finish(watcher: Watcher, error: Error): void {
  if (watcher.stopped) return;
  watcher.stopped = true;
  watcher.sink.end(error);
}
