import type { Catalog, MachineType, PriceBook } from '../cloud/catalog.ts';
import type { ProviderModule } from '../cloud/provider.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import { apiVersion, clusterLabel, type InstanceGroup } from '../spec/types.ts';
import { cloudContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { priceBook } from './price-books.ts';

export interface Range {
  min?: number;
  max?: number;
}

export interface MachineWishes {
  vcpus: Range;
  memoryGib: Range;
  architecture?: 'amd64' | 'arm64';
  /** USD an hour, at most. */
  priceMax?: number;
  /** A type like this one: no fewer CPUs, no less memory, the same architecture. */
  baseMachineType?: string;
  allow?: RegExp;
  deny?: RegExp;
  maxResults: number;
}

export interface SelectedMachine extends MachineType {
  /** USD; undefined where the price book has none. */
  hourly?: number;
}

export interface MachineChoice {
  machines: SelectedMachine[];
  prices: { name: string; region: string; date: string; hoursPerMonth: number };
}

/** Where to look: a stored cluster's cloud and region, or a cloud by its name. */
export type MarketPlace = { cluster: string } | { cloud: string; region?: string };

/** Machine types that fit, cheapest first. Where machines cost nothing, what they would cost elsewhere. Offline. Throws UNKNOWN_REGION, UNKNOWN_MACHINE_TYPE. */
export async function selectMachineTypes(operator: Operator, place: MarketPlace, wishes: MachineWishes): Promise<MachineChoice> {
  const { module, catalog, region } = await market(operator, place);
  const free = [...catalog.machineTypes.keys()].every((type) => catalog.prices.instanceHour(type, region) === 0);
  const book = await priceBook(operator, free ? await operator.providers.comparison() : module);
  const priceRegion = book.regions.includes(region) ? region : (book.regions[0] ?? region);
  const machines = fitting(catalog, book, priceRegion, wishes).slice(0, wishes.maxResults);
  return { machines, prices: { name: book.name, region: priceRegion, date: book.date, hoursPerMonth: book.hoursPerMonth } };
}

async function market(operator: Operator, place: MarketPlace): Promise<{ module: ProviderModule; catalog: Catalog; region: string }> {
  if ('cluster' in place) return cloudContext(operator, (await operator.store.getCluster(place.cluster)).value);
  const module = await operator.providers.load(place.cloud);
  const catalog = await module.catalog();
  const { regions } = catalog.prices;
  const region = place.region ?? regions[0] ?? catalog.regions[0] ?? '';
  if (place.region === undefined || regions.includes(region)) return { module, catalog, region };
  const near = nearest(region, regions);
  throw new KopsError(`there are no prices of ${place.cloud} in region ${region}${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'UNKNOWN_REGION',
    exit: 'usage',
    object: region,
    expected: regions.join(', '),
  });
}

function fitting(catalog: Catalog, book: PriceBook, region: string, wishes: MachineWishes): SelectedMachine[] {
  const { allow, deny, priceMax } = wishes;
  const base = wishes.baseMachineType === undefined ? undefined : requireType(catalog, wishes.baseMachineType);
  const architecture = wishes.architecture ?? base?.architecture;
  const vcpus = atLeast(wishes.vcpus, base?.vcpus);
  const memory = atLeast(wishes.memoryGib, base?.memoryGib);
  const found = [...catalog.machineTypes.values()].filter(
    (type) =>
      within(type.vcpus, vcpus) &&
      within(type.memoryGib, memory) &&
      (architecture === undefined || type.architecture === architecture) &&
      (allow?.test(type.name) ?? true) &&
      !deny?.test(type.name),
  );
  const priced = found.map((type): SelectedMachine => {
    const hourly = book.instanceHour(type.name, region);
    return hourly === undefined ? type : { ...type, hourly };
  });
  return priced.filter(({ hourly }) => priceMax === undefined || (hourly !== undefined && hourly <= priceMax)).sort(cheapestFirst);
}

function within(value: number, { min = 0, max = Number.POSITIVE_INFINITY }: Range): boolean {
  return value >= min && value <= max;
}

function atLeast(range: Range, base: number | undefined): Range {
  return base === undefined ? range : { ...range, min: Math.max(range.min ?? 0, base) };
}

function cheapestFirst(a: SelectedMachine, b: SelectedMachine): number {
  const price = ({ hourly = Number.MAX_VALUE }: SelectedMachine) => hourly;
  return price(a) - price(b) || a.vcpus - b.vcpus || (a.name < b.name ? -1 : 1);
}

function requireType(catalog: Catalog, name: string): MachineType {
  const type = catalog.machineTypes.get(name);
  if (type) return type;
  const near = nearest(name, catalog.machineTypes.keys());
  throw new KopsError(`${name} is not a known machine type${near === undefined ? '' : `: did you mean ${near}?`}`, { code: 'UNKNOWN_MACHINE_TYPE', exit: 'usage', object: name });
}

/** An instance group that takes whichever of these types is to be had, as kops writes it. */
export function mixedInstanceGroup(
  name: string,
  machines: readonly SelectedMachine[],
  options: { cluster?: string; subnets: readonly string[]; minSize: number; maxSize: number; spot: boolean },
): InstanceGroup {
  const [first] = machines;
  if (!first)
    throw new KopsError('no machine type fits', {
      code: 'NO_MACHINE_TYPE',
      exit: 'notFound',
      object: name,
      suggestions: ['Ask for less: wider ranges, another architecture, a higher price.'],
    });
  const instances = machines.map((machine) => machine.name);
  return {
    apiVersion,
    kind: 'InstanceGroup',
    metadata: { ...(options.cluster === undefined ? {} : { labels: { [clusterLabel]: options.cluster } }), name },
    spec: {
      machineType: first.name,
      maxSize: options.maxSize,
      minSize: options.minSize,
      mixedInstancesPolicy: { instances, ...(options.spot ? { onDemandAboveBase: 0, onDemandBase: 0, spotAllocationStrategy: 'capacity-optimized' } : {}) },
      nodeLabels: { 'kops.k8s.io/instancegroup': name },
      role: 'Node',
      ...(options.subnets.length === 0 ? {} : { subnets: [...options.subnets] }),
    },
  };
}
