import type { Catalog, MachineType } from '../../src/cloud/catalog.ts';
import { awsPrices, priceFacts } from './prices.ts';

/** Canonical's owner id; the name of kops' stable channel for Kubernetes 1.32 and later. */
const ubuntu = (architecture: string) => `099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${architecture}-server-20260714`;

export const awsMachineTypes: ReadonlyMap<string, MachineType> = new Map(
  Object.entries(priceFacts.instances).map(([name, { vcpus, memoryGib }]) => [name, { name, vcpus, memoryGib, architecture: architectureOf(name) }]),
);

export const awsCatalog: Catalog = {
  regions: priceFacts.regions,
  zones: () => undefined,
  regionOf: (zone) => /^([a-z]{2}(?:-gov)?-[a-z]+-\d)[a-z]$/.exec(zone)?.[1],
  machineTypes: awsMachineTypes,
  defaults: { controlPlaneMachineType: 't3.medium', nodeMachineType: 't3.medium', bastionMachineType: 't3.micro', image: ubuntu },
  prices: awsPrices,
};

/** Graviton families carry a `g` after their generation: t4g, m7gd, c8gn. */
function architectureOf(machineType: string): 'amd64' | 'arm64' {
  return /^[a-z]+\d+g/.test(machineType) ? 'arm64' : 'amd64';
}
