import type { Catalog, PriceBook } from '../../src/cloud/catalog.ts';
import { awsMachineTypes } from '../aws/catalog.ts';

/** Everything here is free: it is your own machine. */
const prices: PriceBook = {
  name: 'local',
  currency: 'USD',
  date: '2026-07-20',
  source: 'your own machine',
  hoursPerMonth: 730,
  regions: ['local-1'],
  instanceHour: () => 0,
  volumeGbMonth: () => 0,
  volumeIopsMonth: () => ({ free: 0, perIops: 0 }),
  volumeThroughputMonth: () => ({ freeMbps: 0, perMbps: 0 }),
  hour: () => 0,
  month: () => 0,
};

/** Any zone of the form region-letter (`local-1a`, `us-east-1a`, `us-test1-a`) and AWS' machine types, so that specs for other clouds can be rehearsed. */
export const localCatalog: Catalog = {
  regions: ['local-1'],
  zones: () => undefined,
  regionOf,
  machineTypes: awsMachineTypes,
  defaults: {
    controlPlaneMachineType: 't3.medium',
    nodeMachineType: 't3.medium',
    bastionMachineType: 't3.micro',
    image: (architecture) => `kops-ts/simulated-ubuntu-24.04-${architecture}`,
  },
  prices,
};

export function regionOf(zone: string): string | undefined {
  return /^([a-z][a-z0-9-]*\d)-?[a-z]$/.exec(zone)?.[1];
}
