/** A cloud's offer as data: works offline. */
export interface Catalog {
  regions: readonly string[];
  /** Zones of a region; undefined: every `region-letter` is accepted. */
  zones(region: string): readonly string[] | undefined;
  /** Undefined when the text is no zone of this cloud. */
  regionOf(zone: string): string | undefined;
  machineTypes: ReadonlyMap<string, MachineType>;
  defaults: { controlPlaneMachineType: string; nodeMachineType: string; bastionMachineType: string; image(architecture: string): string };
  prices: PriceBook;
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
  /** `2026-07-20` */
  date: string;
  source: string;
  hoursPerMonth: number;
  regions: readonly string[];
  instanceHour(machineType: string, region: string): number | undefined;
  volumeGbMonth(volumeType: string, region: string): number | undefined;
  /** Beyond what is free with the volume type. */
  volumeIopsMonth(volumeType: string, region: string): { free: number; perIops: number } | undefined;
  volumeThroughputMonth(volumeType: string, region: string): { freeMbps: number; perMbps: number } | undefined;
  hour(item: 'networkLoadBalancer' | 'natGateway' | 'publicIpv4', region: string): number | undefined;
  month(item: 'hostedZone', region: string): number | undefined;
}
