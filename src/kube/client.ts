import type { KubeList, KubeObject } from './objects.ts';

/** A resource as it stands in a URL. Core group is ''. */
export interface ResourceType {
  group: string;
  version: string;
  /** Plural: `pods`. */
  resource: string;
  kind: string;
  namespaced: boolean;
}

export interface ListOptions {
  /** Undefined: all namespaces (or a cluster-scoped resource). */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
}

export interface WatchOptions extends ListOptions {
  /** Watch from just after this version; undefined: first the current objects as ADDED, then changes. */
  resourceVersion?: string;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

export interface WatchHandler<T extends KubeObject = KubeObject> {
  event(type: WatchEventType, object: T): void;
  /** The stream is over: closed by either side (no error), or failed (a StatusError; 410 Expired means: list again). Called once. */
  end(error?: Error): void;
}

export interface Watch {
  stop(): void;
}

export type PatchType = 'application/json-patch+json' | 'application/merge-patch+json' | 'application/strategic-merge-patch+json' | 'application/apply-patch+yaml';

export interface WriteOptions {
  /** `status`, `scale`, `binding`, `eviction`, `token` … */
  subresource?: string;
  fieldManager?: string;
  dryRun?: boolean;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

/**
 * The only way to talk Kubernetes. Every method throws StatusError (see status.ts) with the server's Status.
 * Objects that come back are frozen and may be shared: copy (`deepClone`) before changing.
 */
export interface KubeClient {
  get<T extends KubeObject>(type: ResourceType, namespace: string | undefined, name: string, options?: { subresource?: string }): Promise<T>;
  list<T extends KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>>;
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions, handler: WatchHandler<T>): Watch;
  /** `name` is needed for subresources (binding, eviction, token) only. */
  create<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions & { name?: string }): Promise<T>;
  /** PUT: conflicts (409) when metadata.resourceVersion is set and stale. */
  update<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    patchType: PatchType,
    options?: WriteOptions & { force?: boolean },
  ): Promise<T>;
  delete(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions): Promise<KubeObject>;
  deleteCollection(type: ResourceType, options: ListOptions & DeleteOptions): Promise<void>;
  /** GET of any path, JSON decoded: /version, /api … */
  raw(path: string): Promise<unknown>;
}
