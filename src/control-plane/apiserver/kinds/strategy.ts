import type { KubeObject } from '../../../kube/objects.ts';
import type { UserInfo } from '../../../kube/request.ts';
import type { StatusCause } from '../../../kube/status.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Random } from '../../../lib/random.ts';
import type { IpAllocator, PortAllocator } from './allocators.ts';

export type FieldError = Required<StatusCause>;

export interface KindContext {
  user: UserInfo;
  clock: Clock;
  random: Random;
  allocators: { clusterIp: IpAllocator; nodePort: PortAllocator };
  /** `status`, `scale` … when the write goes to a subresource. */
  subresource?: string;
}

/** What is particular to a kind. Every method that takes an object may change it: it is the caller's private copy. Errors are Kubernetes' own field errors. */
export interface KindStrategy {
  /** The stored object has a status that only the `status` subresource changes. */
  hasStatus: boolean;
  /** Decodes as Kubernetes' Go types do (unknown fields and nulls go, quantities become canonical), then sets the defaults of the API version. */
  default(object: KubeObject): void;
  /** Clears what a client may not set and sets the first status. */
  prepareForCreate(object: KubeObject, context: KindContext): void;
  /** Takes from `old` what this write may not change; counts the generation. */
  prepareForUpdate(object: KubeObject, old: KubeObject, context: KindContext): void;
  validate(object: KubeObject): FieldError[];
  /** Includes `validate`. */
  validateUpdate(object: KubeObject, old: KubeObject): FieldError[];
  /** Reserves addresses and ports before the write, and writes them into the object. */
  allocate?(object: KubeObject, old: KubeObject | undefined, context: KindContext): void;
  /** After the write, done or not: ends what `allocate` reserved. What is stored holds what it has by itself. */
  release?(object: KubeObject, old: KubeObject | undefined, context: KindContext): void;
  /** What no other object may have at the same time, whichever API server writes it: names within the kind of claim, `nodeports/30001`. */
  claims?(object: KubeObject): string[];
  /** Present when deletion is graceful: seconds the object stays with a deletionTimestamp; 0 = gone at once. */
  graceSeconds?(object: KubeObject, requested: number | undefined): number;
  warnings(object: KubeObject): string[];
  /** Values of the field labels in the API tables, and metadata.name / metadata.namespace. */
  selectableFields(object: KubeObject): Record<string, string>;
}
