import type { Environment } from '../lib/environment.ts';
import type { SubnetLayout } from '../spec/provider-view.ts';
import type { Cluster, CompletedCluster, Finding, InstanceGroup } from '../spec/types.ts';
import type { Catalog, PriceBook, UsagePrice } from './catalog.ts';
import type { CloudControllers, InterruptionSettings } from './controllers.ts';
import type { InstanceContext, InstanceFacet } from './instance.ts';
import type { ActualResource, DesiredResource, Ref } from './resource.ts';

/** What a provider package exports (default export of its index). Importing it does nothing and loads no client library. */
export interface ProviderModule {
  apiVersion: 1;
  name: string;
  /** Offline and pure: regions, zones, machine types, images, prices. */
  catalog(): Promise<Catalog>;
  /** Defaults and rules that are this cloud's own; pure. */
  spec: ProviderSpec;
  /** Opens the provider for use; no cloud call yet. Close it when done. */
  open(context: ProviderContext): Promise<Provider>;
  /**
   * What `facts` would answer for a cluster that is only tried out, where answering it for good would start or reserve something. Makes no
   * file, starts no process. Absent: `facts` itself has no such effect.
   */
  proposeFacts?(clusterName: string, request: FactsRequest, context: { home: string }): Promise<Facts>;
  /** Opened on an instance, by `kops-ts nodeup`. Absent where instances are not machines of their own: they install nothing, and nothing is published for them. */
  openInstance?(context: InstanceContext): Promise<InstanceFacet>;
  /** Asks the cloud for its prices in these regions: calls, and perhaps credentials. The answer is plain data, to be kept. */
  refreshPrices?(context: ProviderContext, regions: readonly string[]): Promise<PriceFigures>;
  /** The price book with figures that `refreshPrices` gave at some time in place of the built-in ones. */
  priceBook?(figures: PriceFigures): Promise<PriceBook>;
  /** Clouds that live on this machine: called when a command starts, brings back what should run and does not. Costs next to nothing when all is well. */
  revive?(context: Environment & { home: string }): Promise<void>;
  /** Who needs which leave for a cluster, in this cloud's own form: a policy document. Pure. Absent: nobody needs any here. */
  permissions?(role: PermissionRole, request: PermissionsRequest): Promise<object | object[]>;
}

/** Prices as a cloud gave them on a day; only the provider knows the form of `figures`. */
export interface PriceFigures {
  /** `2026-07-20` */
  date: string;
  source: string;
  regions: readonly string[];
  figures: unknown;
}

/** Whoever works on the cluster, or its instances by role. */
export type PermissionRole = 'operator' | 'control-plane' | 'node';

export interface PermissionsRequest {
  clusterName: string;
  region: string;
  /** `s3://bucket/prefix`: where the operator keeps clusters. */
  stateStore: string;
  desired: readonly DesiredResource[];
  facts: Facts;
  /** As several documents, none longer than the cloud takes. */
  split?: boolean;
}

export interface ProviderContext extends Environment {
  /** Everything of ours on this machine: KOPS_TS_HOME. */
  home: string;
  /** The region to work in, from the cluster's zones. */
  region: string;
  /** Where what belongs to the cluster is kept, when it is opened for one: `s3://bucket/demo.example.com`. */
  configBase?: string;
}

export interface ProviderSpec {
  /** Fields under `spec` that this cloud acts on beside the common ones: `networkID`, `iam`. The user is warned of others. */
  actsOn?: { cluster: readonly string[]; instanceGroup: readonly string[] };
  /** How subnets get their blocks; a choice of the user, not of the provider. */
  subnetLayout?: SubnetLayout;
  /** True for zones this provider can serve; how `--zones` picks a cloud. */
  ownsZone(zone: string): boolean;
  /** What to look up before completion. Empty: no cloud call and no credentials are needed. */
  references(cluster: Cluster): FactsRequest;
  /** What the model wants to know besides when something is to be applied: images by name, the account. A preview without the cloud does without. */
  modelReferences?(completed: CompletedCluster): FactsRequest;
  /** Names that this cloud gives to the workers of a cluster, and to nobody else: roles. They decide who may join. */
  workerIdentities?(completed: CompletedCluster, facts: Facts): string[];
  /** Where this cloud announces that instances of the cluster will end, if the spec wants nodes to be drained. */
  interruptions?(completed: CompletedCluster, facts: Facts): InterruptionSettings | undefined;
  /** Provider defaults: dotted path → value, applied where the user said nothing. */
  clusterDefaults(cluster: Cluster, facts: Facts): Record<string, unknown>;
  instanceGroupDefaults(cluster: Cluster, group: InstanceGroup, facts: Facts): Record<string, unknown>;
  /** This cloud's own rules, on completed specs, offline. */
  validate(completed: CompletedCluster): Finding[];
  /** What only a cluster that is really made must have, on the spec as it is stored: errors that previews show as warnings. Offline. */
  validateApply?(cluster: Cluster): Finding[];
}

