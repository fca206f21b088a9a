import type { Cluster, CompletedCluster, Finding, InstanceGroup } from './types.ts';

export type SubnetLayout = 'room' | 'kops';

/** What the spec asks of a cloud's catalog; every `Catalog` of the provider SDK is one. */
export interface SpecCatalog {
  regions: readonly string[];
  /** Undefined: every `region-letter` is accepted. */
  zones(region: string): readonly string[] | undefined;
  regionOf(zone: string): string | undefined;
  machineTypes: ReadonlyMap<string, { architecture: string }>;
  architectureOf?(machineType: string): string | undefined;
  defaults: { controlPlaneMachineType: string; nodeMachineType: string; bastionMachineType: string; image(architecture: string): string };
}

/** A provider's own defaults and rules; every `ProviderSpec` of the provider SDK is one. */
export interface SpecRules {
  /** Fields under `spec` that this cloud acts on beside the common ones: `networkID`, `iam`. */
  actsOn?: { cluster: readonly string[]; instanceGroup: readonly string[] };
  /** How subnets without a block get one: with room for zones that come later (when absent), or exactly as kops does it. */
  subnetLayout?: SubnetLayout;
  clusterDefaults(cluster: Cluster, facts: object): Record<string, unknown>;
  instanceGroupDefaults(cluster: Cluster, group: InstanceGroup, facts: object): Record<string, unknown>;
  validate(completed: CompletedCluster): Finding[];
}

/** Undefined: the cloud has no machine type of this name. */
export function architectureOf(catalog: SpecCatalog, machineType: string): string | undefined {
  return catalog.machineTypes.get(machineType)?.architecture ?? catalog.architectureOf?.(machineType);
}
