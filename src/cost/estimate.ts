import type { PriceBook } from '../cloud/catalog.ts';
import type { PricedItem, ResourceKind } from '../cloud/provider.ts';
import { isRef, resourceKey } from '../cloud/resource.ts';
import { type Amount, subtractAmounts, sumAmounts } from './amount.ts';
import { type CostComponent, describeItem, type PriceContext, priceItem } from './price-item.ts';
import type { Usage } from './usage-kinds.ts';

/** Something that may cost: a desired resource, or one that exists. */
export interface Costed {
  kind: string;
  name: string;
  instanceGroup?: string;
  /** Of what exists. */
  id?: string;
  size?: number;
  attributes: Readonly<Record<string, unknown>>;
}

export interface PricedResource {
  kind: string;
  name: string;
  instanceGroup?: string;
  /** Each item that has a price, in words: `2 × t3.medium`. */
  items: string[];
  components: CostComponent[];
  monthly: Amount;
  /** Keys of the resources whose attributes its price depends on, too. */
  dependsOn: string[];
}

export interface Estimate {
  currency: 'USD';
  prices: { name: string; region: string; date: string; source: string };
  hoursPerMonth: number;
  resources: PricedResource[];
  /** Resources that cost nothing. */
  freeCount: number;
  /** By instance group; what belongs to none is under `''`. */
  groups: ReadonlyMap<string, Amount>;
  total: Amount;
  /** The part of the total that is billed by use. */
  usage: Amount;
  /** The total with machines reserved for a year wherever that price is known; absent where none is. */
  reserved?: Amount;
  /** What the book has no price for: `InstanceGroup/nodes-1a: 1 × x9.large`. Not in the total. */
  unpriced: string[];
  notes: string[];
}

/** How each kind is billed; every provider's `kinds` is one. */
export type CostKinds = ReadonlyMap<string, Pick<ResourceKind, 'cost'>>;

export interface EstimateContext {
  kinds: CostKinds;
  book: PriceBook;
  region: string;
  usage?: Usage;
  /** What will be there besides, and nobody can know the price of. */
  unpriced?: readonly string[];
}

/** Prices everything that a plan makes, or that exists. Pure. */
export function estimateCost(resources: readonly Costed[], { kinds, book, region, usage = {}, unpriced: unknown = [] }: EstimateContext): Estimate {
  const look = lookUp(resources);
  const counted = new Set<string>();
  const priced: PricedResource[] = [];
  const unpriced: string[] = [...unknown];
  for (const resource of resources) {
    const dependsOn = new Set<string>();
    const context = { related: (reference: unknown) => look(reference, dependsOn), ...(resource.size === undefined ? {} : { size: resource.size }) };
    const items = (kinds.get(resource.kind)?.cost?.(resource.attributes, context) ?? []).filter((item) => countedOnce(item, counted));
    if (items.length === 0) continue;
    const result = priceResource(resource, items, { book, region, usage });
    priced.push({ ...result.priced, dependsOn: [...dependsOn] });
    unpriced.push(...result.unpriced);
  }
  const { name, date, source, hoursPerMonth } = book;
  const components = priced.flatMap((resource) => resource.components);
  const total = sumAmounts(priced.map((resource) => resource.monthly));
  const savings = components.flatMap(({ monthly, reserved }) => (monthly && reserved ? [subtractAmounts(monthly, reserved)] : []));
  return {
    currency: 'USD',
    prices: { name, region, date, source },
    hoursPerMonth,
    resources: priced,
    freeCount: resources.length - priced.length,
    groups: byGroup(priced),
    total,
    usage: sumAmounts(components.flatMap((component) => (component.usageBased ? (component.monthly ?? []) : []))),
    ...(savings.length > 0 ? { reserved: subtractAmounts(total, sumAmounts(savings)) } : {}),
    unpriced,
    notes: [...regionNote(book, region, unpriced), ...new Set(components.flatMap((component) => component.note ?? []))],
  };
}

/** Whether everything about these resources has a price. */
export function isComplete(resources: readonly PricedResource[]): boolean {
  return resources.every((resource) => resource.components.every((component) => !component.quantity || component.monthly));
}

/** A whole region may be missing. */
function regionNote({ name, regions }: PriceBook, region: string, unpriced: readonly string[]): string[] {
  if (unpriced.length === 0 || regions.includes(region)) return [];
  return [`the price book has no region ${region}; kops-ts prices update ${name} --region ${region} asks for its prices`];
}

/** What a change costs more (or, negative, less) a month. */
export function costDelta(before: Estimate, after: Estimate): Amount {
  return subtractAmounts(after.total, before.total);
}

function priceResource(
  { kind, name, instanceGroup }: Costed,
  items: readonly PricedItem[],
  context: PriceContext,
): { priced: Omit<PricedResource, 'dependsOn'>; unpriced: string[] } {
  const components: CostComponent[] = [];
  const words: string[] = [];
  const unpriced: string[] = [];
  for (const item of items) {
    const parts = priceItem(item, context);
    components.push(...parts);
    if (item.item !== 'usage' || parts.some((part) => part.monthly)) words.push(describeItem(item));
    for (const part of parts) {
      // What is billed by use is listed with its price as long as nobody says how much.
      if (part.quantity && !part.monthly) unpriced.push(`${kind}/${name}: ${part === parts[0] ? describeItem(item) : part.name}`);
    }
  }
  const monthly = sumAmounts(components.flatMap((component) => component.monthly ?? []));
  return { priced: { kind, name, ...(instanceGroup === undefined ? {} : { instanceGroup }), items: words, components, monthly }, unpriced };
}

/** A zone or key that many resources use is on the bill once. */
function countedOnce(item: PricedItem, counted: Set<string>): boolean {
  if (!('id' in item) || item.id === undefined) return true;
  const key = `${item.item} ${item.id}`;
  if (counted.has(key)) return false;
  counted.add(key);
  return true;
}

type LookUp = (reference: unknown, found: Set<string>) => Readonly<Record<string, unknown>> | undefined;

function lookUp(resources: readonly Costed[]): LookUp {
  const byKey = new Map(resources.map((resource) => [resourceKey(resource), resource]));
  const byId = new Map(resources.flatMap((resource) => (resource.id === undefined ? [] : [[resource.id, resource] as const])));
  return (reference, found) => {
    const resource = isRef(reference) ? byKey.get(resourceKey(reference.$ref)) : byId.get(String(reference));
    if (resource) found.add(resourceKey(resource));
    return resource?.attributes;
  };
}

function byGroup(priced: readonly PricedResource[]): ReadonlyMap<string, Amount> {
  const names = [...new Set(priced.map((resource) => resource.instanceGroup ?? ''))];
  return new Map(names.map((name) => [name, sumAmounts(priced.filter((resource) => (resource.instanceGroup ?? '') === name).map((resource) => resource.monthly))]));
}