export interface FactsRequest {
  /** A block for a new cluster's network is wanted. */
  networkBlock?: { prefix: number };
  networkIds?: string[];
  subnetIds?: string[];
  images?: string[];
  /** Names or ids. */
  hostedZones?: string[];
  natGatewayIds?: string[];
  /** Public addresses that the account holds. */
  addresses?: string[];
  machineTypes?: string[];
  /** Instance profiles that the spec names. */
  instanceProfiles?: string[];
  /** Who asks. */
  account?: true;
}

/** Answers of look-ups as plain data, by what was asked for; `--facts FILE` replaces them. */
export interface Facts {
  /** A free block, reserved for this cluster name. */
  networkBlock?: string;
  networks?: Record<string, { cidrs: string[]; internetGatewayId?: string; egressOnlyInternetGatewayId?: string }>;
  subnets?: Record<string, { cidr: string; zone: string; networkId: string; routeTableId?: string }>;
  /** `rootDevice`: `/dev/xvda` */
  images?: Record<string, { id: string; architecture: string; rootDevice?: string }>;
  /** By the name or id that was asked for; a name may have a public and a private zone. */
  hostedZones?: Record<string, { id: string; name?: string; private: boolean; networkIds?: string[] }[]>;
  natGateways?: Record<string, { subnetId: string; allocationId?: string }>;
  addresses?: Record<string, { allocationId: string }>;
  /** Names of the roles in each profile. */
  instanceProfiles?: Record<string, { roles: string[] }>;
  account?: { id: string; partition: string };
  /** Zones the account has; when given, others are refused. */
  zones?: string[];
  /** Machine types beside those of the catalog, and the account's defaults by role: control-plane, node, bastion. */
  machineTypes?: Record<string, { architecture: 'amd64' | 'arm64'; vcpus: number; memoryGib: number; instanceStoreDisks?: number; gpus?: number }>;
  defaultMachineTypes?: Record<string, string>;
}

/** One cloud, opened. Every method may throw CloudError (errors.ts). */
export interface Provider {
  readonly name: string;
  facts(clusterName: string, request: FactsRequest): Promise<Facts>;
  /** Completed cluster → desired resources. Pure, stable order. */
  model(input: ModelInput): DesiredResource[];
  readonly kinds: ReadonlyMap<string, ResourceKind>;
  /** All resources of the cluster, by ownership tags: a handful of parallel calls. */
  inventory(clusterName: string, signal: AbortSignal): Promise<ActualResource[]>;
  readonly instances: InstancesFacet;
  readonly controllers: CloudControllers;
  /** Where clients reach the cluster's API once it is applied; undefined before. */
  apiEndpoint(clusterName: string): Promise<ApiEndpoint | undefined>;
  /** The cluster is not wanted, or not any more: gives back what `facts` reserved for it. Nothing of a cluster that has resources is touched. */
  forget?(clusterName: string): Promise<void>;
  /** What a Terraform configuration of this cloud has beside its resources. Absent: the cloud has no Terraform. */
  readonly terraform?: TerraformTarget;
  close(): Promise<void>;
}

export interface ApiEndpoint {
  /** `https://127.16.0.10` */
  url: string;
  /** Name in the certificate when the host is another one. */
  tlsServerName?: string;
  /** Where the cluster's own network reaches it; absent: by the API's internal name. */
  internalUrl?: string;
}

/** Whose work a kind is where several people share it: the network's, security's, the cluster's. */
export type Phase = 'network' | 'security' | 'cluster';

/** What the model needs besides the specs: documents for the nodes, made by `bootstrap`. */
export interface ModelInput {
  completed: CompletedCluster;
  /** By instance group name: the boot config. It carries the hash of the node document, so that a change rolls. Bastions have none. */
  userData: Readonly<Record<string, string>>;
  /** What instances install before they read it; absent where they run in a process that has it. */
  software?: NodeSoftware;
  /** Published for instances to fetch: path → content and who may read it. */
  documents: readonly NodeDocument[];
  /** What was looked up. */
  facts: Facts;
  /** In OpenSSH's form, as kept in the state store. */
  sshPublicKeys: readonly string[];
}

