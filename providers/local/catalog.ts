import type { Catalog, PriceBook, Tiers } from '../../src/cloud/catalog.ts';
import { awsMachineTypes, counterpart } from '../aws/catalog.ts';

const free: Tiers = { free: 0, tiers: [{ price: 0 }] };

/** Everything here is free: it is your own machine. */
const prices: PriceBook = {
  name: 'local',
  currency: 'USD',
  date: '2026-07-20',
  source: 'your own machine',
  hoursPerMonth: 730,
  regions: ['local-1'],
  origins: [{ figures: 'everything', date: '2026-07-20', source: 'your own machine' }],
  instanceHour: () => 0,
  spotShare: () => ({ low: 1, high: 1 }),
  reservedHour: () => 0,
  volumeGbMonth: () => 0,
  volumeIopsMonth: () => free,
  volumeThroughputMonth: () => free,
  unit: () => 0,
  usage: () => free,
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
  counterpart,
};

export function regionOf(zone: string): string | undefined {
  return /^([a-z][a-z0-9-]*\d)-?[a-z]$/.exec(zone)?.[1];
}
