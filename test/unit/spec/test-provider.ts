import type { Catalog, PriceBook, Tiers } from '../../../src/cloud/catalog.ts';
import type { ProviderSpec } from '../../../src/cloud/provider.ts';
import type { CompletionContext } from '../../../src/spec/complete.ts';

export const prices: PriceBook = {
  name: 'test',
  currency: 'USD',
  date: '2026-01-01',
  source: 'made up',
  hoursPerMonth: 730,
  regions: ['us-test-1'],
  origins: [{ figures: 'everything', date: '2026-01-01', source: 'made up' }],
  instanceHour: (type) => ({ 'm3.medium': 0.1, 't2.medium': 0.05 })[type],
  spotShare: (type) => (type === 'm3.medium' ? { low: 0.3, high: 0.5 } : undefined),
  reservedHour: (type) => (type === 't2.medium' ? 0.03 : undefined),
  volumeGbMonth: (type) => (type === 'gp3' ? 0.08 : undefined),
  volumeIopsMonth: () => ({ free: 3000, tiers: [{ price: 0.005 }] }),
  volumeThroughputMonth: () => ({ free: 125, tiers: [{ price: 0.04 }] }),
  unit: (item) =>
    (({ networkLoadBalancerHour: 0.0225, natGatewayHour: 0.045, publicIpv4Hour: 0.005, hostedZoneMonth: 0.5, encryptionKeyMonth: 1, metricMonth: 0.3 }) as Record<string, number>)[
      item
    ],
  usage: (item) =>
    (({ natGatewayGb: { free: 0, tiers: [{ price: 0.045 }] }, internetGb: { free: 100, tiers: [{ upTo: 1000, price: 0.1 }, { price: 0.05 }] } }) as Record<string, Tiers>)[item],
  managedControlPlane: { name: 'TKS', hour: 0.1, extendedHour: 0.6 },
};

const arm = new Set(['m6g.xlarge', 'a1.large']);
const types = ['m3.medium', 't2.medium', 't2.micro', 't3.medium', 'c5.large', ...arm];

/** The account of kops' own test cases. */
export const catalog: Catalog = {
  regions: ['us-test-1', 'us-test-2'],
  zones: (region) => ['a', 'b', 'c'].map((letter) => `${region}${letter}`),
  regionOf: (zone) => /^(us-test-[12])[a-c]$/.exec(zone)?.[1],
  machineTypes: new Map(types.map((name) => [name, { name, vcpus: 2, memoryGib: 1, architecture: arm.has(name) ? 'arm64' : 'amd64' }])),
  defaults: {
    controlPlaneMachineType: 'm3.medium',
    nodeMachineType: 't2.medium',
    bastionMachineType: 't2.micro',
    image: (architecture) => `099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${architecture}-server-20260714`,
  },
  prices,
};

export const providerSpec: ProviderSpec = {
  ownsZone: (zone) => zone.startsWith('us-test-'),
  references: () => ({}),
  clusterDefaults: () => ({}),
  instanceGroupDefaults: () => ({}),
  validate: () => [],
};

export const context: CompletionContext = { catalog, providerSpec, facts: {} };