/** The packed kops-ts and the Node.js that runs it, as instances fetch them. */
export interface NodeSoftware {
  version: string;
  /** `s3://…` (read with the instance's own identity) or `https://…`: a gzipped tar file. */
  url: string;
  /** In hex, of the tar file: what a compressor makes of it may differ between machines. */
  sha256: string;
  /** Where Node.js' release folders are, when not at its own site: `https://files.example.com/dist`. */
  nodeMirror?: string;
  /** Where etcd's release folders are, when not at its own site. */
  etcdMirror?: string;
}

export interface NodeDocument {
  /** `igconfig/node/nodes-1a/nodeupconfig.yaml` */
  path: string;
  content: string;
  /** `content` is the base64 form of what is no text: the packed kops-ts. */
  base64?: boolean;
  /** Roles that may read it. */
  roles: readonly string[];
  secret: boolean;
  /** Whose document it is, where it is one group's. */
  instanceGroup?: string;
}

/** How one kind is created, changed and deleted. All methods are idempotent: a second call after an ambiguous failure adopts what is there. */
export interface ResourceKind {
  readonly kind: string;
  /** Order of display and of ties: networks before groups. */
  readonly rank: number;
  /** Absent: cluster. */
  readonly phase?: Phase;
  /** `attributes` have all Refs resolved. Resolves when the resource is usable by dependents. */
  create(resource: ResolvedResource, context: OperationContext): Promise<ActualResource>;
  update(actual: ActualResource, resource: ResolvedResource, changes: readonly string[], context: OperationContext): Promise<ActualResource>;
  /** Gone already is success. */
  delete(actual: ActualResource, context: OperationContext): Promise<void>;
  /** Whether a field of what exists is as wanted: for tags that others put on, and values with more than one spelling. Undefined: they must be equal. */
  same?(field: string, wanted: unknown, attributes: ActualResource['attributes']): boolean | undefined;
  /** What a change of these attributes means. */
  effect(changes: readonly string[]): 'update' | 'replace' | 'roll';
  /** Why what exists can never become what is wanted, nor be replaced by it: such a plan is shown and not applied. Undefined: nothing is in the way. */
  refuses?(actual: ActualResource, wanted: Readonly<Record<string, unknown>>): string | undefined;
  /** Attributes that are lists whose order means nothing: they are equal when they hold the same. */
  readonly unordered?: readonly string[];
  /** Attributes that are unset when the model does not name them: a disk of its own, a price for spot. Others that it leaves out stay as they are. */
  readonly clearable?: readonly string[];
  /** Outputs that get another value when these attributes change in place: what refers to them changes, too. */
  newOutputs?(changes: readonly string[]): readonly string[];
  /** Keys of resources that must be deleted before this one can be: computed from actual attributes and ids. */
  deleteAfter?(actual: ActualResource, all: readonly ActualResource[]): readonly ActualResource[];
  /** Priced parts of one such resource; attributes may still hold Refs. Absent or empty: free. */
  cost?(attributes: Readonly<Record<string, unknown>>, context?: CostContext): readonly PricedItem[];
  /** How it reads as Terraform. Absent: it has no place there. */
  terraform?: TerraformForm;
}

/** What the price of a resource may depend on besides its own attributes. */
export interface CostContext {
  /** The attributes of the resource that a Ref or an id stands for; undefined when it is none of the cluster's own. */
  related(reference: unknown): Readonly<Record<string, unknown>> | undefined;
  /** Machines it has now, where it exists. */
  size?: number;
}

export interface TerraformForm {
  /** `aws_vpc` */
  type: string;
  /** Name within the type: `demo-example-com`. */
  localName(resource: DesiredResource): string;
  /** Output of a Ref → Terraform's attribute: `{ id: 'id', arn: 'arn' }`. */
  outputs: Readonly<Record<string, string>>;
  /** Arguments of the block; Refs stay Refs, long texts are `{ $file: … }`. Undefined: what must not be in a Terraform state, such as keys. */
  body(resource: DesiredResource): { readonly [argument: string]: TerraformValue } | undefined;
  /** Lies in the state store, which may need a provider block of its own. */
  readonly document?: true;
}

