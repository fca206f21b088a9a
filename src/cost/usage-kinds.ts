import type { UsagePrice } from '../cloud/catalog.ts';

/** Quantities of a month, as `--usage` gives them. `each`: of every one; the others are the whole cluster's. */
export const usageQuantities = {
  loadBalancerCapacityUnits: 'capacity units of each load balancer, on average',
  natGatewayGb: 'GB through each NAT gateway',
  interZoneGb: 'GB between zones',
  crossRegionGb: 'GB to other regions',
  internetGb: 'GB to the internet',
  dnsQueries: 'queries to each hosted zone',
  encryptionRequests: 'requests to each encryption key',
  objectStorageGb: 'GB in the object store',
  objectPuts: 'writes to the object store',
  objectGets: 'reads from the object store',
  queueRequests: 'requests to each queue',
  snapshotGb: 'GB of volume snapshots',
  cpuCreditHours: 'hours of a CPU beyond the baseline, of each machine that has one',
} as const;

export type UsageQuantity = keyof typeof usageQuantities;
export type Usage = Readonly<Partial<Record<UsageQuantity, number>>>;

interface UsageKind {
  quantity: UsageQuantity;
  label: string;
  /** What the price is for. */
  unit: string;
  /** Units billed for one of the quantity; of `hour`s, the hours of a month. */
  units: number | 'hours';
}

export const usageKinds: Readonly<Record<UsagePrice, UsageKind>> = {
  loadBalancerCapacityUnitHour: { quantity: 'loadBalancerCapacityUnits', label: 'load balancer capacity', unit: 'LCU-hours', units: 'hours' },
  natGatewayGb: { quantity: 'natGatewayGb', label: 'traffic through NAT gateways', unit: 'GB', units: 1 },
  // A GB that crosses zones is billed where it leaves and where it arrives.
  interZoneGb: { quantity: 'interZoneGb', label: 'traffic between zones, each way', unit: 'GB', units: 2 },
  crossRegionGb: { quantity: 'crossRegionGb', label: 'traffic to other regions', unit: 'GB', units: 1 },
  internetGb: { quantity: 'internetGb', label: 'traffic to the internet', unit: 'GB', units: 1 },
  dnsQueriesMillion: { quantity: 'dnsQueries', label: 'DNS queries', unit: '1M queries', units: 1e-6 },
  encryptionRequests10k: { quantity: 'encryptionRequests', label: 'encryption requests', unit: '10k requests', units: 1e-4 },
  objectStorageGbMonth: { quantity: 'objectStorageGb', label: 'object storage', unit: 'GB', units: 1 },
  objectPuts1k: { quantity: 'objectPuts', label: 'object writes', unit: '1k requests', units: 1e-3 },
  objectGets1k: { quantity: 'objectGets', label: 'object reads', unit: '1k requests', units: 1e-3 },
  queueRequestsMillion: { quantity: 'queueRequests', label: 'queue requests', unit: '1M requests', units: 1e-6 },
  snapshotGbMonth: { quantity: 'snapshotGb', label: 'volume snapshots', unit: 'GB', units: 1 },
  cpuCreditHour: { quantity: 'cpuCreditHours', label: 'CPU credits', unit: 'vCPU-hours', units: 1 },
  cpuCreditHourArm64: { quantity: 'cpuCreditHours', label: 'CPU credits (arm64)', unit: 'vCPU-hours', units: 1 },
};
