import type { Environment } from '../lib/environment.ts';
import type { KubeClient, ListOptions, ResourceType } from './client.ts';
import { runReflector } from './informer-reflector.ts';
import { InformerStore } from './informer-store.ts';
import type { KubeObject } from './objects.ts';
import { objectKey } from './objects.ts';

/** Called in the order of changes, after the informer's own state has them. Objects are frozen. */
export interface InformerHandler<T extends KubeObject> {
  add?(object: T): void;
  update?(old: T, object: T): void;
  /** The last known state. */
  deleted?(object: T): void;
}

/** All objects of one resource in memory, kept up to date by one list and one watch. */
export interface Informer<T extends KubeObject = KubeObject> {
  /** Resolves when the first list is in and its handlers have run. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** By `namespace/name`, or the name of a cluster-scoped object. */
  get(key: string): T | undefined;
  /** In no order. */
  list(): readonly T[];
  readonly size: number;
  /** The same name twice is the same index: the first function stays. */
  addIndex(name: string, values: (object: T) => readonly string[]): void;
  byIndex(name: string, value: string): readonly T[];
  /** Objects that are there already are added at once. Returns a function that ends it. */
  handle(handler: InformerHandler<T>): () => void;
  stop(): void;
}

export type InformerOptions = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;

/** Starts at once. Failures are retried with back-off for ever, and logged. */
export function startInformer<T extends KubeObject>(client: KubeClient, type: ResourceType, environment: Environment, options: InformerOptions = {}): Informer<T> {
  const store = new InformerStore<T>();
  const log = environment.log.with({ informer: type.resource });
  const handlers = new Set<InformerHandler<T>>();
  const notify = (call: (handler: InformerHandler<T>) => void) => {
    for (const handler of handlers) guarded(handler, call);
  };
  const guarded = (handler: InformerHandler<T>, call: (handler: InformerHandler<T>) => void) => {
    try {
      call(handler);
    } catch (error) {
      log.error('an event handler failed', { error });
    }
  };
  const put = (object: T) => {
    const old = store.put(object);
    if (!old) notify((handler) => handler.add?.(object));
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) notify((handler) => handler.update?.(old, object));
  };
  const remove = (key: string, last?: T) => {
    const old = store.remove(key);
    if (old) notify((handler) => handler.deleted?.(last ?? old));
  };
  let hasSynced = false;
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const stop = runReflector<T>(client, type, { ...environment, log }, options, {
    replace: (objects) => {
      const present = new Set(objects.map(objectKey));
      for (const key of store.keys()) if (!present.has(key)) remove(key);
      for (const object of objects) put(object);
      hasSynced = true;
      markSynced();
    },
    put,
    remove: (object) => remove(objectKey(object), object),
  });
  return {
    synced,
    get hasSynced() {
      return hasSynced;
    },
    get: (key) => store.get(key),
    list: () => store.list(),
    get size() {
      return store.size;
    },
    addIndex: (name, values) => store.addIndex(name, values),
    byIndex: (name, value) => store.byIndex(name, value),
    handle: (handler) => {
      handlers.add(handler);
      for (const object of store.list()) guarded(handler, () => handler.add?.(object));
      return () => handlers.delete(handler);
    },
    stop,
  };
}

/** The informers of one process: each resource is listed and watched once, whoever asks for it. */
export interface SharedInformers {
  for<T extends KubeObject>(type: ResourceType): Informer<T>;
  /** Resolves when all that were asked for so far have synced. */
  synced(): Promise<void>;
  stop(): void;
}

export function sharedInformers(client: KubeClient, environment: Environment): SharedInformers {
  const informers = new Map<string, Informer>();
  return {
    for: <T extends KubeObject>(type: ResourceType) => {
      const key = `${type.group}/${type.version}/${type.resource}`;
      let informer = informers.get(key);
      if (!informer) {
        informer = startInformer(client, type, environment);
        informers.set(key, informer);
      }
      return informer as unknown as Informer<T>;
    },
    synced: async () => {
      await Promise.all([...informers.values()].map((informer) => informer.synced));
    },
    stop: () => {
      for (const informer of informers.values()) informer.stop();
    },
  };
}
