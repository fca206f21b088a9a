/** A cloud's offer as data: works offline. */
export interface Catalog {
  regions: readonly string[];
  /** Zones of a region; undefined: every `region-letter` is accepted. */
  zones(region: string): readonly string[] | undefined;
  /** Undefined when the text is no zone of this cloud. */
  regionOf(zone: string): string | undefined;
  machineTypes: ReadonlyMap<string, MachineType>;
  /** Of a machine type that is not in `machineTypes`, from its name alone; undefined: no such name. Absent: there are no others. */
  architectureOf?(machineType: string): 'amd64' | 'arm64' | undefined;
  defaults: { controlPlaneMachineType: string; nodeMachineType: string; bastionMachineType: string; image(architecture: string): string };
  prices: PriceBook;
  /** The machine type nearest to this one with another architecture: `t3.medium` → `t4g.medium`. */
  counterpart?(machineType: string, architecture: 'amd64' | 'arm64'): string | undefined;
}

export interface MachineType {
  name: string;
  vcpus: number;
  memoryGib: number;
  architecture: 'amd64' | 'arm64';
}

/** USD. A price that is not known is undefined, never 0. */
export interface PriceBook {
  name: string;
  currency: 'USD';
  /** Of the prices of machines: `2026-07-20`. Other figures may be older: see `origins`. */
  date: string;
  source: string;
  hoursPerMonth: number;
  regions: readonly string[];
  /** Where each group of figures is from. */
  origins: readonly PriceOrigin[];
  /** On demand. */
  instanceHour(machineType: string, region: string): number | undefined;
  /** What a spot machine costs, as shares of the price on demand. */
  spotShare(machineType: string, region: string): { low: number; high: number } | undefined;
  /** Reserved for a year and paid at its beginning, spread over the hours. */
  reservedHour(machineType: string, region: string): number | undefined;
  volumeGbMonth(volumeType: string, region: string): number | undefined;
  /** For each IOPS of a volume; `free` without end where a volume type has none to buy. */
  volumeIopsMonth(volumeType: string, region: string): Tiers | undefined;
  /** For each MB/s of a volume. */
  volumeThroughputMonth(volumeType: string, region: string): Tiers | undefined;
  unit(item: UnitPrice, region: string): number | undefined;
  usage(item: UsagePrice, region: string): Tiers | undefined;
  /** The cloud's own Kubernetes, for comparison: a control plane by the hour, and of a version that is past its standard support. */
  managedControlPlane?: { name: string; hour: number; extendedHour: number };
}

export interface PriceOrigin {
  figures: string;
  date: string;
  source: string;
}

/** What is billed for as long as it is there. */
export type UnitPrice =
  | 'networkLoadBalancerHour'
  | 'applicationLoadBalancerHour'
  | 'classicLoadBalancerHour'
  | 'natGatewayHour'
  | 'publicIpv4Hour'
  | 'hostedZoneMonth'
  | 'encryptionKeyMonth'
  | 'metricMonth';

/** What is billed by how much it is used. */
export type UsagePrice =
  | 'loadBalancerCapacityUnitHour'
  | 'natGatewayGb'
  | 'interZoneGb'
  | 'crossRegionGb'
  | 'internetGb'
  | 'dnsQueriesMillion'
  | 'encryptionRequests10k'
  | 'objectStorageGbMonth'
  | 'objectPuts1k'
  | 'objectGets1k'
  | 'queueRequestsMillion'
  | 'snapshotGbMonth'
  | 'cpuCreditHour'
  | 'cpuCreditHourArm64';

/** A price that falls with the quantity: the first `free` cost nothing, then each tier counts up to its bound (from 0; absent: without end). */
export interface Tiers {
  free: number;
  tiers: readonly { upTo?: number; price: number }[];
}
