import type { UnitPrice, UsagePrice } from '../../../src/cloud/catalog.ts';

/** One price of the Price List API, in the words of the price book. */
export type FoundPrice =
  | { figure: 'instanceHour' | 'volumeGbMonth' | 'volumeIopsMonth' | 'volumeThroughputMonth'; type: string; price: number }
  | { figure: 'unit'; type: UnitPrice; price: number }
  | { figure: 'usage'; type: UsagePrice; price: number };

interface Product {
  product?: { productFamily?: string; attributes?: Record<string, string> };
  terms?: { OnDemand?: Record<string, { priceDimensions?: Record<string, { unit?: string; beginRange?: string; pricePerUnit?: { USD?: string } }> }> };
}

type Reader = (usage: string, attributes: Record<string, string>, unit: string) => Omit<FoundPrice, 'price'> | undefined;

/** GB a second have 1024 MB a second each. */
const mbpsOfGibps = 1024;

const fixed: Readonly<Record<string, Pick<FoundPrice, 'figure' | 'type'>>> = {
  'NatGateway-Hours NatGateway': { figure: 'unit', type: 'natGatewayHour' },
  'NatGateway-Bytes NatGateway': { figure: 'usage', type: 'natGatewayGb' },
  'LoadBalancerUsage LoadBalancing:Network': { figure: 'unit', type: 'networkLoadBalancerHour' },
  'LCUUsage LoadBalancing:Network': { figure: 'usage', type: 'loadBalancerCapacityUnitHour' },
};

const readers: readonly Reader[] = [
  (usage, { instanceType = '' }) => (usage === `BoxUsage:${instanceType}` ? { figure: 'instanceHour', type: instanceType } : undefined),
  (usage, { volumeApiName = '' }) => (/^EBS:VolumeUsage(\.\w+)?$/.test(usage) && volumeApiName !== '' ? { figure: 'volumeGbMonth', type: volumeApiName } : undefined),
  // The price of io2 falls with the quantity; the built-in tiers stay.
  (usage, { volumeApiName = '' }) => (/^EBS:VolumeP-IOPS\.(gp3|piops)$/.test(usage) ? { figure: 'volumeIopsMonth', type: volumeApiName } : undefined),
  (usage, { volumeApiName = '' }) => (usage === 'EBS:VolumeP-Throughput.gp3' ? { figure: 'volumeThroughputMonth', type: volumeApiName } : undefined),
  (usage) => (usage === 'PublicIPv4:InUseAddress' ? { figure: 'unit', type: 'publicIpv4Hour' } : undefined),
  (usage, { operation = '' }) => fixed[`${usage} ${operation}`] as Omit<FoundPrice, 'price'> | undefined,
];

/** An entry of `PriceList` → the price it holds for the book; undefined when it is something else: another tenancy, a Local Zone, an Outpost. */
export function readProduct(text: string): FoundPrice | undefined {
  const { product, terms } = JSON.parse(text) as Product;
  const { attributes = {} } = product ?? {};
  if ((attributes.locationType ?? 'AWS Region') !== 'AWS Region') return undefined;
  // `EUC1-BoxUsage:t3.medium`; in the first region there is no prefix.
  const usage = (attributes.usagetype ?? '').replace(/^(?:[A-Z]{2,4}\d?|EU)-/, '');
  const dimensions = Object.values(terms?.OnDemand ?? {}).flatMap((term) => Object.values(term.priceDimensions ?? {}));
  const first = dimensions.find((dimension) => Number(dimension.beginRange ?? 0) === 0 && Number(dimension.pricePerUnit?.USD) > 0);
  if (!first) return undefined;
  const { unit = '', pricePerUnit } = first;
  for (const read of readers) {
    const found = read(usage, attributes, unit);
    if (found) return { ...found, price: Number(pricePerUnit?.USD) / (unit.toLowerCase() === 'gibps-mo' ? mbpsOfGibps : 1) } as FoundPrice;
  }
  return undefined;
}
