/** The provider SDK: what a provider package implements and may throw. */
export type { Catalog, MachineType, PriceBook, PriceOrigin, Tiers, UnitPrice, UsagePrice } from './catalog.ts';
export type { CloudControllers, FollowOptions, InstanceMetadata, Interruption, InterruptionSettings, LoadBalancerStatus } from './controllers.ts';
export { CloudError, type CloudErrorClass, isCloudError } from './errors.ts';
export type { AttachedVolume, IdentityVerifier, InstanceContext, InstanceFacet, MachineMetadata, OwnMetadata, VerifiedIdentity } from './instance.ts';
export type {
  ApiEndpoint,
  CloudGroup,
  CloudInstance,
  CostContext,
  Count,
  Facts,
  FactsRequest,
  InstancesFacet,
  ModelInput,
  NodeDocument,
  NodeSoftware,
  OperationContext,
  PricedItem,
  PriceFigures,
  Provider,
  ProviderContext,
  ProviderModule,
  ProviderSpec,
  ResolvedResource,
  ResourceKind,
  TerraformExpression,
  TerraformFile,
  TerraformForm,
  TerraformTarget,
  TerraformValue,
} from './provider.ts';
export {
  type ActualResource,
  type Attribute,
  type Attributes,
  type DesiredResource,
  isRef,
  type Lifecycle,
  type Ref,
  type ResourceId,
  ref,
  refsIn,
  resourceKey,
} from './resource.ts';
