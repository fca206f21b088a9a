/** Small objects by key (`demo.k8s.local/config`), with conditional writes. Three implementations pass one contract suite. */
export interface ObjectStore {
  /** `s3://bucket/prefix`, `file:///home/me/state`, `memory://name`: for people. */
  readonly url: string;
  /** Undefined when there is none. */
  get(key: string): Promise<StoredObject | undefined>;
  /** Throws ConditionFailed when the condition does not hold: somebody else wrote first. */
  put(key: string, data: Uint8Array, condition?: WriteCondition): Promise<{ etag: string }>;
  /** Absent already is success, unless a condition is given. */
  delete(key: string, condition?: { ifMatch: string }): Promise<void>;
  /** Keys under the prefix, sorted. With `delimiter` also the next level's folders (`prefixes`, with their `/`) in place of what is below them. */
  list(prefix: string, options?: { delimiter?: '/' }): Promise<{ keys: string[]; prefixes: string[] }>;
  /** False where the server ignores conditions: then no lock is taken there. Tried once, remembered. */
  honoursConditions(): Promise<boolean>;
  close(): Promise<void>;
}

export interface StoredObject {
  data: Uint8Array;
  etag: string;
  modifiedMs: number;
  /** Who wrote it, for people: `ann@laptop pid 4711`. Only where the store keeps it, and kops-ts wrote it. */
  writer?: string;
}

/** `ifNoneMatch: '*'`: only when absent. `ifMatch`: only when it is still this version. */
export type WriteCondition = { ifNoneMatch: '*' } | { ifMatch: string };

export class ConditionFailed extends Error {
  readonly key: string;
  constructor(key: string) {
    super(`${key} was changed by somebody else`);
    this.name = 'ConditionFailed';
    this.key = key;
  }
}
