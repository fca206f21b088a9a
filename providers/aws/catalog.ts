import type { Catalog, MachineType } from '../../src/cloud/catalog.ts';
import { architectureOf, awsPrices, priceFacts } from './prices.ts';
import { awsRegions, isMisspelt } from './regions.ts';

/** Canonical's owner id; the name of kops' stable channel for Kubernetes 1.32 and later. */
const ubuntu = (architecture: string) => `099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${architecture}-server-20260714`;

export const awsMachineTypes: ReadonlyMap<string, MachineType> = new Map(
  Object.entries(priceFacts.instances).map(([name, { vcpus, memoryGib }]) => [name, { name, vcpus, memoryGib, architecture: architectureOf(name) }]),
);

/** What a machine type looks like: `g5.xlarge`, `u-6tb1.metal`. AWS has more than the book has prices of; a mistake in the size shows here. */
const machineTypeName = /^[a-z][a-z0-9-]*\d[a-z0-9-]*\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$/;

/** Families of the same purpose and generation, or the nearest one, by architecture. */
const counterparts = {
  arm64: { t2: 't4g', t3: 't4g', t3a: 't4g', m5: 'm6g', m6i: 'm6g', m7i: 'm7g', m7a: 'm7g', c5: 'c6g', c6i: 'c6g', c7i: 'c7g', r5: 'r6g', r6i: 'r6g', r7i: 'r7g' },
  amd64: { t4g: 't3', m6g: 'm6i', m7g: 'm7i', c6g: 'c6i', c7g: 'c7i', r6g: 'r6i', r7g: 'r7i' },
} satisfies Record<'amd64' | 'arm64', Record<string, string>>;

export const awsCatalog: Catalog = {
  regions: awsRegions,
  zones: (region) => (isMisspelt(region) ? [] : undefined),
  regionOf: (zone) => /^([a-z]{2}(?:-gov)?-[a-z]+-\d)[a-z]$/.exec(zone)?.[1],
  machineTypes: awsMachineTypes,
  architectureOf: (name) => (machineTypeName.test(name) ? architectureOf(name) : undefined),
  defaults: { controlPlaneMachineType: 't3.medium', nodeMachineType: 't3.medium', bastionMachineType: 't3.micro', image: ubuntu },
  prices: awsPrices,
  counterpart,
};

/** The same size in the family that corresponds; undefined when there is none. */
export function counterpart(machineType: string, architecture: 'amd64' | 'arm64'): string | undefined {
  if (architectureOf(machineType) === architecture) return machineType;
  const [family = '', size = ''] = machineType.split('.');
  const other = (counterparts[architecture] as Record<string, string>)[family];
  const name = `${other}.${size}`;
  return awsMachineTypes.has(name) ? name : undefined;
}
