import type { Catalog, PriceBook } from '../../../src/cloud/catalog.ts';
import type { ProviderSpec } from '../../../src/cloud/provider.ts';
import type { CompletionContext } from '../../../src/spec/complete.ts';

export const prices: PriceBook = {
  name: 'test',
  currency: 'USD',
  date: '2026-01-01',
  source: 'made up',
  hoursPerMonth: 730,
  regions: ['us-test-1'],
  instanceHour: (type) => ({ 'm3.medium': 0.1, 't2.medium': 0.05 })[type],
  volumeGbMonth: (type) => (type === 'gp3' ? 0.08 : undefined),
  volumeIopsMonth: () => ({ free: 3000, perIops: 0.005 }),
  volumeThroughputMonth: () => ({ freeMbps: 125, perMbps: 0.04 }),
  hour: (item) => ({ networkLoadBalancer: 0.0225, natGateway: 0.045, publicIpv4: 0.005 })[item],
  month: () => 0.5,
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
