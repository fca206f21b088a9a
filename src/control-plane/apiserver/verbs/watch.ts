import type { KubeObject, ObjectMeta } from '../../../kube/objects.ts';
import type { ApiWatchBody, ApiWatchSink } from '../../../kube/request.ts';
import { StatusError } from '../../../kube/status.ts';
import type { Timer } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import { type ApiCore, type Call, groupVersion, type Target } from '../core.ts';
import { parseBool } from '../request-info.ts';
import type { Result } from '../result.ts';
import type { Selection } from '../storage/selection.ts';
import { encodeValue, StoredObject } from '../storage/stored-object.ts';
import { WatchEvent } from '../storage/watch-event.ts';
import { checkWatchOptions } from './list-options.ts';
import { parseVersion, select, selectionFor } from './read.ts';

/** Events a slow reader may be behind before it is told to list again. */
const maxBehind = 4096;
const bookmarkPeriodMs = 60_000;

export interface WatchParameters {
  /** Undefined: the current objects first. */
  after: number | undefined;
  bookmarks: boolean;
  /** A bookmark marks the end of the initial objects. */
  markInitialEnd: boolean;
  timeoutMs: number | undefined;
}

export async function watchObjects(call: Call): Promise<Result> {
  const { core, target, query } = call;
  const selection = selectionFor(call);
  const parameters = watchParameters(query);
  if (parameters.after === undefined) await core.storage.fresh();
  const body: ApiWatchBody = { type: 'watch', start: (sink) => new Watcher(core, target, selection, parameters, sink) };
  return { type: 'response', response: { status: 200, body } };
}

function watchParameters(query: URLSearchParams): WatchParameters {
  const version = query.get('resourceVersion');
  const initial = query.get('sendInitialEvents');
  checkWatchOptions(query);
  const fromNow = parseBool(initial) || !version || version === '0';
  const timeout = Number(query.get('timeoutSeconds') ?? 0);
  return {
    after: fromNow ? undefined : parseVersion(version),
    bookmarks: parseBool(query.get('allowWatchBookmarks')),
    markInitialEnd: parseBool(initial),
    timeoutMs: timeout > 0 ? timeout * 1000 : undefined,
  };
}

/** One reader of a resource's changes. Costs nothing between events. */
class Watcher {
  private readonly core: ApiCore;
  private readonly target: Target;
  private readonly selection: Selection;
  private readonly sink: ApiWatchSink;
  private readonly parameters: WatchParameters;
  private readonly cleanups: (() => void)[] = [];
  private bookmarkTimer: Timer | undefined;
  private queue: WatchEvent[] = [];
  private allowedBehind = maxBehind;
  private sent = 0;
  private stopped = false;
  private waitsForDrain = false;

  constructor(core: ApiCore, target: Target, selection: Selection, parameters: WatchParameters, sink: ApiWatchSink) {
    this.core = core;
    this.target = target;
    this.selection = selection;
    this.parameters = parameters;
    this.sink = sink;
    this.start();
  }

  stop(): void {
    this.stopped = true;
    this.queue = [];
    this.bookmarkTimer?.cancel();
    for (const cleanup of this.cleanups.splice(0)) cleanup();
  }

  private start(): void {
    const { core, target, parameters } = this;
    const { after } = parameters;
    const missed = after === undefined ? [] : target.cache.since(after);
    if (!missed) {
      this.end(expired(after ?? 0, core.storage.revision));
      return;
    }
    this.sent = after ?? core.storage.revision;
    this.cleanups.push(
      target.cache.listen((event) => this.changed(event)),
      core.storage.onStop(() => this.end()),
    );
    if (parameters.timeoutMs !== undefined) {
      const timer = core.clock.setTimer(parameters.timeoutMs, () => this.end(), { background: true });
      this.cleanups.push(() => timer.cancel());
    }
    if (parameters.bookmarks) this.bookmarkLater();
    if (after === undefined) this.queueInitial();
    for (const event of missed) this.changed(event);
    this.flush();
  }

  private queueInitial(): void {
    for (const stored of select(this.target, this.selection)) this.queue.push(new WatchEvent('ADDED', stored));
    if (this.parameters.markInitialEnd) this.queue.push(this.bookmark({ 'k8s.io/initial-events-end': 'true' }));
    this.allowedBehind += this.queue.length;
  }

  private changed(event: WatchEvent): void {
    const seen = this.seenAs(event);
    if (!seen) return;
    this.queue.push(seen);
    if (this.queue.length > this.allowedBehind) this.end(expired(this.sent, this.core.storage.revision));
    else this.flush();
  }

  /** How this reader's selection sees a change; undefined: not at all. */
  private seenAs(event: WatchEvent): WatchEvent | undefined {
    const { prefix, matches, name } = this.selection;
    const { stored, previous } = event;
    // A reader may ask for what comes after a version that has not happened yet.
    if (stored.revision <= (this.parameters.after ?? 0)) return undefined;
    if (!stored.key.startsWith(prefix) || (name !== undefined && stored.object.metadata.name !== name)) return undefined;
    if (!matches) return event;
    const before = previous !== undefined && matches(previous);
    if (event.type === 'DELETED') return before ? event : undefined;
    const now = matches(stored);
    if (now) return before || event.type === 'ADDED' ? event : event.asAdded();
    return before ? event.asDeleted() : undefined;
  }

  private flush(): void {
    let index = 0;
    while (!this.stopped && index < this.queue.length && this.sink.ready) {
      const event = this.queue[index++] as WatchEvent;
      this.sent = Math.max(this.sent, event.stored.revision);
      this.deliver(event);
    }
    if (this.stopped) return;
    this.queue = index === this.queue.length ? [] : this.queue.slice(index);
    if (this.queue.length > 0 && !this.waitsForDrain) this.waitForDrain();
  }

  /** A reader that throws ends its own watch, never the delivery to others. */
  private deliver(event: WatchEvent): void {
    try {
      this.sink.event(event.type, event.stored.object, event.encoded);
    } catch (error) {
      this.core.log.error('a watcher failed', { resource: this.target.resource.resource, error });
      this.end(new StatusError('InternalError', `Internal error occurred: the watcher failed: ${messageOf(error)}`));
    }
  }

  private waitForDrain(): void {
    this.waitsForDrain = true;
    this.sink.onReady?.(() => {
      this.waitsForDrain = false;
      this.flush();
    });
  }

  private bookmarkLater(): void {
    const send = () => {
      if (this.queue.length === 0 && this.sink.ready && this.sent < this.core.storage.revision) {
        this.queue.push(this.bookmark());
        this.flush();
      }
      if (!this.stopped) this.bookmarkLater();
    };
    this.bookmarkTimer = this.core.clock.setTimer(bookmarkPeriodMs, send, { background: true });
  }

  private bookmark(annotations?: Record<string, string>): WatchEvent {
    return bookmarkEvent(this.target, this.core.storage.revision, annotations);
  }

  private end(error?: StatusError): void {
    if (this.stopped) return;
    this.stop();
    this.sink.end(error?.status as KubeObject | undefined);
  }
}

/** Carries nothing but how far the reader has come. */
function bookmarkEvent({ resource }: Target, revision: number, annotations?: Record<string, string>): WatchEvent {
  const metadata = { creationTimestamp: null, ...(annotations && { annotations }) } as unknown as ObjectMeta;
  const object = { apiVersion: groupVersion(resource), kind: resource.kind, metadata };
  return new WatchEvent('BOOKMARK', new StoredObject('', object, encodeValue(object), revision));
}

function expired(asked: number, revision: number): StatusError {
  return new StatusError('Expired', `too old resource version: ${asked} (${revision})`);
}
