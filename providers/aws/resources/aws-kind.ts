import type { OperationContext, ResourceKind } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import type { AwsAttributes, AwsKindName } from '../attributes.ts';
import type { Inventory } from './inventory.ts';

/** Attributes with every Ref resolved: what `create` gets and what `list` finds. */
export type Resolved<Value> = Value extends { $ref: unknown } ? never : Value extends object ? { [Key in keyof Value]: Resolved<Value[Key]> } : Value;

export interface WantedResource<Kind extends AwsKindName> {
  kind: Kind;
  name: string;
  cluster: string;
  attributes: Resolved<AwsAttributes[Kind]>;
}

/** How one kind is found and changed through the AWS API. Every method is idempotent: after an ambiguous error, what is there is adopted. */
export interface AwsKind<Kind extends AwsKindName = AwsKindName> {
  readonly kind: Kind;
  /** All of the cluster's resources of this kind, from shared, memoized calls. Of two with one name the first is the one that is meant. */
  list(inventory: Inventory): Promise<ActualResource[]>;
  create(aws: AwsApi, resource: WantedResource<Kind>, context: OperationContext): Promise<ActualResource>;
  /** Absent: every change replaces. */
  update?(aws: AwsApi, actual: ActualResource, resource: WantedResource<Kind>, changes: readonly string[], context: OperationContext): Promise<ActualResource>;
  /** Gone already is success. */
  delete(aws: AwsApi, actual: ActualResource, context: OperationContext): Promise<void>;
  effect: ResourceKind['effect'];
  unordered?: ResourceKind['unordered'];
  clearable?: ResourceKind['clearable'];
  newOutputs?: ResourceKind['newOutputs'];
  same?: ResourceKind['same'];
  refuses?: ResourceKind['refuses'];
  deleteAfter?: ResourceKind['deleteAfter'];
}

/** What no model wants: others made it in the cluster's name, and it goes with the cluster. */
export type StrayKind = Pick<AwsKind, 'list' | 'delete' | 'deleteAfter'> & { readonly kind: string };
