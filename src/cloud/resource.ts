/** Desired and actual cloud resources as plain data. Each provider has its own kinds. */
export interface ResourceId {
  kind: string;
  /** Unique in its kind and cluster: `nodes-1a.demo.k8s.local`. */
  name: string;
}

/** A value that another resource has only after it exists: `{ $ref: { kind, name, output } }`. */
export interface Ref {
  $ref: ResourceId & { output: string };
}

export type Attribute = string | number | boolean | null | Ref | readonly Attribute[] | { readonly [name: string]: Attribute };
export type Attributes = Readonly<Record<string, Attribute>>;

/** As in kops: Sync is ours to change; ExistsAndValidates is shared, must exist, is never changed. */
export type Lifecycle = 'Sync' | 'Ignore' | 'ExistsAndValidates' | 'ExistsAndWarnIfChanges' | 'WarnIfInsufficientAccess';

export interface DesiredResource extends ResourceId {
  attributes: Attributes;
  lifecycle?: Lifecycle;
  /** Order without a value: beyond what Refs say. */
  dependsOn?: readonly ResourceId[];
  /** For the instance group's part of a price or a filter (`--instance-group`). */
  instanceGroup?: string;
}

export interface ActualResource extends ResourceId {
  /** The cloud's own id: `vpc-0ab1`. */
  id: string;
  /** Attributes as they are, comparable with the desired ones (same names; Refs resolved to ids). */
  attributes: Readonly<Record<string, unknown>>;
  /** What Refs to it may ask for: `id`, `arn`, `dnsName`, `ip`. */
  outputs: Readonly<Record<string, unknown>>;
  owned: boolean;
  /** Machines it has now: what scales by itself may have more than was wanted at first. */
  size?: number;
  /** Goes with the next update once no spec wants it, without `--prune`: access that was taken back must not stay open. */
  deletedWithoutPrune?: boolean;
  /** `kubernetes`: made by the cluster's own cloud controllers (a Service's load balancer). Never in a plan; goes with the cluster. */
  manager?: 'kops' | 'kubernetes';
  instanceGroup?: string;
}

export function ref(kind: string, name: string, output = 'id'): Ref {
  return { $ref: { kind, name, output } };
}

export function isRef(value: unknown): value is Ref {
  return typeof value === 'object' && value !== null && '$ref' in value;
}

/** `Kind/name`: the key in plans, graphs and messages. */
export function resourceKey(id: ResourceId): string {
  return `${id.kind}/${id.name}`;
}

/** Every Ref inside an attribute, in order. */
export function refsIn(value: Attribute | Attributes): Ref[] {
  if (isRef(value)) return [value];
  if (Array.isArray(value)) return value.flatMap((item) => refsIn(item as Attribute));
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap((item) => refsIn(item as Attribute));
  return [];
}
