/** Entries of `PriceList` in the form in which GetProducts of the Price List API gives them: JSON texts. */

interface Entry {
  sku: string;
  family?: string;
  service?: string;
  attributes: Record<string, string>;
  unit: string;
  usd: string;
}

export function entry({ sku, family, service = 'AmazonEC2', attributes, unit, usd }: Entry): string {
  const offer = `${sku}.JRTCKXETXF`;
  const rate = `${offer}.6YS6EN2CT7`;
  return JSON.stringify({
    product: {
      ...(family === undefined ? {} : { productFamily: family }),
      attributes: { servicecode: service, location: 'EU (Ireland)', locationType: 'AWS Region', regionCode: 'eu-west-1', ...attributes },
      sku,
    },
    serviceCode: service,
    terms: {
      OnDemand: {
        [offer]: {
          priceDimensions: { [rate]: { unit, endRange: 'Inf', description: `$${usd} per ${unit}`, appliesTo: [], rateCode: rate, beginRange: '0', pricePerUnit: { USD: usd } } },
          sku,
          effectiveDate: '2026-11-01T00:00:00Z',
          offerTermCode: 'JRTCKXETXF',
          termAttributes: {},
        },
      },
    },
    version: '20261120190338',
    publicationDate: '2026-11-20T19:03:38Z',
  });
}

const machine = (sku: string, instanceType: string, usagetype: string, usd: string, more: Record<string, string> = {}) =>
  entry({
    sku,
    family: 'Compute Instance',
    attributes: {
      instanceType,
      vcpu: '2',
      memory: '4 GiB',
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      preInstalledSw: 'NA',
      capacitystatus: 'Used',
      usagetype,
      operation: 'RunInstances',
      ...more,
    },
    unit: 'Hrs',
    usd,
  });

const disk = (sku: string, family: string, volumeApiName: string, usagetype: string, unit: string, usd: string) =>
  entry({ sku, family, attributes: { volumeApiName, usagetype, volumeType: 'General Purpose', group: 'EBS' }, unit, usd });

/** What eu-west-1 answers: two machine types, gp3 with what can be bought for it, and what lies beside those in the same list. */
export const priceList: readonly string[] = [
  machine('A1', 't3.medium', 'EU-BoxUsage:t3.medium', '0.0500000000'),
  machine('A2', 'm9i.large', 'EU-BoxUsage:m9i.large', '0.2000000000'),
  machine('A3', 't3.medium', 'EU-UnusedBox:t3.medium', '9.0000000000', { capacitystatus: 'UnusedCapacityReservation' }),
  machine('A4', 't3.medium', 'EUW1-LHR1-BoxUsage:t3.medium', '8.0000000000', { locationType: 'AWS Local Zone' }),
  disk('B1', 'Storage', 'gp3', 'EU-EBS:VolumeUsage.gp3', 'GB-Mo', '0.0900000000'),
  disk('B2', 'Storage', 'standard', 'EU-EBS:VolumeUsage', 'GB-Mo', '0.0550000000'),
  disk('B3', 'System Operation', 'gp3', 'EU-EBS:VolumeP-IOPS.gp3', 'IOPS-Mo', '0.0060000000'),
  disk('B4', 'System Operation', 'io2', 'EU-EBS:VolumeP-IOPS.io2.tier2', 'IOPS-Mo', '0.0500000000'),
  disk('B5', 'Provisioned Throughput', 'gp3', 'EU-EBS:VolumeP-Throughput.gp3', 'GiBps-mo', '46.0800000000'),
  entry({ sku: 'C1', family: 'NAT Gateway', attributes: { group: 'NGW:NatGateway', usagetype: 'EU-NatGateway-Hours', operation: 'NatGateway' }, unit: 'Hrs', usd: '0.0490000000' }),
  entry({ sku: 'C2', family: 'NAT Gateway', attributes: { group: 'NGW:NatGateway', usagetype: 'EU-NatGateway-Bytes', operation: 'NatGateway' }, unit: 'GB', usd: '0.0470000000' }),
  entry({ sku: 'C3', family: 'NAT Gateway', attributes: { usagetype: 'EU-RegionalNatGateway-Hours', operation: 'RegionalNatGateway' }, unit: 'Hrs', usd: '7.0000000000' }),
  entry({
    sku: 'D1',
    family: 'Load Balancer-Network',
    service: 'AWSELB',
    attributes: { group: 'ELB:Balancer', usagetype: 'EU-LoadBalancerUsage', operation: 'LoadBalancing:Network' },
    unit: 'Hrs',
    usd: '0.0260000000',
  }),
  entry({
    sku: 'D2',
    family: 'Load Balancer-Network',
    service: 'AWSELB',
    attributes: { group: 'ELB:Balancer', usagetype: 'EU-LCUUsage', operation: 'LoadBalancing:Network' },
    unit: 'LCU-Hrs',
    usd: '0.0063000000',
  }),
  entry({
    sku: 'D3',
    family: 'Load Balancer-Network',
    service: 'AWSELB',
    attributes: { usagetype: 'EU-TS-LoadBalancerUsage', operation: 'LoadBalancing:Network' },
    unit: 'Hrs',
    usd: '6.0000000000',
  }),
  entry({ sku: 'E1', service: 'AmazonVPC', attributes: { group: 'VPCPublicIPv4Address', usagetype: 'EU-PublicIPv4:InUseAddress' }, unit: 'Hrs', usd: '0.0060000000' }),
  entry({ sku: 'E2', service: 'AmazonVPC', attributes: { group: 'VPCPublicIPv4Address', usagetype: 'EU-PublicIPv4:IdleAddress' }, unit: 'Hrs', usd: '5.0000000000' }),
];