export interface TerraformTarget {
  /** `aws` */
  provider: string;
  /** `hashicorp/aws` */
  source: string;
  /** `>= 5.0.0` */
  version: string;
  /** Of the provider block: `{ region: 'us-east-1' }`. */
  configuration: Readonly<Record<string, TerraformValue>>;
  /** What is different in the provider block for documents, where the state store is not where the cluster is: `{ region: 'eu-west-1' }`. */
  documentStore?(resources: readonly DesiredResource[]): Promise<Readonly<Record<string, TerraformValue>> | undefined>;
  /** Things that exist already and whose attributes are asked for: type → name → arguments. */
  data?(resources: readonly DesiredResource[]): Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, TerraformValue>>>>>>;
  /** What other configurations want to know of the cluster: `vpc_id`. Each is a local value too. */
  outputs(resources: readonly DesiredResource[]): Readonly<Record<string, TerraformValue>>;
}

export type TerraformValue =
  | string
  | number
  | boolean
  | null
  | Ref
  | TerraformFile
  | TerraformExpression
  | readonly TerraformValue[]
  | { readonly [argument: string]: TerraformValue };

/** As it stands inside `${…}`: `cidrsubnet(local.vpc_ipv6_cidr_block, 8, 1)`. */
export interface TerraformExpression {
  $expression: string;
}

/** What gets a file of its own below `data/`: a text, or the document with this hash. The argument wants its content, the content's base64 form, or where it lies. */
export interface TerraformFile {
  $file: { name: string; base64?: boolean; path?: boolean } & ({ content: string } | { sha256: string });
}

export interface ResolvedResource {
  kind: string;
  name: string;
  cluster: string;
  attributes: Readonly<Record<string, unknown>>;
}

export interface OperationContext {
  signal: AbortSignal;
  /** Progress within one long operation: `waiting for instance i-1`. */
  progress(message: string): void;
}

/** How many at the least, now (or when it is created), and at most. */
export interface Count {
  min: number;
  desired: number;
  max: number;
}

/** Something a price book can price, in its own words: `{ item: 'instance', machineType, count }`. */
export type PricedItem =
  | { item: 'instance'; machineType: string; purchase?: 'spot' /** USD an hour that is paid at most. */; maxPrice?: number; tenancy?: 'dedicated'; count: Count }
  /** Without a size it is that of an image, and has no price. `of`: whose volume it is, where that is not obvious: `warm pool`. */
  | { item: 'volume'; volumeType: string; sizeGb?: number; iops?: number; throughputMbps?: number; of?: string; count: Count }
  | { item: 'loadBalancer'; class: 'network' | 'application' | 'classic'; count: Count }
  | { item: 'natGateway'; count: Count }
  | { item: 'publicIpv4'; count: Count }
  | { item: 'hostedZone'; count: Count }
  /** `id`: counted once, however many resources use it. */
  | { item: 'encryptionKey'; id?: string; count: Count }
  /** Metrics of detailed monitoring. */
  | { item: 'metric'; count: Count }
  /** Billed by use: in a total only when somebody says how much. `count`: how many things are used so. */
  | { item: 'usage'; of: UsagePrice; count: Count };

export interface InstancesFacet {
  /** Groups of the cluster with their instances, including ones that are still starting. */
  groups(clusterName: string): Promise<CloudGroup[]>;
  /** The group starts a replacement. Unknown id: CloudError notFound. */
  terminate(clusterName: string, instanceId: string): Promise<void>;
  /** Leaves its group, keeps running: the surge of a rolling update. */
  detach(clusterName: string, instanceId: string): Promise<void>;
}

export interface CloudGroup {
  name: string;
  /** Name of the InstanceGroup. */
  instanceGroup: string;
  min: number;
  max: number;
  target: number;
  /** Hash or version new instances get. */
  template: string;
  /** Why it has fewer instances than it should, where the cloud knows. */
  problem?: string;
  instances: CloudInstance[];
}

export interface CloudInstance {
  id: string;
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'terminating' | 'terminated';
  machineType: string;
  zone: string;
  privateIp?: string;
  publicIp?: string;
  nodeName?: string;
  /** Template it was launched from differs from the group's: needs a roll. */
  needsUpdate: boolean;
  detached: boolean;
  launchedAt: string;
  /** Why it does not run what it should, where the cloud knows. */
  problem?: string;
}
