import type { AwsAttributes, AwsKindName } from '../../../providers/aws/attributes.ts';
import { awsCosts } from '../../../providers/aws/cost/costs.ts';
import { awsPrices } from '../../../providers/aws/prices.ts';
import { ref } from '../../../src/cloud/resource.ts';
import { type Costed, type Estimate, estimateCost } from '../../../src/cost/estimate.ts';
import type { Usage } from '../../../src/cost/usage-kinds.ts';

/** As the model describes them; what no price depends on is left out. */
function resource<Kind extends AwsKindName>(kind: Kind, name: string, attributes: Partial<AwsAttributes[Kind]>, instanceGroup?: string): Costed {
  return { kind, name, attributes: { ...attributes }, ...(instanceGroup === undefined ? {} : { instanceGroup }) };
}

export interface GroupWishes {
  size?: [number, number];
  instanceType?: string;
  diskGb: number;
  publicIp?: boolean;
  template?: Partial<AwsAttributes['LaunchTemplate']>;
  group?: Partial<AwsAttributes['AutoscalingGroup']>;
}

export function groupOf(name: string, { size = [1, 1], instanceType = 't3.medium', diskGb, publicIp = false, template = {}, group = {} }: GroupWishes): Costed[] {
  const full = `${name}.demo.example.com`;
  const ebs = { volumeSize: diskGb, volumeType: 'gp3', iops: 3000, throughput: 125 };
  return [
    resource('LaunchTemplate', full, {
      instanceType,
      blockDeviceMappings: [{ deviceName: '/dev/sda1', ebs }],
      monitoring: false,
      networkInterface: { associatePublicIpAddress: publicIp, ipv6AddressCount: 0, deleteOnTermination: true, securityGroupIds: [] },
      ...template,
    }),
    resource(
      'AutoscalingGroup',
      full,
      { launchTemplate: { id: ref('LaunchTemplate', full), version: ref('LaunchTemplate', full, 'latestVersion') }, minSize: size[0], maxSize: size[1], ...group },
      name,
    ),
  ];
}

export function etcdVolumes(zones: readonly string[]): Costed[] {
  return zones.flatMap((zone) =>
    ['main', 'events'].map((etcd) => resource('EBSVolume', `${zone}.etcd-${etcd}.demo.example.com`, { volumeType: 'gp3', size: 20, iops: 3000, throughput: 125 })),
  );
}

export function balancerOf(name: string, zones: readonly string[], scheme: 'internal' | 'internet-facing' = 'internet-facing'): Costed {
  return resource('NetworkLoadBalancer', `${name}.demo.example.com`, { scheme, subnetMappings: zones.map((zone) => ({ subnetId: ref('Subnet', zone) })) });
}

export function natOf(zone: string): Costed[] {
  const name = `${zone}.demo.example.com`;
  return [resource('ElasticIP', name, { domain: 'vpc' }), resource('NatGateway', name, { allocationId: ref('ElasticIP', name), subnetId: ref('Subnet', `utility-${zone}`) })];
}

export function awsEstimate(resources: readonly Costed[], { region = 'us-east-1', usage = {} }: { region?: string; usage?: Usage } = {}): Estimate {
  const kinds = new Map(Object.entries(awsCosts).map(([kind, cost]) => [kind, { cost }]));
  return estimateCost(resources, { kinds, book: awsPrices, region, usage });
}
